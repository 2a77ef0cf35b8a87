import type { KnownType } from "../declaration.ts";
import { loaders } from "../definitions/loaders.generated.ts";
import type { TypeTable } from "./table.ts";

const tables = new Map<KnownType, TypeTable>();

/** Loads what search knows of the types; afterwards their parameters may be asked for. */
export const loadTables = async (types: Iterable<KnownType>): Promise<void> => {
  const missing = [...new Set(types)].filter((type) => !tables.has(type));
  await Promise.all(
    missing.map(async (type) => {
      const { search } = await loaders[type]();
      tables.set(type, search);
    }),
  );
};

export const tableOf = (type: KnownType): TypeTable => {
  const table = tables.get(type);
  if (!table) throw new Error(`the search table of ${type} is not loaded`);
  return table;
};
