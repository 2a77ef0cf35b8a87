import type { HealthcareService, Location } from "@medplum/fhirtypes";
import {
  directionsExtension,
  parkingExtension,
} from "../../functions/core/message.ts";
import { zoneExtension } from "../../functions/core/zone.ts";

/** The element that names where it is in time. */
export const inZone = (valueCode: string) => ({
  url: zoneExtension,
  valueCode,
});

interface Place {
  readonly name: string;
  readonly zone: string;
  readonly directions: string;
  readonly parking: string;
  readonly street: string;
  readonly city: string;
  readonly state: string;
  readonly postalCode: string;
  readonly phone: string;
}

/** Three sites, of which one keeps no daylight saving time. */
export const places = [
  {
    name: "Riverside Clinic",
    zone: "America/New_York",
    directions:
      "Bus 14 to Riverside Park; the entrance is on Mill Lane, second floor, elevator on the left.",
    parking:
      "Garage on Mill Lane, first two hours free; bring your ticket to the front desk.",
    street: "12 Mill Lane",
    city: "Riverside",
    state: "NY",
    postalCode: "10999",
    phone: "+12125550110",
  },
  {
    name: "Lakeview Clinic",
    zone: "America/Chicago",
    directions:
      "Green Line to Lakeview; two blocks east along Harbor Street, the door beside the pharmacy.",
    parking:
      "Free spaces behind the building; accessible spaces at the main door.",
    street: "480 Harbor Street",
    city: "Lakeview",
    state: "IL",
    postalCode: "60999",
    phone: "+13125550110",
  },
  {
    name: "Mesa Clinic",
    zone: "America/Phoenix",
    directions:
      "Exit 9 of the loop road, then right; the low building with the blue roof.",
    parking: "Large free lot with shade on the north side.",
    street: "7 Ocotillo Road",
    city: "Mesa Verde",
    state: "AZ",
    postalCode: "85999",
    phone: "+16025550110",
  },
] as const satisfies readonly Place[];

export const location = ({
  name,
  zone: code,
  directions,
  parking,
  street,
  city,
  state,
  postalCode,
  phone,
}: Place): Location => ({
  resourceType: "Location",
  status: "active",
  mode: "instance",
  name,
  extension: [
    inZone(code),
    { url: directionsExtension, valueString: directions },
    { url: parkingExtension, valueString: parking },
  ],
  description: `Our site in ${city}, ${state}`,
  telecom: [{ system: "phone", value: phone, use: "work" }],
  address: {
    use: "work",
    line: [street],
    city,
    state,
    postalCode,
    country: "US",
    extension: [inZone(code)],
  },
});

interface Offer {
  readonly name: string;
  readonly code: string;
  readonly preparation: string;
}

/** What the clinic offers; codes of HL7's service-type list. */
export const offers = [
  {
    name: "Check-up",
    code: "124",
    preparation:
      "Bring your insurance card, a photo ID and a list of the medicines you take.",
  },
  {
    name: "Blood test",
    code: "388",
    preparation:
      "Eat nothing for eight hours before the test; water is fine. Take your medicines as usual.",
  },
  {
    name: "Vaccination",
    code: "57",
    preparation:
      "Wear a shirt with loose sleeves and bring your vaccination record if you have one.",
  },
] as const satisfies readonly Offer[];

export const service = (
  { name, code, preparation }: Offer,
  locations: readonly string[],
): HealthcareService => ({
  resourceType: "HealthcareService",
  active: true,
  name,
  type: [serviceType({ name, code })],
  location: locations.map((reference) => ({ reference })),
  extraDetails: preparation,
});

export const serviceType = ({ name, code }: Pick<Offer, "name" | "code">) => ({
  coding: [
    {
      system: "http://terminology.hl7.org/CodeSystem/service-type",
      code,
      display: name,
    },
  ],
  text: name,
});
