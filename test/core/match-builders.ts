import type { Patient } from "@medplum/fhirtypes";
import fc from "fast-check";
import { matchTerms } from "../../functions/core/match-identity.ts";

export const mrn = "https://sojourn.example/mrn";
export const member = "https://payer.example/member";
export const ssn = "http://hl7.org/fhir/sid/us-ssn";

export const terms = matchTerms({
  phone: "+12128675309",
  uniqueIdentifiers: [mrn],
});

/** Somebody about whom everything is known but what is given as an empty list. */
export const aPerson = (given: Partial<Patient> = {}): Patient =>
  Object.fromEntries(
    Object.entries({ ...known, ...given }).filter(
      ([, value]) => !Array.isArray(value) || value.length > 0,
    ),
  ) as unknown as Patient;

const known: Patient = {
  resourceType: "Patient",
  name: [{ family: "Castellanos", given: ["Marisol", "Elena"] }],
  birthDate: "1980-02-11",
  gender: "female",
  telecom: [
    { system: "phone", value: "(303) 867-5309", use: "mobile" },
    { system: "email", value: "marisol.castellanos@mailbox.example" },
  ],
  address: [
    {
      line: ["12 North Main Street", "Apt 4"],
      city: "Denver",
      postalCode: "80203",
    },
  ],
  identifier: [{ system: mrn, value: "A-4711" }],
};

const name = fc.record(
  {
    family: fc.constantFrom(
      "Garcia",
      "Garcia Lopez",
      "Garcias",
      "Li",
      "O'Brien",
      "Smith Jr",
      "Unknown",
    ),
    given: fc.constantFrom<string[][]>(
      ["Maria"],
      ["Maria", "Luisa"],
      ["Mario"],
      ["M"],
      ["Robert"],
      ["Bob"],
      ["Baby Boy"],
    ),
    suffix: fc.constantFrom<string[][]>(["Jr."], ["III"], ["MD"]),
    use: fc.constantFrom(
      "official" as const,
      "old" as const,
      "maiden" as const,
    ),
  },
  { requiredKeys: [] },
);

const telecom = fc.oneof(
  fc.record({
    system: fc.constantFrom("phone" as const, "sms" as const),
    value: fc.constantFrom(
      "303-867-5309",
      "+13038675309",
      "303-867-5390",
      "212 736 5000",
      "303-555-0123",
      "999-999-9999",
    ),
  }),
  fc.record({
    system: fc.constant("email" as const),
    value: fc.constantFrom(
      "maria@mailbox.example",
      "mario@mailbox.example",
      "noemail@clinic.example",
    ),
  }),
);

const identifier = fc.record({
  system: fc.constantFrom(mrn, member, ssn),
  value: fc.constantFrom(
    "219-09-9999",
    "219099999",
    "219-09-9998",
    "000-00-0000",
  ),
});

const address = fc.record(
  {
    line: fc.constantFrom<string[][]>(
      ["12 Main Street"],
      ["12 Main St."],
      ["13 Main St"],
      ["Homeless"],
    ),
    postalCode: fc.constantFrom("80203", "80203-1234"),
  },
  { requiredKeys: ["line"] },
);

/** Patients from so few values that two of them often have some in common. */
export const patients: fc.Arbitrary<Patient> = fc.record(
  {
    resourceType: fc.constant("Patient" as const),
    name: fc.array(name, { maxLength: 2 }),
    telecom: fc.array(telecom, { maxLength: 3 }),
    identifier: fc.array(identifier, { maxLength: 2 }),
    address: fc.array(address, { maxLength: 2 }),
    birthDate: fc.constantFrom(
      "1980-02-11",
      "1980-11-02",
      "1980-02-12",
      "1951-06-30",
      "1900-01-01",
      "1980",
    ),
    gender: fc.constantFrom(
      "female" as const,
      "male" as const,
      "unknown" as const,
    ),
  },
  { requiredKeys: ["resourceType"] },
);
