import type { Patient } from "@medplum/fhirtypes";

export const mrn = "https://sojourn.example/mrn";

/** An invented patient of an ordinary size: a name, two contact points, an address, an identifier, the US Core extensions. */
export const inventedPatient = (number: number): Patient => {
  const digits = String(number).padStart(4, "0");
  return {
    resourceType: "Patient",
    meta: {
      profile: [
        "http://hl7.org/fhir/us/core/StructureDefinition/us-core-patient",
      ],
    },
    extension: [
      {
        url: "http://hl7.org/fhir/us/core/StructureDefinition/us-core-race",
        extension: [
          {
            url: "ombCategory",
            valueCoding: {
              system: "urn:oid:2.16.840.1.113883.6.238",
              code: "2054-5",
              display: "Black or African American",
            },
          },
          { url: "text", valueString: "Black or African American" },
        ],
      },
      {
        url: "http://hl7.org/fhir/us/core/StructureDefinition/us-core-birthsex",
        valueCode: "F",
      },
    ],
    identifier: [
      {
        use: "usual",
        type: {
          coding: [
            {
              system: "http://terminology.hl7.org/CodeSystem/v2-0203",
              code: "MR",
            },
          ],
        },
        system: mrn,
        value: `MRN-${digits}`,
      },
    ],
    active: true,
    name: [{ use: "official", family: `Okonkwo${digits}`, given: ["Amara"] }],
    telecom: [
      { system: "phone", use: "mobile", value: `+1202555${digits.slice(-4)}` },
      { system: "email", value: `amara.${digits}@example.com` },
    ],
    gender: "female",
    birthDate: "1984-07-19",
    address: [
      {
        use: "home",
        line: [`${digits} Harbor Street`],
        city: "Albany",
        state: "NY",
        postalCode: "12207",
        country: "US",
      },
    ],
    communication: [
      {
        language: {
          coding: [{ system: "urn:ietf:bcp:47", code: "en-US" }],
        },
        preferred: true,
      },
    ],
  };
};
