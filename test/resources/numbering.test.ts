import fc from "fast-check";
import { getCountries } from "libphonenumber-js/min";
import { parsePhoneNumberFromString } from "libphonenumber-js/min";
import examples from "libphonenumber-js/mobile/examples";
import { expect, test } from "vitest";
import { phone } from "../../functions/resources/normalise.ts";
import { pruned } from "../../functions/resources/numbering/generate.ts";
import { plans } from "../../functions/resources/numbering/plans.ts";

const asTheLibrary = (
  text: string,
  country?: Parameters<typeof phone>[1],
): string | undefined => {
  const parsed = parsePhoneNumberFromString(
    text,
    country && { defaultCountry: country },
  );
  return parsed?.isPossible() ? parsed.number : undefined;
};

test("the numbering plans are those of the library: else run node functions/resources/numbering/generate.ts", () => {
  expect(plans()).toEqual(pruned());
});

test.each(getCountries())(
  "a mobile number of %s is read as with the whole metadata, dialled at home or from abroad",
  (country) => {
    const national = examples[country];
    const dialled = [national, `0${national}`, `+${national}`, `8${national}`];
    for (const text of dialled) {
      expect(phone(text, country)).toBe(asTheLibrary(text, country));
      const full = parsePhoneNumberFromString(text, country)?.number;
      if (full !== undefined) expect(phone(full)).toBe(asTheLibrary(full));
    }
  },
);

test("any digits are read as with the whole metadata", () => {
  const digits = fc.stringMatching(/^\+?[0-9 ()-]{3,18}$/u);
  fc.assert(
    fc.property(
      digits,
      fc.constantFrom(undefined, ...getCountries()),
      (text, country) => {
        expect(phone(text, country)).toBe(asTheLibrary(text, country));
      },
    ),
    { numRuns: 2000 },
  );
});
