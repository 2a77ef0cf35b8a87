import type { Appointment } from "@medplum/fhirtypes";
import { claimsHeld, removeAll } from "./erasure-sweep.ts";
import { asResource } from "./items.ts";
import { addressOf, compartment, currentOf } from "./keys.ts";
import { createOpener } from "./opener.ts";
import { allOf } from "./overlay.ts";
import type { Store } from "./store.ts";

/**
 * Frees the rows of time that a patient's appointments hold, also past ones, whose rows nobody frees otherwise. Before the
 * key goes: only the body of an appointment without practitioner and room names the schedule whose time it holds.
 */
export const freeClaims = async (
  store: Pick<Store, "table" | "vault" | "newId">,
  patient: string,
): Promise<void> => {
  const { table } = store;
  const opener = createOpener(store);
  await opener.know([patient]);
  const items = await allOf(table, {
    pk: compartment(patient),
    prefix: currentOf("Appointment"),
  });
  for (const item of items.map(asResource)) {
    const address = addressOf("Appointment", item.id);
    if (address === undefined || item.body === undefined) continue;
    if (opener.isErased(address)) return;
    const appointment = JSON.parse(
      await opener.open(address, item),
    ) as Appointment;
    const { start: from, end: until } = appointment;
    if (from === undefined || until === undefined) continue;
    const held = await Promise.all(
      holdersOf(appointment).map((actor) =>
        claimsHeld(store, `Appointment/${item.id}`, { actor, from, until }),
      ),
    );
    await removeAll(store, held.flat());
  }
};

const holdersOf = ({
  participant,
  slot = [],
}: Appointment): readonly string[] => [
  ...new Set([
    ...participant.flatMap(
      ({ actor }) =>
        /^(?:Practitioner|Location)\/[^/]+/.exec(actor?.reference ?? "")?.[0] ??
        [],
    ),
    // A slot's id begins with its schedule's.
    ...slot.flatMap(({ reference = "" }) => {
      const schedule = /^Slot\/(.{26})/.exec(reference)?.[1];
      return schedule === undefined ? [] : `Schedule/${schedule}`;
    }),
  ]),
];
