import fc from "fast-check";
import { describe, expect, test } from "vitest";
import {
  beginnings,
  code,
  countryOf,
  email,
  fold,
  identifierValue,
  longestFragment,
  phone,
  phoneKey,
  utcDay,
  utcInstant,
  words,
} from "../../functions/resources/normalise.ts";

describe("phones", () => {
  test.each<[string, Parameters<typeof phone>[1], string | undefined]>([
    ["+1 202-555-0123", undefined, "+12025550123"],
    ["(202) 555-0123", "US", "+12025550123"],
    ["202.555.0123 ext. 4", "US", "+12025550123"],
    ["tel:+1-202-555-0123", undefined, "+12025550123"],
    ["＋１ ２０２-555-0123", undefined, "+12025550123"],
    ["011 44 20 7946 0958", "US", "+442079460958"],
    ["020 7946 0958", "GB", "+442079460958"],
    ["030 901820", "DE", "+4930901820"],
    ["06 12 34 56 78", "FR", "+33612345678"],
    ["06 1234 5678", "IT", "+390612345678"],
    ["11 96123-4567", "BR", "+5511961234567"],
    ["0812-3456-7890", "ID", "+6281234567890"],
    ["(202) 555-0123", undefined, undefined],
    ["911", "US", undefined],
    ["maria@example.org", "US", undefined],
    ["", "US", undefined],
  ])("%j dialled in %s is %s", (text, country, expected) => {
    expect(phone(text, country)).toBe(expected);
  });
  test("what is no phone number is none", () => {
    for (const text of ["911", "maria@example.org", "", "x"])
      expect(phone(text, "US")).toBeUndefined();
  });
  test("an unreadable number is looked up by its digits", () => {
    expect(phoneKey("(202) 555-0123")).toBe("2025550123");
    expect(phoneKey("(202) 555-0123", "US")).toBe("+12025550123");
  });
  test("a number's country is found, also in a shared numbering plan", () => {
    expect(countryOf("+12025550123")).toBe("US");
    expect(countryOf("+447700900123")).toBe("GB");
    expect(countryOf("+4930901820")).toBe("DE");
    expect(countryOf("none")).toBeUndefined();
  });
  test("E.164 is its own normal form, however it is written", () => {
    const national = fc
      .stringMatching(/^[2-9]\d{2}[2-9]\d{6}$/)
      .filter((text) => phone(text, "US") !== undefined);
    const separators = fc.array(fc.constantFrom("", " ", "-", ".", " - "), {
      minLength: 10,
      maxLength: 10,
    });
    fc.assert(
      fc.property(national, separators, (digits, between) => {
        const expected = `+1${digits}`;
        expect(phone(expected)).toBe(expected);
        expect(
          phone(
            Array.from(digits)
              .map((digit, index) => digit + (between[index] ?? ""))
              .join(""),
            "US",
          ),
        ).toBe(expected);
        expect(phoneKey(phoneKey(digits, "US"), "US")).toBe(expected);
      }),
    );
  });
});

describe("names", () => {
  test.each([
    ["Müller", "muller"],
    ["  GARCÍA   Márquez ", "garcia marquez"],
    ["O’Brien", "obrien"],
    ["Straße", "strasse"],
    ["İstanbul", "istanbul"],
    ["ＭＡＲＩＡ", "maria"],
    ["Ångström", "angstrom"],
    ["ﬁona", "fiona"],
    ["Σίσυφος", fold("ΣΊΣΥΦΟΣ")],
    ["李小龍", "李小龍"],
  ])("%s folds to %s", (name, expected) => {
    expect(fold(name)).toBe(expected);
  });
  test("folding twice is folding once", () => {
    fc.assert(
      fc.property(fc.string({ unit: "binary", maxLength: 40 }), (text) => {
        expect(fold(fold(text))).toBe(fold(text));
      }),
      { numRuns: 500 },
    );
  });
  test("case and composition make no difference", () => {
    fc.assert(
      fc.property(fc.stringMatching(/^[A-Za-zÀ-ÖØ-öø-ÿ '-]{0,30}$/), (text) => {
        for (const other of [
          text.toUpperCase(),
          text.toLowerCase(),
          text.normalize("NFD"),
          text.normalize("NFC"),
        ])
          expect(fold(other)).toBe(fold(text));
      }),
      { numRuns: 1000 },
    );
  });
  test("whatever a word begins with finds it", () => {
    const word = fc
      .stringMatching(/^[a-zà-ÿ]{3,14}$/)
      .map(fold)
      .filter((text) => text.length >= 3);
    fc.assert(
      fc.property(word, fc.nat(), (whole, at) => {
        const asked = whole.slice(0, 3 + (at % (whole.length - 2)));
        expect([...beginnings(whole), whole]).toContain(longestFragment(asked));
      }),
    );
  });
  test("a short word is looked up whole", () => {
    expect(longestFragment("li")).toBe("li");
    expect(beginnings("li")).toEqual([]);
    expect(beginnings("maria")).toEqual(["maria", "mar"]);
    expect(words("Anna-Maria de la Cruz, Jr.")).toEqual([
      "anna",
      "maria",
      "de",
      "la",
      "cruz",
      "jr",
    ]);
  });
});

test("e-mails, codes and identifiers keep their normal form", () => {
  expect(email(" Maria@Example.ORG ")).toBe("maria@example.org");
  expect(email("mailto:a@b.example")).toBe("a@b.example");
  expect(identifierValue(" A1 ")).toBe("A1");
  for (const normal of [email, code, identifierValue])
    fc.assert(
      fc.property(
        fc.emailAddress(),
        fc.string({ maxLength: 20 }),
        (address, text) =>
          [address, text].every(
            (each) => normal(normal(each)) === normal(each),
          ),
      ),
    );
});

test("instants become UTC, and text then sorts by time", () => {
  expect(utcInstant("2026-03-10T20:30:00-05:00")).toBe(
    "2026-03-11T01:30:00.000Z",
  );
  expect(utcDay("2026-03-10T20:30:00-05:00")).toBe("2026-03-11");
  expect(utcInstant("2026-12-31T23:59:60Z")).toBe("2026-12-31T23:59:59.000Z");
  expect(utcInstant("2026-03")).toBeUndefined();
  expect(utcInstant("soon")).toBeUndefined();
  const instant = fc.date({
    min: new Date("1900-01-01"),
    max: new Date("2200-01-01"),
    noInvalidDate: true,
  });
  fc.assert(
    fc.property(
      instant,
      instant,
      (a, b) =>
        (utcInstant(a.toISOString()) ?? "") <
          (utcInstant(b.toISOString()) ?? "") ===
        a.getTime() < b.getTime(),
    ),
  );
});
