import fc from "fast-check";

const digits = (minLength: number, maxLength: number) =>
  fc
    .array(fc.constantFrom(0, 0, 1, 2, 4, 5, 9), { minLength, maxLength })
    .map((all) => all.join(""));

/** The texts of finite JSON numbers, most of which JavaScript would write otherwise. */
export const aNumber: fc.Arbitrary<string> = fc.oneof(
  fc.constantFrom("0", "-0", "1.0", "-0.0", "1.20e3", "1E-7", "0.0000001"),
  fc
    .tuple(
      fc.constantFrom("", "-"),
      fc.oneof(
        fc.constant("0"),
        digits(0, 22).map((rest) => `4${rest}`),
      ),
      fc.oneof(
        fc.constant(""),
        digits(1, 22).map((rest) => `.${rest}`),
      ),
      fc.oneof(
        { weight: 3, arbitrary: fc.constant("") },
        {
          weight: 1,
          arbitrary: fc
            .tuple(
              fc.constantFrom("e", "E", "e+", "E-"),
              fc.integer({ min: 0, max: 99 }),
            )
            .map(([sign, power]) => `${sign}${String(power)}`),
        },
      ),
    )
    .map((parts) => parts.join("")),
);
