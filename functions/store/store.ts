import type { Ulid } from "../core/ids.ts";
import type { Decide } from "../core/permission.ts";
import type { CountryCode } from "../resources/normalise.ts";
import type { KeyItem } from "./items.ts";
import type { Table } from "./table.ts";
import type { Vault } from "./vault.ts";

/** What the record is built on. */
export interface Store {
  readonly table: Table;
  readonly vault: Vault;
  readonly now: () => Date;
  readonly newId: () => Ulid;
  /** Identifier systems of which a value belongs to one resource only. */
  readonly unique: ReadonlySet<string>;
  /** Phone numbers without a country code are read as dialled here. */
  readonly country: CountryCode;
  /** Asks the policies. */
  readonly decide: Decide;
  /** The organization's time zone, in whose days a Consent's period counts. */
  readonly zone: string;
  /** States whose law on minors applies, such as `CA`. */
  readonly states: readonly string[];
  /** Patients' key items seen lately; every commit checks again that the key still stands. */
  readonly keyItems: Map<string, KeyItem>;
}
