import type { Patient } from "@medplum/fhirtypes";

const phone = "+19075550177";
const reply = "WqoulixCanaryReply about my knee";

/** A patient whose every value is unmistakable: wherever one of them turns up, it has leaked. */
export const canary = {
  phone,
  reply,
  patient: {
    resourceType: "Patient",
    active: true,
    identifier: [
      { system: "https://sojourn.example/mrn", value: "WqoulixMrn4711" },
    ],
    name: [
      { use: "official", family: "Wqoulixfamily", given: ["Wqoulixgiven"] },
    ],
    birthDate: "1907-03-29",
    telecom: [
      { system: "phone", use: "mobile", value: phone, rank: 1 },
      {
        system: "email",
        use: "home",
        value: "wqoulixmail@example.org",
        rank: 2,
      },
    ],
    address: [
      {
        use: "home",
        line: ["Wqoulixstreet 12"],
        city: "Wqoulixcity",
        country: "US",
      },
    ],
  } satisfies Patient,
  /** What is searched for, whatever its case; too long, and of letters and blanks that no id has, to come about by chance. */
  signs: ["wqoulix", "9075550177", "907-555-0177", "1907-03-29", "my knee"],
};

export const leaks = (text: string): readonly string[] =>
  canary.signs.filter((sign) => text.toLowerCase().includes(sign));
