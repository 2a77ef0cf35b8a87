import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { Fault } from "../../functions/core/fault.ts";
import { parseSearch } from "../../functions/resources/search.ts";
import type { KnownType } from "../../functions/resources/declaration.ts";
import { declarations } from "../../functions/resources/all.ts";
import { loadTables } from "../../functions/resources/search/tables.ts";

await loadTables(Object.keys(declarations) as KnownType[]);

const parse = (type: KnownType, query: string, strict = false) =>
  parseSearch(type, [...new URLSearchParams(query)], { strict, country: "US" });

const refusal = (type: KnownType, query: string, strict = false): Fault => {
  try {
    parse(type, query, strict);
  } catch (error) {
    if (error instanceof Fault) return error;
  }
  throw new Error(`${query} was not refused`);
};

describe("chains", () => {
  test("a name leads from type to type, and to those that have the parameter", () => {
    const { chains, criteria, honoured } = parse(
      "Observation",
      "performer.name=x&subject:Patient.general-practitioner.family:exact=Y",
    );
    expect(criteria).toEqual([]);
    expect(honoured).toHaveLength(2);
    expect(
      chains.map(({ parameter, filters }) => [
        parameter.name,
        filters.map(({ type, chains: [next] }) => [type, next?.parameter.name]),
      ]),
    ).toEqual([
      [
        "performer",
        [
          ["Organization", undefined],
          ["Patient", undefined],
          ["Practitioner", undefined],
          ["RelatedPerson", undefined],
        ],
      ],
      ["subject", [["Patient", "general-practitioner"]]],
    ]);
  });
  test("_has leads back, nested and along chains", () => {
    const { referrers } = parse(
      "Patient",
      "_has:Encounter:subject:_has:Observation:encounter:performer:Practitioner.name=x",
    );
    const [encounter] = referrers;
    const [observation] = encounter?.filter.referrers ?? [];
    expect([
      encounter?.filter.type,
      observation?.filter.type,
      observation?.filter.chains[0]?.filters.map(({ type }) => type),
    ]).toEqual(["Encounter", "Observation", ["Practitioner"]]);
  });
  test("three references are followed, not four", () => {
    const back = (times: number): string =>
      `${"_has:Observation:has-member:".repeat(times)}status=final`;
    expect(parse("Observation", back(3)).referrers).toHaveLength(1);
    expect(refusal("Observation", back(4)).message).toContain("at most 3");
  });
  test.each(["_filter", "_text", "_content", "_list", "_query", "_contained"])(
    "%s is ignored, or refused when strict",
    (name) => {
      expect(parse("Patient", `${name}=x`).ignored).toEqual([name]);
      expect(refusal("Patient", `${name}=x`, true).message).toContain(name);
    },
  );
});

describe("values", () => {
  test.each<[KnownType, string, unknown]>([
    [
      "Patient",
      "identifier=urn:mrn|1",
      { kind: "token", system: "urn:mrn", code: "1" },
    ],
    ["Patient", "identifier=|1", { kind: "token", system: "", code: "1" }],
    [
      "Patient",
      "identifier=urn:mrn|",
      { kind: "token", system: "urn:mrn", code: undefined },
    ],
    [
      "Patient",
      "identifier=1",
      { kind: "token", system: undefined, code: "1" },
    ],
    [
      "Patient",
      String.raw`identifier=urn:mrn|a\|b\,c\\d\$e`,
      { kind: "token", system: "urn:mrn", code: String.raw`a|b,c\d$e` },
    ],
    [
      "Patient",
      String.raw`name=de la Cruz\, Jr.`,
      { kind: "string", text: "de la Cruz, Jr." },
    ],
    [
      "Patient",
      "general-practitioner=Practitioner/1",
      { kind: "reference", type: "Practitioner", id: "1" },
    ],
    [
      "Patient",
      "general-practitioner=1",
      { kind: "reference", type: undefined, id: "1" },
    ],
    [
      "Patient",
      "general-practitioner:Practitioner=1",
      { kind: "reference", type: "Practitioner", id: "1" },
    ],
    [
      "Patient",
      "general-practitioner=https://x.example/Practitioner/1",
      { kind: "uri", uri: "https://x.example/Practitioner/1" },
    ],
    [
      "Patient",
      "general-practitioner:identifier=urn:npi|1",
      { kind: "token", system: "urn:npi", code: "1" },
    ],
    ["Patient", "birthdate:missing=true", { kind: "missing", missing: true }],
    [
      "Patient",
      "birthdate=1980-02",
      {
        kind: "date",
        prefix: "eq",
        from: Date.UTC(1980, 1),
        to: Date.UTC(1980, 2),
      },
    ],
    [
      "Appointment",
      "date=ge2026-03-10T10:00-05:00",
      {
        kind: "date",
        prefix: "ge",
        from: Date.UTC(2026, 2, 10, 15),
        to: Date.UTC(2026, 2, 10, 15, 1),
      },
    ],
    [
      "Appointment",
      "date=lt2026-03-10T10:00:00+02:00",
      {
        kind: "date",
        prefix: "lt",
        from: Date.UTC(2026, 2, 10, 8),
        to: Date.UTC(2026, 2, 10, 8, 0, 1),
      },
    ],
    [
      "Encounter",
      "length=gt30|http://unitsofmeasure.org|min",
      {
        kind: "number",
        prefix: "gt",
        number: 30,
        from: 29.5,
        to: 30.5,
        unit: { system: "http://unitsofmeasure.org", code: "min" },
      },
    ],
    [
      "Encounter",
      "length=30||min",
      {
        kind: "number",
        prefix: "eq",
        number: 30,
        from: 29.5,
        to: 30.5,
        unit: { system: undefined, code: "min" },
      },
    ],
    [
      "Encounter",
      "length=1.5",
      { kind: "number", prefix: "eq", number: 1.5, from: 1.45, to: 1.55 },
    ],
    [
      "CarePlan",
      "instantiates-uri=http://x.example/a",
      { kind: "uri", uri: "http://x.example/a" },
    ],
  ])("%s?%s", (type, query, expected) => {
    expect(parse(type, query).criteria[0]?.values).toEqual([expected]);
  });

  test("a comma is or, repetition is and", () => {
    const { criteria } = parse(
      "Appointment",
      "status=booked,arrived&date=ge2026-01-01&date=lt2026-02-01",
    );
    expect(
      criteria.map(({ parameter, values }) => [parameter.name, values.length]),
    ).toEqual([
      ["status", 2],
      ["date", 1],
      ["date", 1],
    ]);
  });
  test("references under the server's own base are relative", () => {
    const { criteria } = parseSearch(
      "Appointment",
      [["patient", "https://api.example/fhir/R4/Patient/p1"]],
      { strict: true, base: "https://api.example/fhir/R4" },
    );
    expect(criteria[0]?.values).toEqual([
      { kind: "reference", type: "Patient", id: "p1" },
    ]);
  });
});

describe("what the answer looks like", () => {
  test("defaults", () => {
    expect(parse("Patient", "")).toMatchObject({
      count: 50,
      sort: [],
      elements: [],
      include: [],
      revinclude: [],
      ignored: [],
      honoured: [],
    });
  });
  test("count is capped at 200, and summary=count asks for no entries", () => {
    expect(parse("Patient", "_count=1000").count).toBe(200);
    expect(parse("Patient", "_count=0").count).toBe(0);
    expect(parse("Patient", "_summary=count&_count=10").count).toBe(0);
  });
  test("sort, elements, total and includes", () => {
    const query = parse(
      "Appointment",
      "_sort=-date,status&_elements=status,start&_total=accurate&_include=Appointment:patient&_include:iterate=Appointment:actor:Patient&_revinclude=Encounter:appointment&_cursor=abc",
    );
    expect(
      query.sort.map(({ parameter, descending }) => [
        parameter.name,
        descending,
      ]),
    ).toEqual([
      ["date", true],
      ["status", false],
    ]);
    expect(query).toMatchObject({
      elements: ["status", "start"],
      total: "accurate",
      cursor: "abc",
      include: [
        {
          source: "Appointment",
          parameter: "patient",
          target: undefined,
          iterate: false,
        },
        {
          source: "Appointment",
          parameter: "actor",
          target: "Patient",
          iterate: true,
        },
      ],
      revinclude: [{ source: "Encounter", parameter: "appointment" }],
    });
    expect(query.honoured.map(([key]) => key)).toEqual([
      "_sort",
      "_elements",
      "_total",
      "_include",
      "_include:iterate",
      "_revinclude",
    ]);
  });
});

describe("what is not understood", () => {
  test("an unknown parameter is ignored and told, or refused when the caller is strict", () => {
    const query = parse(
      "Patient",
      "mothers-name=x&name=y&_revinclude=Device:patient&_format=json&_count:x=1",
    );
    expect(query.ignored).toEqual(["mothers-name", "_revinclude", "_count:x"]);
    expect(query.honoured).toEqual([["name", "y"]]);
    const fault = refusal("Patient", "mothers-name=x", true);
    expect(fault).toMatchObject({ status: 400, code: "not-supported" });
    expect(fault.message).toMatch(/mothers-name; Patient supports .*birthdate/);
  });
  test.each<[KnownType, string, string]>([
    ["Patient", "birthdate=yesterday", "birthdate"],
    ["Patient", "birthdate=xx1980", "birthdate"],
    ["Patient", "birthdate=1980-02-30", "birthdate"],
    ["Patient", "birthdate=gt", "birthdate"],
    ["Patient", "birthdate=1980,", "birthdate"],
    ["Patient", "birthdate:exact=1980", "birthdate"],
    ["Patient", "name:fuzzy=x", "name"],
    ["Patient", "name:not=x", "name"],
    ["Patient", "name=", "name"],
    ["Patient", "name:missing=maybe", "name"],
    ["Patient", "active=yes", "active"],
    ["Patient", "deceased=1", "deceased"],
    ["Patient", "identifier=a|b|c", "identifier"],
    ["Patient", "identifier=|", "identifier"],
    ["Patient", "general-practitioner=a/b/c", "general-practitioner"],
    ["Patient", "general-practitioner:Patient=1", "general-practitioner"],
    [
      "Patient",
      "general-practitioner:Practitioner=Organization/1",
      "general-practitioner",
    ],
    ["Patient", "general-practitioner:Patient.name=x", "general-practitioner"],
    ["Patient", "name.family=x", "name"],
    ["Patient", "_has:Appointment:patient:mother=x", "_has"],
    ["Patient", "_has:Appointment:status:status=booked", "_has"],
    ["Patient", "_has:Appointment:location:status=booked", "_has"],
    ["Patient", "_has:Mother:patient:status=booked", "_has"],
    ["Patient", "_has:Appointment=x", "_has"],
    ["Patient", "_has=x", "_has"],
    ["Observation", "focus.status=x", "focus"],
    ["Observation", "performer.status:exact=x", "status"],
    ["Observation", "part-of.part-of.part-of.part-of.status=x", "part-of"],
    ["Patient", "_lastUpdated=x", "_lastUpdated"],
    ["Patient", "_count=-1", "_count"],
    ["Patient", "_count=ten", "_count"],
    ["Patient", "_total=exact", "_total"],
    ["Patient", "_summary=all", "_summary"],
    ["Patient", "_sort=mother", "_sort"],
    ["Patient", "_elements=name.family", "_elements"],
    ["Patient", "_include=Patient", "_include"],
    ["Patient", "_include=Patient:name", "_include"],
    ["Patient", "_include:all=Patient:link", "_include"],
    ["Encounter", "length=long", "length"],
    ["Encounter", "length=1|min", "length"],
    [
      "Patient",
      `name=${Array.from({ length: 201 }, () => "x").join(",")}`,
      "name",
    ],
  ])("%s?%s is 400 and names %s", (type, query, name) => {
    expect(refusal(type, query)).toMatchObject({
      name: "InvalidSearch",
      status: 400,
    });
    expect(refusal(type, query).message).toContain(name);
  });
  test("more than 100 parameters are refused", () => {
    expect(
      refusal("Patient", Array.from({ length: 101 }, () => "name=x").join("&"))
        .status,
    ).toBe(400);
  });
  test("no refusal holds a value, and no text is more than a Fault", () => {
    const canary = "Zyxwvut-4711";
    const key = fc.constantFrom(
      "birthdate",
      "name:exact",
      "name:x",
      "identifier",
      "general-practitioner",
      "_sort",
      "_count",
      "_elements",
      "_include",
      "_total",
      "active",
      "x",
      "birthdate.x",
      "_lastUpdated",
    );
    const value = fc
      .tuple(
        fc.string({
          unit: fc.constantFrom(
            "|",
            ",",
            "\\",
            "$",
            ":",
            "/",
            "ge",
            " ",
            "1980",
          ),
          maxLength: 8,
        }),
        fc.boolean(),
      )
      .map(([noise, first]) => (first ? canary + noise : noise + canary));
    fc.assert(
      fc.property(
        fc.array(fc.tuple(key, value), { maxLength: 4 }),
        fc.boolean(),
        (params, strict) => {
          try {
            parseSearch("Patient", params, { strict });
          } catch (error) {
            expect(error).toBeInstanceOf(Fault);
            expect(
              JSON.stringify([
                (error as Fault).message,
                (error as Fault).issues,
              ]),
            ).not.toContain("Zyxwvut");
          }
        },
      ),
      { numRuns: 1000 },
    );
  });
});
