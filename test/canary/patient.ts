import type { Patient } from "@medplum/fhirtypes";

/** Every value of this patient, and everything the patient writes, is unmistakable: to find one anywhere is a leak. */
export const canary = {
  given: "Xylophonia",
  family: "Quagmirewing",
  phone: "+12025550177",
  digits: "2025550177",
  email: "xylophonia@canarynest.example",
  mrn: "MRN-CNRY-90210",
  birthDate: "1913-07-19",
  street: "Featherbrook Crescent 77",
  city: "Plumagetown",
  contact: "Uncle Budgerigarson",
  device: "canarydevicetoken0123456789",
  wish: "canarywish of a window seat",
  text: "canarytext: my knee glows",
  spoiled: "canaryspoiled",
} as const;

export const aCanary = (given: Partial<Patient> = {}): Patient => ({
  resourceType: "Patient",
  identifier: [{ system: "https://sojourn.example/mrn", value: canary.mrn }],
  name: [{ given: [canary.given], family: canary.family }],
  telecom: [
    { system: "phone", use: "mobile", value: canary.phone, rank: 1 },
    { system: "email", value: canary.email, rank: 2 },
  ],
  gender: "female",
  birthDate: canary.birthDate,
  address: [{ line: [canary.street], city: canary.city }],
  contact: [{ name: { text: canary.contact } }],
  ...given,
});

/** A value in every form in which it might be written: as it is, percent-encoded, in hexadecimal and in base 64. */
export const formsOf = (value: string): readonly string[] => [
  value,
  encodeURIComponent(value),
  encodeURIComponent(value).replaceAll("%20", "+"),
  Buffer.from(value).toString("hex"),
  ...[0, 1, 2].map((offset) => inBase64(value, offset)),
];

/** The middle of the value's base 64, wherever in an encoded text it begins. */
const inBase64 = (value: string, offset: number): string =>
  Buffer.concat([Buffer.alloc(offset), Buffer.from(value)])
    .toString("base64")
    .slice(offset === 0 ? 0 : 4, -4);

/** The values that the text holds in any form, in any case. */
export const leaksIn = (text: string): readonly string[] => {
  const lower = text.toLowerCase();
  return Object.entries(canary).flatMap(([name, value]) =>
    formsOf(value).some((form) => lower.includes(form.toLowerCase()))
      ? [name]
      : [],
  );
};
