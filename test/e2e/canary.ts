import type { Patient } from "@medplum/fhirtypes";

const phone = "+19075550177";
const reply = "Wq8zxCanaryReply about my knee";

/** A patient whose every value is unmistakable: wherever one of them turns up, it has leaked. */
export const canary = {
  phone,
  reply,
  patient: {
    resourceType: "Patient",
    active: true,
    identifier: [
      { system: "https://sojourn.example/mrn", value: "Wq8zxMrn4711" },
    ],
    name: [{ use: "official", family: "Wq8zxfamily", given: ["Wq8zxgiven"] }],
    birthDate: "1907-03-29",
    telecom: [
      { system: "phone", use: "mobile", value: phone, rank: 1 },
      { system: "email", use: "home", value: "wq8zxmail@example.org", rank: 2 },
    ],
    address: [
      {
        use: "home",
        line: ["Wq8zxstreet 12"],
        city: "Wq8zxcity",
        country: "US",
      },
    ],
  } satisfies Patient,
  /** What is searched for, whatever its case. */
  signs: ["wq8zx", "9075550177", "907-555-0177", "1907-03-29", "knee"],
};

export const leaks = (text: string): readonly string[] =>
  canary.signs.filter((sign) => text.toLowerCase().includes(sign));
