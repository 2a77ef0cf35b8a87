import type { Patient } from "@medplum/fhirtypes";
import { Fault } from "../core/fault.ts";
import { asItem, asMerge, type MergeItem } from "./items.ts";
import { mergeOf } from "./keys.ts";
import { localReference } from "./records.ts";
import type { Table, Write } from "./table.ts";

/**
 * Which records are of one person. A patient's `replaced-by` link is the truth; these items, written with it, are its
 * index, so that a compartment is opened together with those merged into it. Nothing is moved.
 */
export interface Merges {
  /** Reads those not yet known. */
  look(patients: readonly string[]): Promise<void>;
  /** What a caller read along with something else. */
  know(patient: string, item: MergeItem | undefined): void;
  isKnown(patient: string): boolean;
  /** Every record of the same person, the surviving one first. */
  samePerson(patient: string): Promise<readonly string[]>;
  /** The version of the patient with which it was merged; undefined when it is not. */
  mergedAt(patient: string): Promise<number | undefined>;
  /** Keeps the index in step with a patient that is written. Throws 422 for a circle. */
  settle(
    id: string,
    version: number,
    before: Patient | undefined,
    after: Patient,
  ): Promise<void>;
  writes(commit: string): readonly Write[];
}

/** As many as one transaction erases. */
const mostRecords = 32;

export const createMerges = (table: Pick<Table, "get">): Merges => {
  const items = new Map<string, MergeItem | undefined>();
  const changed = new Map<string, MergeItem>();

  const look: Merges["look"] = async (patients) => {
    const missing = [...new Set(patients)].filter((id) => !items.has(id));
    if (missing.length === 0) return;
    const found = await table.get(
      missing.map((id) => ({ table: "records", ...mergeOf(id) })),
    );
    const byKey = new Map(found.map((item) => [item.pk, asMerge(item)]));
    for (const id of missing) items.set(id, byKey.get(mergeOf(id).pk));
  };

  const itemOf = async (id: string): Promise<MergeItem | undefined> => {
    await look([id]);
    return changed.get(id) ?? items.get(id);
  };

  const survivorOf = async (patient: string): Promise<string> => {
    const seen = new Set<string>();
    let current = patient;
    for (;;) {
      const into = (await itemOf(current))?.into;
      if (into === undefined || seen.has(into)) return current;
      seen.add(current);
      current = into;
    }
  };

  const write = async (
    id: string,
    change: {
      readonly into?: string | undefined;
      readonly at?: number | undefined;
      readonly parts?: readonly string[];
    },
  ): Promise<void> => {
    const { into, at, parts, ...rest } = {
      ...((await itemOf(id)) ?? { ...mergeOf(id), v: 0 }),
      ...change,
    };
    changed.set(id, {
      ...rest,
      ...(into !== undefined && { into }),
      ...(at !== undefined && { at }),
      ...(parts !== undefined && parts.length > 0 && { parts }),
    });
  };

  const samePerson: Merges["samePerson"] = async (patient) => {
    const set = [await survivorOf(patient)];
    for (let next = 0; next < set.length; next += 1) {
      await look(set.slice(next));
      const parts = (await itemOf(set[next] ?? ""))?.parts ?? [];
      set.push(...parts.filter((id) => !set.includes(id)));
    }
    return set;
  };

  return {
    look,
    know: (patient, item) => {
      if (!items.has(patient)) items.set(patient, item);
    },
    isKnown: (patient) => items.has(patient),
    samePerson,
    mergedAt: async (patient) => (await itemOf(patient))?.at,
    settle: async (id, version, before, after) => {
      const [old, next] = [replacedBy(before), replacedBy(after)];
      if (old === next) return;
      if (old !== undefined) {
        const parts = (await itemOf(old))?.parts ?? [];
        await write(old, { parts: parts.filter((part) => part !== id) });
      }
      if (next === undefined) {
        await write(id, { into: undefined, at: undefined });
        return;
      }
      const [members, others] = [await samePerson(id), await samePerson(next)];
      if (next === id || (await survivorOf(next)) === id)
        throw new Fault(
          "CircularMerge",
          422,
          "The patient that is to survive was merged into this one.",
          { expression: ["Patient.link"] },
        );
      if (members.length + others.length > mostRecords)
        throw new Fault(
          "TooManyRecords",
          422,
          `One person's merged records are at most ${String(mostRecords)}.`,
          { code: "too-costly", expression: ["Patient.link"] },
        );
      await write(id, { into: next, at: version });
      // Items read at different moments may say so already; the commit then fails, and the work is run again.
      const parts = (await itemOf(next))?.parts ?? [];
      await write(next, { parts: [...new Set([...parts, id])] });
    },
    writes: (commit) =>
      [...changed].map(([id, item]) => {
        const before = items.get(id);
        return {
          put: { ...asItem(item), v: item.v + 1, commit },
          guard: before === undefined ? "absent" : { version: before.v },
        };
      }),
  };
};

/** The record of this server that took a patient's place. */
export const replacedBy = (
  patient: Patient | undefined,
): string | undefined => {
  const link = patient?.link?.find(({ type }) => type === "replaced-by");
  const reference = localReference(link?.other);
  return reference?.startsWith("Patient/") === true
    ? reference.slice("Patient/".length)
    : undefined;
};
