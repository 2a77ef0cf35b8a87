import type { Patient } from "@medplum/fhirtypes";
import {
  usQuietHours,
  type QuietHoursRule,
} from "../../packs/quiet-hours/us.ts";
import type { Week } from "./contact-hours.ts";
import { currentAddresses } from "./zone.ts";

export type MessagePurpose = "treatment" | "marketing";

const packs = [usQuietHours];

/** The legal contact hours for this patient; a patient without a country is taken to live in the first pack's. */
export const legalHours = (
  patient: Patient,
  purpose: MessagePurpose,
  on: string,
): readonly { readonly rule: string; readonly week: Week }[] => {
  const { country = "US", state } = currentAddresses(patient)[0] ?? {};
  return packs
    .filter(
      (pack) =>
        pack.country === country &&
        pack.effective.from <= on &&
        (pack.effective.until === undefined || on <= pack.effective.until),
    )
    .flatMap(({ rules }) => rules)
    .filter(
      ({ purposes, states }) =>
        purposes.includes(purpose) &&
        (states === undefined ||
          (state !== undefined && states.includes(state))),
    )
    .map((rule) => ({ rule: rule.name, week: weekOf(rule) }));
};

const weekOf =
  ({ weekdays, saturday, sunday }: QuietHoursRule): Week =>
  (weekday) =>
    weekday === 7 ? sunday : weekday === 6 ? saturday : weekdays;
