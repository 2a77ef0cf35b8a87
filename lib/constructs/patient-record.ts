import type { IKey } from "aws-cdk-lib/aws-kms";
import type { ServiceFunction } from "./service-function.ts";
import type { Access, Table } from "./table.ts";

/** The patients' record: two tables, and the key that protects the keys. */
export interface PatientRecord {
  readonly records: Table;
  readonly keys: Table;
  readonly dataKey: IKey;
}

/** Opens the record to a function. Whoever reads also writes: each read leaves a fact. `keys` says whether it may seal new patients. */
export const openRecord = (
  { records, keys, dataKey }: PatientRecord,
  { to, keys: access }: { readonly to: ServiceFunction; readonly keys: Access },
): ServiceFunction =>
  to.use(records, "write").use(keys, access).unseal(dataKey);
