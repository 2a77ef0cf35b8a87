import type { Resource } from "@medplum/fhirtypes";
import { rangeOf, type Range } from "../resources/dates.ts";

/**
 * Elements that say when care took place or was planned, the most telling first. When something was recorded or changed
 * is no care date, and an allergy has none: it holds at any time.
 */
const elements = [
  "period",
  "servicePeriod",
  "effectivePeriod",
  "effectiveDateTime",
  "effectiveInstant",
  "performedPeriod",
  "performedDateTime",
  "occurrencePeriod",
  "occurrenceDateTime",
  "occurredPeriod",
  "occurredDateTime",
  "servicedPeriod",
  "servicedDate",
  "billablePeriod",
  "executionPeriod",
  "identifiedPeriod",
  "identifiedDateTime",
  "sent",
  "received",
  "authoredOn",
  "authored",
  "dateTime",
  "date",
  "created",
] as const;

/** Whether a resource concerns care within the time asked for, `to` excluded; one without a care date always does. */
export const isWithinCare = (resource: Resource, asked: Range): boolean => {
  const time = careTime(resource);
  return time === undefined || (time.from < asked.to && asked.from < time.to);
};

const careTime = (resource: Resource): Range | undefined => {
  switch (resource.resourceType) {
    case "Patient":
    case "AllergyIntolerance":
      return undefined;
    case "Appointment": {
      const { start, end, requestedPeriod } = resource;
      return stretch({ start, end }) ?? stretch(requestedPeriod?.[0]);
    }
    case "Condition":
      return stretch({
        start: resource.onsetDateTime ?? resource.onsetPeriod?.start,
        end: resource.abatementDateTime ?? resource.abatementPeriod?.end,
      });
    case "DocumentReference":
      return stretch(resource.context?.period) ?? moment(resource.date);
    case "Goal":
      return stretch({ start: resource.startDate });
    default: {
      const values = resource as unknown as Readonly<Record<string, unknown>>;
      for (const name of elements) {
        const value = values[name];
        const time =
          typeof value === "string" ? moment(value) : stretch(value ?? {});
        if (time !== undefined) return time;
      }
      return undefined;
    }
  }
};

const moment = (text: string | undefined): Range | undefined =>
  text === undefined ? undefined : rangeOf(text);

/** A period without an end goes on, one without a start always was; neither is none. */
const stretch = (
  period: { readonly start?: unknown; readonly end?: unknown } | undefined,
): Range | undefined => {
  const from = textual(period?.start);
  const to = textual(period?.end);
  return from === undefined && to === undefined
    ? undefined
    : { from: from?.from ?? -Infinity, to: to?.to ?? Infinity };
};

const textual = (value: unknown): Range | undefined =>
  typeof value === "string" ? rangeOf(value) : undefined;
