import type { ContactPoint, Patient, Practitioner } from "@medplum/fhirtypes";
import type { Random } from "./random.ts";
import { pushPlatform } from "../../functions/core/addresses.ts";
import { inZone, places } from "./places.ts";

const givenNames = [
  ...[
    "Alma",
    "Bruno",
    "Celia",
    "Darius",
    "Elena",
    "Felix",
    "Greta",
    "Hugo",
    "Ines",
    "Jonah",
    "Kira",
    "Lionel",
    "Marisol",
  ],
  ...[
    "Nadia",
    "Omar",
    "Paloma",
    "Quentin",
    "Rosa",
    "Silas",
    "Tamsin",
    "Ulises",
    "Vera",
    "Wesley",
    "Ximena",
    "Yara",
    "Zeno",
  ],
] as const;
const familyNames = [
  ...[
    "Abernathy",
    "Barrientos",
    "Castellanos",
    "Delacroix",
    "Escudero",
    "Fairweather",
    "Galloway",
    "Hollister",
    "Ibarra",
  ],
  ...[
    "Jessup",
    "Kowalczyk",
    "Lindqvist",
    "Montenegro",
    "Norwood",
    "Okonjo",
    "Pemberton",
    "Quintanilla",
    "Redfern",
  ],
  ...[
    "Santacruz",
    "Thistlewood",
    "Urrutia",
    "Vandermeer",
    "Whitcombe",
    "Yarborough",
    "Zamorano",
  ],
] as const;
const areaCodes = [
  "202",
  "212",
  "303",
  "312",
  "415",
  "602",
  "617",
  "713",
  "808",
  "907",
] as const;
const mailDomains = ["example.com", "example.net", "example.org"] as const;

/** 555-0100 to 555-0199 of every area code are set aside for fiction (NANPA); 1,000 numbers in all, each used once. */
const fictitiousPhone = (index: number): string =>
  `+1${areaCodes[Math.floor(index / 100) % areaCodes.length] ?? "202"}55501${String(index % 100).padStart(2, "0")}`;

/** The numbers of the clinic itself; no patient has them. */
const clinicNumbers = new Set([
  "+12025550100",
  "+12025550199",
  "+12125550110",
  "+13125550110",
  "+16025550110",
]);

const phones = Array.from({ length: 1000 }, (_, index) =>
  fictitiousPhone(index),
).filter((number) => !clinicNumbers.has(number));

export const practitioners: readonly Practitioner[] = [
  ["Amara", "Osei", "female"],
  ["Benicio", "Larraga", "male"],
  ["Clara", "Nyström", "female"],
  ["Devika", "Raman", "female"],
  ["Emil", "Hartwick", "male"],
].map(([given = "", family = "", gender = ""], index) => ({
  resourceType: "Practitioner",
  active: true,
  identifier: [
    {
      system: "https://sojourn.example/staff",
      value: `D${String(index + 1).padStart(3, "0")}`,
    },
  ],
  name: [{ use: "official", family, given: [given], prefix: ["Dr."] }],
  gender: gender === "male" ? "male" : "female",
}));

/** A patient of whom everything is invented. `index` numbers them; `random` decides the rest. */
export const patient = (index: number, random: Random): Patient => {
  const given = givenNames[index % givenNames.length] ?? "Alma";
  const family = random.pick(familyNames);
  const contacts = telecom(
    index,
    random,
    `${given}.${family}.${String(index + 1)}`,
  );
  const language = random.chance(0.3) ? "es" : "en";
  const place = random.pick(places);
  return {
    resourceType: "Patient",
    active: true,
    identifier: [
      {
        system: "https://sojourn.example/mrn",
        value: `M${String(index + 1).padStart(6, "0")}`,
      },
    ],
    name: [{ use: "official", family, given: [given] }],
    gender: random.pick(["female", "male", "other"]),
    birthDate: birthDate(random),
    ...(contacts.length > 0 && { telecom: contacts }),
    address: [
      {
        use: "home",
        line: [`${String(1 + random.below(999))} Juniper Street`],
        city: place.city,
        state: place.state,
        postalCode: place.postalCode,
        country: "US",
        extension: [inZone(place.zone)],
      },
    ],
    communication: [
      {
        language: { coding: [{ system: "urn:ietf:bcp:47", code: language }] },
        preferred: true,
      },
    ],
  };
};

const birthDate = (random: Random): string =>
  [1936 + random.below(72), 1 + random.below(12), 1 + random.below(28)]
    .map((part) => String(part).padStart(2, "0"))
    .join("-");

/** Nine in ten have a mobile phone, some of them shared in a family; every seventh patient has the app, too. */
const telecom = (
  index: number,
  random: Random,
  mailbox: string,
): ContactPoint[] => {
  const shared = index % 25 === 24;
  const number = phones[shared ? index - 1 : index] ?? phones[0];
  return [
    ...(random.chance(0.9) || index < 10
      ? [
          {
            system: "phone" as const,
            use: "mobile" as const,
            value: number ?? "",
            rank: 1,
          },
        ]
      : []),
    ...(random.chance(0.8)
      ? [
          {
            system: "email" as const,
            use: "home" as const,
            value: `${plain(mailbox)}@${random.pick(mailDomains)}`,
            rank: 2,
          },
        ]
      : []),
    ...(index % 7 === 6 ? [device(random)] : []),
  ];
};

const device = (random: Random): ContactPoint => ({
  system: "other",
  use: "mobile",
  value: `device:${random.uuid().replaceAll("-", "")}`,
  rank: 3,
  extension: [
    {
      url: pushPlatform,
      valueCode: random.pick(["APNS", "GCM"]),
    },
  ],
});

const plain = (text: string): string =>
  text
    .normalize("NFKD")
    .replace(/[^A-Za-z0-9.]/g, "")
    .toLowerCase();
