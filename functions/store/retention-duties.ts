import type { Appointment, Patient } from "@medplum/fhirtypes";
import {
  careTypes,
  retentionDuty,
  type RetentionDuty,
} from "../core/retention.ts";
import { isKnown } from "../resources/all.ts";
import { asResource } from "./items.ts";
import { addressOf, compartment, currentOf } from "./keys.ts";
import { createOpener, type Opener } from "./opener.ts";
import { allOf } from "./overlay.ts";
import type { Store } from "./store.ts";

/** From what a duty counts: what belongs to care, or whatever was done with the record. */
type Since = "last-care" | "last-activity";

/** Until when the law wants the records of one person kept: of each record that is not erased, the duty that ends last. */
export const retentionDuties = async (
  { table, vault, states }: Pick<Store, "table" | "vault" | "states">,
  set: readonly string[],
  {
    country,
    since = "last-care",
  }: { readonly country: string; readonly since?: Since },
): Promise<readonly RetentionDuty[]> => {
  const opener = createOpener({ table, vault });
  const last = (
    await Promise.all(
      set.map((patient) => lastOf({ table, opener }, patient, since)),
    )
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
          { country, states },
        ),
      ),
  );
  return duties.filter((duty) => duty !== undefined);
};

/** When something was last written, or deleted: no deletion ends a duty. */
const lastOf = async (
  { table, opener }: Pick<Store, "table"> & { readonly opener: Opener },
  patient: string,
  since: Since,
): Promise<string | undefined> => {
  const items = await allOf(table, {
    pk: compartment(patient),
    prefix: "A#",
  });
  const last = items
    .filter(({ sk }) => {
      const type = sk.split("#")[1] ?? "";
      return (
        since === "last-activity" || (isKnown(type) && careTypes.has(type))
      );
    })
    .map((item) => asResource(item).updated)
    .toSorted()
    .at(-1);
  if (since === "last-activity") return last;
  await opener.know([patient]);
  const visits = await Promise.all(
    items
      .filter(({ sk }) => sk.startsWith(currentOf("Appointment")))
      .map(asResource)
      .filter(({ updated }) => last === undefined || updated > last)
      .map(async (item) => {
        const address = addressOf("Appointment", item.id);
        if (address === undefined || item.body === undefined) return undefined;
        if (opener.isErased(address)) return undefined;
        const { status } = JSON.parse(
          await opener.open(address, item),
        ) as Appointment;
        return attended.includes(status) ? item.updated : undefined;
      }),
  );
  return [last, ...visits]
    .filter((instant) => instant !== undefined)
    .toSorted()
    .at(-1);
};

/** Who came was cared for, whatever was documented of it. */
const attended: readonly Appointment["status"][] = [
  "arrived",
  "checked-in",
  "fulfilled",
];
