import type { RelatedPerson } from "@medplum/fhirtypes";
import { contactEntries, distinct } from "./contact-index.ts";
import type { Declaration, Entry } from "./declaration.ts";
import type { CountryCode } from "./normalise.ts";

export const relatedPerson = {
  type: "RelatedPerson",
  home: ["patient"],
  links: ["patient"],
  index: (
    { telecom }: RelatedPerson,
    country?: CountryCode,
  ): readonly Entry[] => distinct(contactEntries(telecom, country), 32),
} as const satisfies Declaration<RelatedPerson>;
