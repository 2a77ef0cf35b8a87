import type { Ulid } from "../core/ids.ts";
import { asItem } from "./items.ts";
import { compartment, patientKeyPlace } from "./keys.ts";
import { replacedBy } from "./merges.ts";
import { unknownPatient, type Cell, type Overlay } from "./overlay.ts";
import type { Write } from "./table.ts";

/** The patients of whom this commit changes what their Consents say of reading, or which records are one person's. */
export const ruling = async (
  cells: readonly Cell[],
): Promise<ReadonlySet<string>> => {
  const patients = new Set<string>();
  for (const { address, before, change } of cells) {
    if (address.patient === undefined) continue;
    const versions = [before?.resource, change?.after];
    if (address.type === "Consent") {
      const { speaksOfReads } = await import("../core/consent.ts");
      if (
        versions.some(
          (one) => one?.resourceType === "Consent" && speaksOfReads(one),
        )
      )
        patients.add(address.patient);
    }
    if (address.type === "Patient") {
      const [old, next] = versions.map((one) =>
        one?.resourceType === "Patient" ? replacedBy(one) : undefined,
      );
      // A mark stays when they part again; then each is read with the own Consents only.
      if (next !== undefined && old !== next)
        patients.add(address.patient).add(next);
    }
  }
  return patients;
};

export const newKeys = (
  { newKeys: keys }: Overlay,
  rules: ReadonlySet<string>,
  commit: Ulid,
): readonly Write[] =>
  keys.map((key) => ({
    put: asItem(
      rules.has(key.pk.slice(compartment("").length))
        ? { ...key, rules: commit }
        : key,
    ),
    table: "keys",
    guard: "absent",
  }));

/** No write slips into a compartment whose key is being shredded; new rules of reading are announced beside the key. */
export const keyChecks = (
  patients: readonly string[],
  { newKeys: made }: Overlay,
  rules: ReadonlySet<string>,
  commit: Ulid,
): readonly Write[] => {
  const created = new Set(made.map(({ pk }) => pk));
  return [...new Set([...patients, ...rules])].flatMap(
    (patient): readonly Write[] => {
      if (created.has(compartment(patient))) return [];
      const { table, pk, sk } = patientKeyPlace(patient);
      if (rules.has(patient))
        return [
          {
            mark: { pk, sk },
            table,
            attribute: "rules",
            value: commit,
            guard: "live",
            otherwise: unknownPatient,
          } as const,
        ];
      return [
        {
          check: { pk, sk },
          table,
          guard: "live",
          otherwise: unknownPatient,
        } as const,
      ];
    },
  );
};
