import type { Resource } from "@medplum/fhirtypes";
import type { Context } from "../core/caller.ts";
import { Fault } from "../core/fault.ts";
import {
  isWrittenBefore,
  noCounts,
  type Counts,
  type ImportJob,
} from "../core/import-job.ts";
import { problemAt, refused, type Foreign } from "../core/import-line.ts";
import { referencesIn, referring } from "../core/import-references.ts";
import { content, isBroughtBy, taken } from "../core/import-resource.ts";
import { declarations } from "../resources/all.ts";
import type { KnownType } from "../resources/declaration.ts";
import { validate } from "../resources/validate.ts";
import type { Deps } from "../runtime/dependencies.ts";
import { nameless } from "../resources/nameless.ts";
import { equal } from "../store/equal.ts";
import { homeFor } from "../store/new-id.ts";
import type { ImportNames } from "../store/import-names.ts";
import { addressOf } from "../store/keys.ts";
import type { Kept, Stored } from "../store/records.ts";
import { atLine } from "./import-reserving.ts";
import {
  demandReferences,
  judged,
  namedIn,
  readingsOf,
} from "./import-reading.ts";
import type { Line } from "./import-lines.ts";

/** What became of some lines. */
export interface Written {
  /** By type. */
  readonly counts: Readonly<Record<string, Counts>>;
  readonly problems: readonly string[];
  /** `Type/id` of what this import has created or updated. */
  readonly changed: readonly string[];
}

type Outcome = "created" | "updated" | "unchanged";
type Resources = ReadonlyMap<string, Stored<Kept>>;

/** Lines that are written at the same time. */
const width = 10;

/** Writes the resources of some lines in the name of the job's caller, each in a transaction of its own. Lines that were written before are found as they were left. */
export const writeLines = async (
  { records, names }: Pick<Deps, "records"> & { readonly names: ImportNames },
  job: ImportJob,
  number: number,
  lines: readonly Line[],
): Promise<Written> => {
  const file = job.files[number];
  if (file === undefined) throw new Error("a step reads no file");
  const context: Context = {
    by: job.by,
    purpose: job.purpose,
    requestId: job.id,
    operation: "import",
  };
  const readings = readingsOf(lines, file);
  const foreign = readings.flatMap((reading) =>
    "foreign" in reading ? [reading.foreign] : [],
  );
  const own = await names.look(foreign.map(nameOf));
  const known = await names.resolve(
    foreign.flatMap((resource) =>
      namedIn(referencesIn(resource, resource.resourceType), job.base).map(
        ({ name }) => name,
      ),
    ),
    (type) => isWrittenBefore(type, file.type),
  );
  const present = await names.present(
    [...own.values()].map(({ id }) => `${file.type}/${id}`),
  );

  const write = async (
    resource: Kept & { id: string },
    before: Stored<Kept> | undefined,
  ): Promise<Outcome> => {
    if (before === undefined) {
      await records.change(context, (work) =>
        work.create(resource, { reserved: resource.id }),
      );
      return "created";
    }
    const home = addressOf(file.type, resource.id)?.patient;
    if (equal(content(before), content(nameless(resource, home)))) {
      if (!isBroughtBy(before, job.id)) return "unchanged";
      return before.meta.versionId === "1" ? "created" : "updated";
    }
    await records.change(context, (work) => work.update(resource));
    return "updated";
  };

  const settle = async (
    resource: Foreign,
    line: number,
  ): Promise<{ readonly outcome: Outcome; readonly reference: string }> => {
    const name = nameOf(resource);
    const found = own.get(name);
    const isFirst = found?.at === atLine(number, line);
    if (!isFirst) await demandValid(judged(resource, job.base), file.type);
    if (!isFirst && found?.at !== undefined) throw second();
    demandReferences(resource, known, job.base);
    const resolved = translated(resource, known, job.base);
    if (!isFirst) throw without(resolved, file.type);
    const reference = `${file.type}/${found.id}`;
    const ours = taken(resolved, {
      id: found.id,
      name,
      source: job.source,
      job: job.id,
    });
    try {
      return { reference, outcome: await write(ours, present.get(reference)) };
    } catch (error) {
      if (!isLostRace(error)) throw error;
      const now: Resources = await names.present([reference]);
      return { reference, outcome: await write(ours, now.get(reference)) };
    }
  };

  const counts = { ...noCounts, read: readings.length };
  const problems: string[] = [];
  const changed: string[] = [];
  for (let from = 0; from < readings.length; from += width) {
    const some = readings.slice(from, from + width);
    const settled = await Promise.all(
      some.map(async (reading) => {
        try {
          if ("fault" in reading) throw reading.fault;
          return await settle(reading.foreign, reading.number);
        } catch (error) {
          if (error instanceof Fault && isOfTheLine(error)) return error;
          throw error;
        }
      }),
    );
    for (const [index, result] of settled.entries()) {
      const line = some[index]?.number ?? 0;
      if (result instanceof Fault) {
        counts.refused += 1;
        const problem = problemAt({ file: file.name, line }, result.issues);
        problems.push(JSON.stringify(problem));
      } else {
        counts[result.outcome] += 1;
        if (result.outcome !== "unchanged") changed.push(result.reference);
      }
    }
  }
  return { counts: { [file.type]: counts }, problems, changed };
};

const nameOf = ({ resourceType, id }: Foreign): string =>
  `${resourceType}/${id}`;

const translated = (
  resource: Foreign,
  known: ReadonlyMap<string, string>,
  base: string | undefined,
): Kept =>
  referring(
    resource,
    new Map(
      namedIn(referencesIn(resource, ""), base).flatMap(({ text, name }) => {
        const answer = known.get(name);
        return answer === undefined ? [] : [[text, answer] as const];
      }),
    ),
  ) as Resource as Kept;

/** Throws 422 with all that is wrong with it. */
const demandValid = async (
  resource: unknown,
  type: KnownType,
): Promise<void> => {
  const issues = await validate(resource, declarations[type]);
  if (issues.some(({ severity }) => severity === "error"))
    throw new Fault("InvalidResource", 422, `The ${type} is not valid.`, {
      issues,
    });
};

const second = (): Fault =>
  refused(
    "duplicate",
    "Another line of this import has the same type and id.",
    "id",
  );

/** Why a valid resource whose references lead somewhere got no id. */
const without = (resource: Resource, type: KnownType): Fault => {
  try {
    homeFor(resource, declarations[type], "");
  } catch (error) {
    if (error instanceof Fault) return error;
    throw error;
  }
  return refused("invalid", `The place of this ${type} is not known.`, type);
};

const isLostRace = (error: unknown): boolean =>
  error instanceof Fault && error.name === "Conflict";

/** What a line cannot help is tried again with the whole slice. */
const isOfTheLine = ({ status }: Fault): boolean =>
  status !== 429 && status !== 503;
