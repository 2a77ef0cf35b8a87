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

/** From what a duty counts: what belongs to care, or whatever was done with the record. */
type Since = "last-care" | "last-activity";

/** Until when the law wants the records of one person kept: of each record that is not erased, the duty that ends last. */
export const retentionDuties = async (
  { table, vault }: Pick<Store, "table" | "vault">,
  set: readonly string[],
  {
    country,
    since = "last-care",
  }: { readonly country: string; readonly since?: Since },
): Promise<readonly RetentionDuty[]> => {
  const opener = createOpener({ table, vault });
  const last = (
    await Promise.all(set.map((patient) => lastOf({ table }, patient, since)))
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
          last,
          { country },
        ),
      ),
  );
  return duties.filter((duty) => duty !== undefined);
};

/** When something was last written, or deleted: no deletion ends a duty. */
const lastOf = async (
  { table }: Pick<Store, "table">,
  patient: string,
  since: Since,
): Promise<string | undefined> =>
  (await allOf(table, { pk: compartment(patient), prefix: "A#" }))
    .flatMap((item) => {
      const type = item.sk.split("#")[1] ?? "";
      const { updated } = asResource(item);
      return since === "last-activity" || (isKnown(type) && careTypes.has(type))
        ? [updated]
        : [];
    })
    .toSorted()
    .at(-1);
