import * as z from "zod";
import type { ExportJob } from "../core/export-job.ts";
import { declarations } from "../resources/all.ts";
import type { KnownType } from "../resources/declaration.ts";
import {
  currentOf,
  directories,
  directory,
  exportPart,
  indexKey,
} from "./keys.ts";
import type { Item, Table } from "./table.ts";

/** Where an export finds what it holds. */
export type Source =
  /** One shard of the list of all patients. */
  | { readonly kind: "patients"; readonly pk: string }
  /** Patients asked for by name, as the job keeps them. */
  | { readonly kind: "listed"; readonly number: number }
  | {
      readonly kind: "directory";
      readonly pk: string;
      readonly type: KnownType;
    }
  /** Slots lie with their schedules. */
  | { readonly kind: "schedules"; readonly pk: string };

/** A patient or a schedule to be opened, or a resource of the directory as it lies there. */
export type Entry = {
  /** Where the source goes on behind it. */
  readonly after: string;
} & (
  | { readonly kind: "patient" | "schedule"; readonly id: string }
  | { readonly kind: "resource"; readonly item: Item }
);

export interface Page {
  readonly entries: readonly Entry[];
  readonly after?: string;
}

const shards = 16;
/** A patient and the patient's key are read together, 100 items at once. */
const patientsAtOnce = 50;
const schedulesAtOnce = 25;
const resourcesAtOnce = 200;

/** The sources of a job, always the same and in the same order. */
export const exportSources = (
  indexVersion: number,
  { types, lists, level, transactionTime }: ExportJob,
): readonly Source[] => {
  const ofPatients = types.filter(
    (type) =>
      declarations[type].home === "self" ||
      Array.isArray(declarations[type].home),
  );
  const inDirectory = types.filter(
    (type) =>
      declarations[type].home === "directory" ||
      (level === "system" && declarations[type].homeOptional === true),
  );
  const patients: readonly Source[] =
    lists === undefined
      ? Array.from({ length: shards }, (_, number) => ({
          kind: "patients",
          pk: indexKey(indexVersion, "Patient", "all", String(number)),
        }))
      : Array.from({ length: lists }, (_, number) => ({
          kind: "listed",
          number,
        }));
  return [
    ...(ofPatients.length > 0 ? patients : []),
    ...inDirectory.flatMap((type) =>
      directories(type, transactionTime).map((pk): Source => ({
        kind: "directory",
        pk,
        type,
      })),
    ),
    ...(types.includes("Slot")
      ? [{ kind: "schedules", pk: directory("Schedule") } as const]
      : []),
  ];
};

export const pageOf = async (
  table: Table,
  job: ExportJob,
  source: Source,
  after: string | undefined,
): Promise<Page> => {
  if (source.kind === "listed")
    return listedPage(table, job, source.number, Number(after ?? 0));
  const { items, after: next } = await table.query({
    pk: source.pk,
    ...rangeOf(source),
    ...(after !== undefined && { after }),
  });
  return {
    entries: items.map((item): Entry => {
      if (source.kind === "directory")
        return { kind: "resource", item, after: item.sk };
      return {
        kind: source.kind === "patients" ? "patient" : "schedule",
        id: item.sk.slice(item.sk.lastIndexOf("#") + 1),
        after: item.sk,
      };
    }),
    ...(next !== undefined && { after: next }),
  };
};

const rangeOf = (
  source: Exclude<Source, { kind: "listed" }>,
): { readonly prefix?: string; readonly limit: number } => {
  switch (source.kind) {
    case "patients":
      return { limit: patientsAtOnce };
    case "schedules":
      return { prefix: currentOf("Schedule"), limit: schedulesAtOnce };
    case "directory":
      return { prefix: currentOf(source.type), limit: resourcesAtOnce };
  }
};

const Listed = z.object({ patients: z.array(z.string()) });

const listedPage = async (
  table: Table,
  { id }: ExportJob,
  number: number,
  from: number,
): Promise<Page> => {
  const [item] = await table.get([
    { table: "records", ...exportPart(id, "PATIENTS", number) },
  ]);
  const { patients } = Listed.parse(item);
  const to = from + patientsAtOnce;
  return {
    entries: patients.slice(from, to).map((patient, index) => ({
      kind: "patient",
      id: patient,
      after: String(from + index + 1),
    })),
    ...(to < patients.length && { after: String(to) }),
  };
};
