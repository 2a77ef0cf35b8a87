import {
  asKey,
  asResource,
  nameOf,
  type KeyItem,
  type ResourceItem,
} from "./items.ts";
import { patientKeyPlace, type Address } from "./keys.ts";
import type { Store } from "./store.ts";

/** Opens bodies without a unit of work: many, as text, each once. */
export interface Opener {
  /** Reads the keys of patients that are not known yet. */
  know(patients: readonly string[]): Promise<void>;
  /** Undefined for a patient that never was; `know` comes before. */
  keyOf(patient: string): KeyItem | undefined;
  /** Whether nothing at this address opens any more, its patient being erased. */
  isErased(address: Pick<Address, "patient">): boolean;
  /** The items at the addresses, in their order, without those that are not there; 100 cost one BatchGetItem, keys included. */
  find(
    addresses: readonly Address[],
  ): Promise<
    readonly { readonly address: Address; readonly item: ResourceItem }[]
  >;
  /** Throws Gone (410) when the patient was erased. */
  open(address: Address, item: ResourceItem): Promise<string>;
}

const batchSize = 100;

export const createOpener = ({
  table,
  vault,
}: Pick<Store, "table" | "vault">): Opener => {
  const keys = new Map<string, KeyItem | undefined>();

  const read = async (
    addresses: readonly Address[],
    patients: readonly string[],
  ): Promise<readonly ResourceItem[]> => {
    const places = [
      ...patients.map(patientKeyPlace),
      ...addresses.map(({ pk, sk }) => ({ table: "records", pk, sk }) as const),
    ];
    const batches = Array.from(
      { length: Math.ceil(places.length / batchSize) },
      (_, index) => places.slice(index * batchSize, (index + 1) * batchSize),
    );
    const found = (await Promise.all(batches.map(table.get))).flat();
    const ofPlace = new Map(
      found.flatMap((item) =>
        item.table === "keys" ? [[item.pk, asKey(item)] as const] : [],
      ),
    );
    for (const patient of patients)
      keys.set(patient, ofPlace.get(patientKeyPlace(patient).pk));
    return found.filter((item) => item.table === "records").map(asResource);
  };

  const unknown = (patients: readonly string[]): readonly string[] =>
    [...new Set(patients)].filter((patient) => !keys.has(patient));

  return {
    know: async (patients) => {
      const missing = unknown(patients);
      if (missing.length > 0) await read([], missing);
    },
    keyOf: (patient) => keys.get(patient),
    isErased: ({ patient }) =>
      patient !== undefined && keys.get(patient)?.wrapped === undefined,
    find: async (addresses) => {
      if (addresses.length === 0) return [];
      const items = new Map(
        (
          await read(
            addresses,
            unknown(addresses.flatMap(({ patient }) => patient ?? [])),
          )
        ).map((item) => [nameOf(item), item]),
      );
      return addresses.flatMap((address) => {
        const item = items.get(nameOf(address));
        return item === undefined ? [] : [{ address, item }];
      });
    },
    open: ({ type, id, patient }, { body, key, v: version }) => {
      if (body === undefined || key === undefined)
        throw new Error("an item of the record has no body");
      return vault.open(
        { reference: `${type}/${id}`, version },
        { body, key },
        patient === undefined ? undefined : keys.get(patient),
      );
    },
  };
};
