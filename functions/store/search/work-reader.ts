import type { Address } from "../keys.ts";
import type { Kept, Stored } from "../records.ts";
import type { OpenWork } from "../work.ts";
import { isErased } from "../erased.ts";
import type { Read, Reader } from "./reader.ts";

/** Reads what a unit of work sees: what it changed, and what it read before. */
export const workReader = (work: OpenWork): Reader => {
  const load = async (
    addresses: readonly Address[],
  ): Promise<readonly Read[]> => {
    try {
      return asReads(await work.load(addresses, "search"));
    } catch (error) {
      if (!isErased(error) || addresses.length === 0) throw error;
      return loadEach(addresses);
    }
  };
  const loadEach = async (
    addresses: readonly Address[],
  ): Promise<readonly Read[]> => {
    const reads: Read[] = [];
    for (const address of addresses)
      try {
        reads.push(...asReads(await work.load([address], "search")));
      } catch (error) {
        if (!isErased(error)) throw error;
      }
    return reads;
  };
  const { permit, permitted, samePerson } = work;
  return {
    permit,
    permitted,
    samePerson,
    load,
    stretch: async function* ({ pk, type }) {
      try {
        yield asReads(await work.current(pk, type));
      } catch (error) {
        if (!isErased(error)) throw error;
      }
    },
    listed: (pk, prefix) => work.listed(pk, prefix),
  };
};

const asReads = (
  resources: readonly (Stored<Kept> | undefined)[],
): readonly Read[] =>
  resources.flatMap((resource) =>
    resource === undefined ? [] : [{ resource, size: 0, text: undefined }],
  );
