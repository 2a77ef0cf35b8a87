import type { Patient } from "@medplum/fhirtypes";
import {
  careTypes,
  retentionDuty,
  type RetentionDuty,
} from "../core/retention.ts";
import { isKnown } from "../resources/all.ts";
import { asResource } from "./items.ts";
import { addressOf, compartment } from "./keys.ts";
import { createOpener } from "./opener.ts";
import { allOf } from "./overlay.ts";
import type { Store } from "./store.ts";

/** Until when the law wants the records of one person kept: of each record that is not erased, the duty that ends last. */
export const retentionDuties = async (
  { table, vault }: Pick<Store, "table" | "vault">,
  set: readonly string[],
  country: string,
): Promise<readonly RetentionDuty[]> => {
  const opener = createOpener({ table, vault });
  const lastCare = (
    await Promise.all(set.map((patient) => lastCareOf({ table }, patient)))
  )
    .filter((instant) => instant !== undefined)
    .toSorted()
    .at(-1);
  const found = await opener.find(
    set.flatMap((patient) => addressOf("Patient", patient) ?? []),
  );
  const duties = await Promise.all(
    found
      .filter(({ address, item }) => !opener.isErased(address) && item.body)
      .map(async ({ address, item }) =>
        retentionDuty(
          JSON.parse(await opener.open(address, item)) as Patient,
          lastCare,
          { country },
        ),
      ),
  );
  return duties.filter((duty) => duty !== undefined);
};

/** When something that belongs to care was last written, or deleted: no deletion ends a duty. */
const lastCareOf = async (
  { table }: Pick<Store, "table">,
  patient: string,
): Promise<string | undefined> =>
  (await allOf(table, { pk: compartment(patient), prefix: "A#" }))
    .flatMap((item) => {
      const type = item.sk.split("#")[1] ?? "";
      const { updated } = asResource(item);
      return isKnown(type) && careTypes.has(type) ? [updated] : [];
    })
    .toSorted()
    .at(-1);
