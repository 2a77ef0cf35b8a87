import type { Resource } from "@medplum/fhirtypes";
import type { ImportJob } from "../core/import-job.ts";
import type { Foreign } from "../core/import-line.ts";
import { referencesIn, referring } from "../core/import-references.ts";
import { declarations } from "../resources/all.ts";
import { validate } from "../resources/validate.ts";
import type { ImportNames } from "../store/import-names.ts";
import { judged, namedIn, readingsOf } from "./import-reading.ts";
import type { Line } from "./import-lines.ts";

/** Gives ids to the resources of some lines, so that others can refer to them before they are written; what cannot be valid gets none. */
export const reserveLines = async (
  names: ImportNames,
  { files, base }: ImportJob,
  number: number,
  lines: readonly Line[],
): Promise<void> => {
  const file = files[number];
  if (file === undefined) throw new Error("a step reads no file");
  const declaration = declarations[file.type];
  const valid: { readonly at: string; readonly foreign: Foreign }[] = [];
  for (const reading of readingsOf(lines, file)) {
    if ("fault" in reading) continue;
    const issues = await validate(judged(reading.foreign, base), declaration);
    if (issues.every(({ severity }) => severity !== "error"))
      valid.push({
        at: atLine(number, reading.number),
        foreign: reading.foreign,
      });
  }
  const homes = elementsOf(declaration.home);
  const named = valid.map(({ foreign }) =>
    namedIn(
      referencesIn(
        Object.fromEntries(
          Object.entries(foreign).filter(([element]) => homes.has(element)),
        ),
        foreign.resourceType,
      ),
      base,
    ),
  );
  const known = await names.resolve(
    named.flat().map(({ name }) => name),
    () => false,
  );
  await names.reserve(
    valid.map(({ at, foreign }, index) => ({
      at,
      name: `${foreign.resourceType}/${foreign.id}`,
      resource: referring(
        foreign,
        new Map(
          (named[index] ?? []).map(({ text, name }) => [
            text,
            known.get(name) ?? text,
          ]),
        ),
      ) as Resource,
    })),
  );
};

export const atLine = (file: number, line: number): string =>
  `${String(file)}:${String(line)}`;

const elementsOf = (
  home: (typeof declarations)[keyof typeof declarations]["home"],
): ReadonlySet<string> =>
  typeof home === "string"
    ? new Set(home === "schedule" ? ["schedule"] : [])
    : new Set(home.map((path) => path.split(".")[0] ?? ""));
