import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { Resource } from "@medplum/fhirtypes";
import type { KnownType } from "../../functions/resources/declaration.ts";
import { parseSearch } from "../../functions/resources/search.ts";
import { matches } from "../../functions/resources/search/match.ts";
import { compare } from "../../functions/resources/search/sort.ts";
import { anAppointment, anEncounter, aPatient, aTask } from "./builders.ts";
import { declarations } from "../../functions/resources/all.ts";
import { loadTables } from "../../functions/resources/search/tables.ts";

await loadTables(Object.keys(declarations) as KnownType[]);

const finds = (resource: Resource, query: string): boolean =>
  matches(
    parseSearch(
      resource.resourceType as KnownType,
      [...new URLSearchParams(query)],
      { strict: true, country: "US" },
    ),
    resource,
  );

const hits = (
  resource: Resource,
  rows: readonly (readonly [string, boolean])[],
): void => {
  test.each(rows)("%s: %s", (query, expected) => {
    expect(finds(resource, query)).toBe(expected);
  });
};

describe("strings", () => {
  hits(
    aPatient({
      name: [
        { family: "García Márquez", given: ["José", "Luis"], prefix: ["Dr."] },
        { text: "Pepe" },
      ],
      address: [
        { line: ["12 O’Neil St"], city: "New York", postalCode: "10001" },
      ],
    }),
    [
      ["family=garcia", true],
      ["family=GARCÍA m", true],
      ["family=arcia", false],
      ["family=marquez", false],
      ["name=marquez", true],
      ["name=luis garcia", true],
      ["name=luis smith", false],
      ["name=pep", true],
      ["name=dr", true],
      ["given=lu", true],
      ["given=garcia", false],
      ["family:exact=García Márquez", true],
      ["family:exact=Garcia Marquez", false],
      ["family:exact=García", false],
      ["family:contains=quez", true],
      ["family:contains=xyz", false],
      ["name=xyz,luis", true],
      ["name=xyz&name=luis", false],
      ["name=jose&name=luis", true],
      ["address=new y", true],
      ["address=york", true],
      ["address=oneil", true],
      ["address-city=new york", true],
      ["address-city=york", false],
      ["address-postalcode=100", true],
      ["address-state:missing=true", true],
      ["address-city:missing=true", false],
      ["address-city:missing=false", true],
    ],
  );
});

describe("tokens", () => {
  hits(
    aPatient({
      identifier: [{ system: "urn:mrn", value: "A1" }, { value: "plain" }],
      telecom: [
        { system: "phone", value: "(202) 555-0123" },
        { system: "email", value: "Maria@Example.org" },
      ],
      active: false,
      maritalStatus: { coding: [{ system: "urn:m", code: "M" }] },
      communication: [
        {
          language: {
            coding: [{ system: "urn:ietf:bcp:47", code: "en-US" }],
            text: "English",
          },
        },
      ],
      meta: {
        tag: [{ system: "urn:tag", code: "vip" }],
        profile: ["http://x.example/p|1.0"],
        security: [{ code: "R" }],
        lastUpdated: "2026-03-10T10:00:00.123Z",
      },
    }),
    [
      ["identifier=urn:mrn|A1", true],
      ["identifier=A1", true],
      ["identifier=a1", false],
      ["identifier=urn:mrn|", true],
      ["identifier=urn:other|", false],
      ["identifier=|A1", false],
      ["identifier=|plain", true],
      ["identifier:not=A1", false],
      ["identifier:not=A2", true],
      ["identifier:missing=true", false],
      ["gender=female", true],
      ["gender=FEMALE", true],
      ["gender=male,female", true],
      ["gender:not=male,female", false],
      ["active=false", true],
      ["active=true", false],
      ["phone=+12025550123", true],
      ["phone=2025550123", true],
      ["phone=202-555-0124", false],
      ["email=maria@example.org", true],
      ["telecom=email|MARIA@example.org", true],
      ["telecom=phone|maria@example.org", false],
      ["phone=maria@example.org", false],
      ["language=en-us", true],
      ["language=urn:ietf:bcp:47|en-US", true],
      ["language=English", false],
      ["deceased=false", true],
      ["deceased=true", false],
      ["_id=p1", true],
      ["_id=P1", false],
      ["_id=x,p1", true],
      ["_tag=urn:tag|vip", true],
      ["_security=R", true],
      ["_profile=http://x.example/p", true],
      ["_profile=http://x.example/p|1.0", true],
      ["_profile=http://x.example/p|2.0", false],
      ["_lastUpdated=2026-03-10", true],
      ["_lastUpdated=gt2026-03-10T10:00:00.122Z", true],
      ["_lastUpdated=gt2026-03-10T10:00:00.123Z", false],
    ],
  );
  test("a date of death says dead", () => {
    expect(finds(aPatient({ deceasedDateTime: "2026" }), "deceased=true")).toBe(
      true,
    );
    expect(
      finds(aPatient({ deceasedDateTime: "2026" }), "deceased=false"),
    ).toBe(false);
    expect(finds(aPatient({ deceasedBoolean: false }), "deceased=false")).toBe(
      true,
    );
    expect(
      finds(aPatient({ deceasedDateTime: "2026-03" }), "death-date=2026"),
    ).toBe(true);
  });
  test("not also finds what has no value", () => {
    expect(finds(aTask(), "business-status:not=x")).toBe(true);
    expect(finds(aTask(), "business-status=x")).toBe(false);
  });
});

describe("references", () => {
  hits(
    anAppointment({
      participant: [
        {
          actor: {
            reference: "Patient/p1",
            identifier: { system: "urn:mrn", value: "1" },
          },
          status: "accepted",
        },
        {
          actor: { reference: "Practitioner/p9/_history/2" },
          status: "accepted",
        },
      ],
    }),
    [
      ["patient=p1", true],
      ["patient=Patient/p1", true],
      ["patient=p9", false],
      ["practitioner=p9", true],
      ["practitioner=Practitioner/p9", true],
      ["actor=p9", true],
      ["actor=Patient/p9", false],
      ["actor:Practitioner=p9", true],
      ["actor:Patient=p9", false],
      ["location:missing=true", true],
      ["patient:identifier=urn:mrn|1", true],
      ["patient:identifier=urn:mrn|2", false],
      ["actor:identifier=1", true],
      ["slot=Slot/s1", true],
      ["patient=https://other.example/Patient/p1", false],
    ],
  );
  test("a canonical is found without its version", () => {
    const plan = {
      resourceType: "CarePlan",
      status: "active",
      intent: "plan",
      subject: { reference: "Patient/p1" },
      instantiatesCanonical: ["http://x.example/plan|2"],
    } as const satisfies Resource;
    const mutable = {
      ...plan,
      instantiatesCanonical: [...plan.instantiatesCanonical],
    } as Resource;
    expect(finds(mutable, "instantiates-canonical=http://x.example/plan")).toBe(
      true,
    );
    expect(
      finds(mutable, "instantiates-canonical=http://x.example/plan|2"),
    ).toBe(true);
    expect(
      finds(mutable, "instantiates-canonical=http://x.example/plan|1"),
    ).toBe(false);
  });
});

describe("dates of an instant", () => {
  hits(anAppointment({ start: "2026-03-10T20:30:00-05:00" }), [
    ["date=2026-03-11", true],
    ["date=2026-03-10", false],
    ["date=2026", true],
    ["date=2026-03-11T01:30", true],
    ["date=2026-03-11T01:30:00Z", true],
    ["date=2026-03-11T01:30:00.000Z", true],
    ["date=2026-03-10T20:30:00-05:00", true],
    ["date=ne2026-03-11", false],
    ["date=ne2026-03-10", true],
    ["date=gt2026-03-10", true],
    ["date=gt2026-03-11", false],
    ["date=gt2026-03-11T01:29:59Z", true],
    ["date=gt2026-03-11T01:30:00Z", false],
    ["date=gt2026-03-11T01:30:00.000Z", false],
    ["date=lt2026-03-12", true],
    ["date=lt2026-03-11", false],
    ["date=lt2026-03-11T01:30:00Z", false],
    ["date=ge2026-03-11", true],
    ["date=le2026-03-11", true],
    ["date=ge2026-03-12", false],
    ["date=le2026-03-10", false],
    ["date=sa2026-03-10", true],
    ["date=sa2026-03-11", false],
    ["date=eb2026-03-12", true],
    ["date=eb2026-03-11", false],
    ["date=ap2026-03-12", true],
    ["date=ap2026-03-14", false],
    ["date=ge2026-03-01&date=lt2026-04-01", true],
    ["date=ge2026-03-12&date=lt2026-04-01", false],
    ["date=2025,2026", true],
    ["date:missing=false", true],
  ]);
});

describe("dates of a period", () => {
  hits(
    anEncounter({
      period: { start: "2026-03-10T10:00:00Z", end: "2026-03-12T10:00:00Z" },
    }),
    [
      ["date=2026-03", true],
      ["date=2026-03-11", false],
      ["date=ne2026-03-11", true],
      ["date=gt2026-03-11", true],
      ["date=lt2026-03-11", true],
      ["date=gt2026-03-12", false],
      ["date=sa2026-03-09", true],
      ["date=sa2026-03-10", false],
      ["date=eb2026-03-13", true],
      ["date=ap2026-03-11", true],
    ],
  );
  test("an open period goes on", () => {
    const open = anEncounter({ period: { start: "2026-03-10" } });
    expect(finds(open, "date=gt2030")).toBe(true);
    expect(finds(open, "date=2026")).toBe(false);
    expect(finds(open, "date=eb2030")).toBe(false);
    expect(finds(open, "date=ge2026-03-01")).toBe(true);
    expect(finds(open, "date=lt2026-03-10")).toBe(false);
  });
  test("a partial birth date is all the days that it may be", () => {
    const patient = aPatient({ birthDate: "1980-02" });
    expect(finds(patient, "birthdate=1980")).toBe(true);
    expect(finds(patient, "birthdate=1980-02-29")).toBe(false);
    expect(finds(patient, "birthdate=ge1980-02-15")).toBe(true);
    expect(finds(patient, "birthdate=lt1980-02-15")).toBe(true);
  });
});

describe("quantities", () => {
  hits(
    anEncounter({
      length: {
        value: 30,
        unit: "minutes",
        system: "http://unitsofmeasure.org",
        code: "min",
      },
    }),
    [
      ["length=30", true],
      ["length=30||min", true],
      ["length=30||minutes", true],
      ["length=30|http://unitsofmeasure.org|min", true],
      ["length=30|http://unitsofmeasure.org|h", false],
      ["length=31", false],
      ["length=30.4", false],
      ["length=29.6", false],
      ["length=gt29", true],
      ["length=gt30", false],
      ["length=ge30", true],
      ["length=lt30", false],
      ["length=le30", true],
      ["length=ne30", false],
      ["length=ne31", true],
      ["length=ap32", true],
      ["length=ap40", false],
      ["length=sa29", true],
      ["length=eb31", true],
      ["length:missing=false", true],
    ],
  );
});

test("another type never matches", () => {
  expect(matches(parseSearch("Patient", [], { strict: true }), aTask())).toBe(
    false,
  );
});

describe("the prefixes divide time without a gap", () => {
  const moment = fc
    .date({
      min: new Date("1950-01-01"),
      max: new Date("2100-01-01"),
      noInvalidDate: true,
    })
    .map((date) => date.toISOString());
  const asked = fc
    .tuple(moment, fc.constantFrom(4, 7, 10, 24))
    .map(([text, length]) => text.slice(0, length));
  const start = (date: string, query: string): boolean =>
    finds(anAppointment({ start: date }), query);
  test("an instant is before, within or after, and exactly one of them", () => {
    fc.assert(
      fc.property(moment, asked, (date, text) => {
        expect(
          [
            start(date, `date=lt${text}`),
            start(date, `date=${text}`),
            start(date, `date=gt${text}`),
          ].filter(Boolean),
        ).toHaveLength(1);
        expect(start(date, `date=le${text}`)).toBe(
          !start(date, `date=gt${text}`),
        );
        expect(start(date, `date=ge${text}`)).toBe(
          !start(date, `date=lt${text}`),
        );
        expect(start(date, `date=ne${text}`)).toBe(
          !start(date, `date=${text}`),
        );
        expect(start(date, `date=sa${text}`)).toBe(
          start(date, `date=gt${text}`),
        );
        expect(start(date, `date=eb${text}`)).toBe(
          start(date, `date=lt${text}`),
        );
      }),
      { numRuns: 500 },
    );
  });
});

describe("order", () => {
  const sorted = (
    resources: Resource[],
    sort: string,
  ): (string | undefined)[] =>
    resources
      .toSorted(
        compare(
          parseSearch(
            resources[0]?.resourceType as KnownType,
            [["_sort", sort]],
            { strict: true },
          ),
        ),
      )
      .map(({ id }) => id);
  const appointments = [
    anAppointment({
      id: "c",
      start: "2026-03-10T10:00:00Z",
      status: "cancelled",
    }),
    anAppointment({
      id: "a",
      start: "2026-03-10T12:00:00+05:00",
      status: "booked",
    }),
    {
      ...anAppointment({ id: "d", status: "waitlist" }),
      start: undefined,
    } as unknown as Resource,
    anAppointment({ id: "b", start: "2026-03-10T10:00:00Z", status: "booked" }),
  ];
  test.each([
    ["date", ["a", "b", "c", "d"]],
    ["-date", ["b", "c", "a", "d"]],
    ["status,-date", ["b", "a", "c", "d"]],
    ["_id", ["a", "b", "c", "d"]],
    ["-_id", ["d", "c", "b", "a"]],
  ])("%s", (sort, expected) => {
    expect(sorted(appointments, sort)).toEqual(expected);
  });
  test("names sort as people read them", () => {
    const patients = ["Öst", "Zahl", "oak", "Ostara"].map((family) =>
      aPatient({ id: family, name: [{ family }] }),
    );
    expect(sorted(patients, "family")).toEqual([
      "oak",
      "Öst",
      "Ostara",
      "Zahl",
    ]);
  });
  test("it is an order", () => {
    const appointment = fc
      .tuple(
        fc.constantFrom(undefined, "2026", "2027"),
        fc.constantFrom("booked", "pending"),
        fc.uuid(),
      )
      .map(
        ([year, status, id]) =>
          ({
            ...anAppointment({ id, status: status as "booked" }),
            start: year && `${year}-01-01T00:00:00Z`,
          }) as Resource,
      );
    const by = compare(
      parseSearch("Appointment", [["_sort", "-date,status"]], { strict: true }),
    );
    fc.assert(
      fc.property(appointment, appointment, appointment, (a, b, c) => {
        expect(Math.sign(by(a, b)) + Math.sign(by(b, a))).toBe(0);
        if (by(a, b) <= 0 && by(b, c) <= 0)
          expect(by(a, c)).toBeLessThanOrEqual(0);
      }),
    );
  });
});
