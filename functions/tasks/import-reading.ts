import { Fault } from "../core/fault.ts";
import type { ImportFile } from "../core/import-job.ts";
import { foreignIn, refused, type Foreign } from "../core/import-line.ts";
import {
  meaningOf,
  referencesIn,
  referring,
  type ForeignReference,
} from "../core/import-references.ts";
import { parseJson } from "../runtime/json.ts";
import { longestLine, textOf, type Line } from "./import-lines.ts";

/** What a line turned out to be. */
export type Reading =
  | { readonly number: number; readonly foreign: Foreign }
  | { readonly number: number; readonly fault: Fault };

/** Empty lines are none. */
export const readingsOf = (
  lines: readonly Line[],
  { type }: ImportFile,
): readonly Reading[] =>
  lines.flatMap((line): readonly Reading[] => {
    const { number } = line;
    try {
      const text = lineOf(line);
      return text === ""
        ? []
        : [{ number, foreign: foreignIn(parsed(text), type) }];
    } catch (error) {
      if (!(error instanceof Fault)) throw error;
      return [{ number, fault: error }];
    }
  });

const lineOf = (line: Line): string => {
  if (line.bytes === undefined)
    throw refused(
      "too-long",
      `A line may take ${String(longestLine / 1024 / 1024)} MB.`,
    );
  const text = textOf(line);
  if (text === undefined)
    throw refused("structure", "The line is not valid UTF-8.");
  return text;
};

const parsed = (text: string): unknown => {
  try {
    return parseJson(text);
  } catch (error) {
    if (!(error instanceof Fault)) throw error;
    throw refused("structure", error.message.replace("The body", "The line"));
  }
};

/** References of a resource that name something of its source, with that name. */
export const namedIn = (
  references: readonly ForeignReference[],
  base: string | undefined,
): readonly { readonly text: string; readonly name: string }[] =>
  references.flatMap(({ text }) => {
    const meaning = meaningOf(text, base);
    return meaning.kind === "named" ? [{ text, name: meaning.name }] : [];
  });

/** The resource as validation can judge it: conditional references are none of R4's forms, but of bundles'. */
export const judged = (foreign: Foreign, base: string | undefined): unknown =>
  referring(
    foreign,
    new Map(
      namedIn(referencesIn(foreign, ""), base).flatMap(({ text, name }) =>
        name.includes("?") ? [[text, name.replace(/\?.*/u, "/0")]] : [],
      ),
    ),
  );

/** Throws 422 naming each element whose reference leads nowhere. */
export const demandReferences = (
  foreign: Foreign,
  known: ReadonlyMap<string, string>,
  base: string | undefined,
): void => {
  const issues = referencesIn(foreign, foreign.resourceType).flatMap(
    ({ text, place }) => {
      const meaning = meaningOf(text, base);
      if (
        meaning.kind === "kept" ||
        (meaning.kind === "named" && known.has(meaning.name))
      )
        return [];
      return [
        {
          severity: "error" as const,
          code: "not-found" as const,
          details: {
            text:
              meaning.kind === "unknown"
                ? `The reference ${meaning.why}.`
                : "The reference leads to nothing in this import, of its source or in the record.",
          },
          expression: [place],
        },
      ];
    },
  );
  if (issues.length > 0)
    throw new Fault("UnresolvedReference", 422, "A reference leads nowhere.", {
      issues: issues.slice(0, 50),
    });
};
