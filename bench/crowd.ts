import type { Patient } from "@medplum/fhirtypes";

/** Numbers that look random and are the same in each run. */
const mixed = (number: number, salt: number): number => {
  let value = (number * 2654435761 + salt * 40503) >>> 0;
  value = Math.imul(value ^ (value >>> 16), 0x45d9f3b) >>> 0;
  value = Math.imul(value ^ (value >>> 16), 0x45d9f3b) >>> 0;
  return (value ^ (value >>> 16)) >>> 0;
};

const onsets = "b br c ch d f g gr h j k l m n p r s sh st t v w".split(" ");
const vowels = "a e i o u ai ea ou".split(" ");
const endings = "n r s l m t nd rs ck ng".split(" ");

const pick = (list: readonly string[], number: number): string =>
  list[number % list.length] ?? "";

const syllable = (number: number): string =>
  pick(onsets, number) +
  pick(vowels, number >>> 5) +
  pick(endings, number >>> 9);

const capital = (word: string): string =>
  word.charAt(0).toUpperCase() + word.slice(1);

/** Two thousand family names and five hundred given names, as a city has. */
const family = (number: number): string => {
  const name = mixed(number, 1) % 2000;
  return capital(syllable(mixed(name, 11)) + syllable(mixed(name, 12)));
};
const given = (number: number): string =>
  capital(syllable(mixed(mixed(number, 2) % 500, 13)) + "a");

const firstDay = Date.UTC(1936, 0, 1);
const days = 80 * 365;

/** The invented patient of that number, with a phone and an e-mail of her own. */
export const oneOfMany = (number: number): Patient => ({
  resourceType: "Patient",
  identifier: [
    {
      system: "https://sojourn.example/mrn",
      value: `M-${String(number).padStart(7, "0")}`,
    },
  ],
  active: true,
  name: [{ use: "official", family: family(number), given: [given(number)] }],
  telecom: [
    {
      system: "phone",
      use: "mobile",
      value: `+1${String(2122000000 + (number % 7_000_000))}`,
    },
    { system: "email", value: `patient.${String(number)}@mail.example.org` },
  ],
  gender: mixed(number, 3) % 2 === 0 ? "female" : "male",
  birthDate: new Date(firstDay + (mixed(number, 4) % days) * 86_400_000)
    .toISOString()
    .slice(0, 10),
});
