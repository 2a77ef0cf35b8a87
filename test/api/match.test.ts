import type {
  Bundle,
  BundleEntry,
  OperationOutcome,
  Parameters,
  Patient,
} from "@medplum/fhirtypes";
import { describe, expect, it, test } from "vitest";
import { aPerson, mrn } from "../core/match-builders.ts";
import { memoryTable } from "../../functions/store/memory-table.ts";
import {
  asClient,
  asPatient,
  aServer,
  codesOf,
  type Ask,
  type Server,
} from "./server.ts";

const about = (
  resource: Patient,
  more: Parameters["parameter"] = [],
): Parameters => ({
  resourceType: "Parameters",
  parameter: [{ name: "resource", resource }, ...more],
});

const certainOnly = [{ name: "onlyCertainMatches", valueBoolean: true }];

const match = async (
  { ask }: Pick<Server, "ask">,
  resource: Patient,
  more?: Parameters["parameter"],
) => {
  const { status, body, text } = await ask<Bundle>("POST", "/Patient/$match", {
    body: about(resource, more),
  });
  if (status !== 200) throw new Error(text);
  return body;
};

const matched = ({ entry = [] }: Bundle): readonly BundleEntry[] =>
  entry.filter(({ search }) => search?.mode === "match");
const idsOf = (bundle: Bundle) =>
  matched(bundle).map(({ resource }) => resource?.id);
const gradesOf = (bundle: Bundle) =>
  matched(bundle).map(
    ({ search }) =>
      search?.extension?.find(
        ({ url }) =>
          url === "http://hl7.org/fhir/StructureDefinition/match-grade",
      )?.valueCode,
  );
const explained = (bundle: Bundle, part: string) =>
  matched(bundle).map(({ search }) =>
    search?.extension
      ?.find(({ url }) => url === "urn:sojourn:match-explanation")
      ?.extension?.filter(({ url }) => url === part)
      .map((one) => one.valueString ?? one.valueCode ?? one.valueBoolean),
  );
const notesOf = ({ entry = [] }: Bundle): readonly string[] =>
  entry.flatMap(({ resource, search }) =>
    search?.mode === "outcome"
      ? (resource as OperationOutcome).issue.map(
          ({ details }) => details?.text ?? "",
        )
      : [],
  );

const { identifier: _number, ...known } = aPerson();

describe("Patient/$match", () => {
  it("grades who is found and says by which rule and fields", async () => {
    const server = aServer();
    const { id } = await server.make(aPerson());
    const bundle = await match(server, known);
    expect(bundle).toMatchObject({
      resourceType: "Bundle",
      type: "searchset",
      total: 1,
      entry: [
        {
          fullUrl: `https://api.example/fhir/R4/Patient/${id}`,
          resource: { resourceType: "Patient", id },
          search: { mode: "match", score: 0.97 },
        },
      ],
    });
    expect(gradesOf(bundle)).toEqual(["certain"]);
    expect(explained(bundle, "rule")).toEqual([["name+birthdate+phone"]]);
    expect(explained(bundle, "agreed")).toEqual([
      ["given", "family", "birthdate", "gender", "phone", "email", "address"],
    ]);
    expect(explained(bundle, "missing")).toEqual([["identifier"]]);
    const said = JSON.stringify(matched(bundle).map(({ search }) => search));
    for (const value of ["Castellanos", "Marisol", "1980", "867"])
      expect(said).not.toContain(value);
  });

  test.each<[string, Patient, string]>([
    [
      "an identifier",
      {
        resourceType: "Patient",
        identifier: [{ system: mrn, value: "A-4711" }],
      },
      "possible",
    ],
    [
      "a phone",
      {
        resourceType: "Patient",
        name: [{ text: "Marisol Castellanos" }],
        telecom: [{ system: "phone", value: "303.867.5309" }],
      },
      "possible",
    ],
    [
      "an e-mail and a birth date",
      {
        resourceType: "Patient",
        birthDate: "1980-02-11",
        telecom: [
          { system: "email", value: "Marisol.Castellanos@mailbox.example" },
        ],
      },
      "possible",
    ],
    [
      "a name and a birth date",
      {
        resourceType: "Patient",
        birthDate: "1980-02-11",
        name: [{ family: "Castellános", given: ["Marisol"] }],
      },
      "probable",
    ],
    [
      "a name and a birth date whose day and month are swapped",
      {
        resourceType: "Patient",
        birthDate: "1980-11-02",
        name: [{ family: "Castellanos", given: ["Marisol"] }],
      },
      "possible",
    ],
    [
      "a name in the other order and a birth date",
      {
        resourceType: "Patient",
        gender: "female",
        birthDate: "1980-02-11",
        name: [{ family: "Marisol", given: ["Castellanos"] }],
      },
      "probable",
    ],
    [
      "a misspelt family name and a birth date",
      {
        resourceType: "Patient",
        gender: "female",
        birthDate: "1980-02-11",
        name: [{ family: "Castelanos", given: ["Marisol"] }],
      },
      "probable",
    ],
    [
      "a name alone",
      {
        resourceType: "Patient",
        name: [{ family: "Castellanos", given: ["Marisol"] }],
      },
      "possible",
    ],
  ])("finds by %s", async (_, question, grade) => {
    const server = aServer();
    const { id } = await server.make(aPerson());
    await server.make(
      aPerson({
        name: [{ family: "Redfern", given: ["Zeno"] }],
        birthDate: "1951-06-30",
        telecom: [],
        identifier: [],
      }),
    );
    const bundle = await match(server, question);
    expect([idsOf(bundle), gradesOf(bundle)]).toEqual([[id], [grade]]);
  });

  it("puts the surest first and returns no more than asked for", async () => {
    const server = aServer();
    const twin = await server.make(
      aPerson({
        name: [{ family: "Castellanos", given: ["Ximena"] }],
        identifier: [],
      }),
    );
    const same = await server.make(aPerson());
    const bundle = await match(server, known);
    expect(idsOf(bundle)).toEqual([same.id, twin.id]);
    expect(gradesOf(bundle)).toEqual(["certain", "possible"]);
    const first = await match(server, known, [
      { name: "count", valueInteger: 1 },
    ]);
    expect(idsOf(first)).toEqual([same.id]);
    expect(notesOf(first)).toHaveLength(1);
  });

  it("answers with one certain match, or with none when several are certain", async () => {
    const server = aServer();
    expect(await match(server, known, certainOnly)).toMatchObject({ total: 0 });
    const { id } = await server.make(aPerson());
    await server.make(
      aPerson({
        name: [{ family: "Castellanos", given: ["Ximena"] }],
        identifier: [],
      }),
    );
    expect(idsOf(await match(server, known, certainOnly))).toEqual([id]);
    await server.make(aPerson({ identifier: [] }));
    const several = await match(server, known, certainOnly);
    expect(idsOf(several)).toEqual([]);
    expect(notesOf(several)).toEqual([
      expect.stringContaining("More than one patient"),
    ]);
  });

  it("answers with the surviving record of a merged one", async () => {
    const server = aServer();
    const survivor = await server.make(
      aPerson({
        name: [{ family: "Norwood", given: ["Marisol"] }],
        identifier: [],
        telecom: [],
        address: [],
      }),
    );
    const loser = await server.make(aPerson());
    await server.records.change(
      {
        by: { kind: "system", id: "test" },
        purpose: "TREAT",
        requestId: "test",
      },
      (work) =>
        work.update({
          ...loser,
          active: false,
          link: [
            {
              type: "replaced-by",
              other: { reference: `Patient/${survivor.id}` },
            },
          ],
        }),
    );
    const bundle = await match(server, known);
    expect(idsOf(bundle)).toEqual([survivor.id]);
    expect(gradesOf(bundle)).toEqual(["certain"]);
    expect(explained(bundle, "merged")).toEqual([[true]]);
  });

  it("marks a record that is out of use", async () => {
    const server = aServer();
    await server.make(aPerson({ active: false }));
    expect(explained(await match(server, known), "inactive")).toEqual([[true]]);
  });

  it("finds nobody by placeholders", async () => {
    const server = aServer();
    const placeholder = { system: "phone" as const, value: "303-555-0100" };
    await server.make(aPerson({ telecom: [placeholder], identifier: [] }));
    const bundle = await match(server, {
      resourceType: "Patient",
      name: [{ family: "Unknown", given: ["Baby Girl"] }, { given: ["Rosa"] }],
      telecom: [placeholder, { system: "phone", value: "602-736-5000" }],
    });
    expect(idsOf(bundle)).toEqual([]);
  });

  it("compares those who share more than a crowded phone, and says so", async () => {
    const server = aServer();
    const shelter = { system: "phone" as const, value: "602-736-5000" };
    for (let number = 0; number < 60; number += 1)
      await server.make({
        resourceType: "Patient",
        name: [{ family: `Guest${"abcdefghij"[number % 10] ?? ""}` }],
        telecom: [shelter],
      });
    const { id } = await server.make(
      aPerson({ telecom: [shelter], identifier: [] }),
    );
    const bundle = await match(server, {
      ...known,
      telecom: [shelter],
    });
    expect([idsOf(bundle), gradesOf(bundle)]).toEqual([[id], ["certain"]]);
    expect(notesOf(bundle)).toEqual([expect.stringContaining("So many")]);
  });

  it("leaves a read's fact in the record of who is in the answer", async () => {
    const table = memoryTable();
    const server = aServer({ table });
    const { id } = await server.make(aPerson());
    await match(server, known);
    const { items } = await table.query({ pk: `PATIENT#${id}`, prefix: "F#" });
    expect(items.filter(({ kind }) => kind === "read")).toMatchObject([
      {
        by: "staff:nurse-1",
        changes: [{ type: "Patient", id, what: "PatientRead" }],
      },
    ]);
  });
});

describe("a question", () => {
  test.each<[string, unknown, number]>([
    ["nothing", {}, 400],
    ["another resource", { resourceType: "Practitioner" }, 400],
    ["no patient", { resourceType: "Parameters" }, 400],
    [
      "a practitioner",
      {
        resourceType: "Parameters",
        parameter: [
          { name: "resource", resource: { resourceType: "Practitioner" } },
        ],
      },
      400,
    ],
    ["a list of null", { resourceType: "Parameters", parameter: [null] }, 400],
    [
      "an unknown parameter",
      about(known, [{ name: "limit", valueInteger: 1 }]),
      400,
    ],
    ["no count", about(known, [{ name: "count", valueInteger: 0 }]), 400],
    [
      "a text as boolean",
      about(known, [{ name: "onlyCertainMatches", valueString: "true" }]),
      400,
    ],
    [
      "the same parameter twice",
      about(known, [...certainOnly, ...certainOnly]),
      400,
    ],
    ["an empty patient", about({ resourceType: "Patient" }), 422],
    [
      "a patient of placeholders",
      about({
        resourceType: "Patient",
        gender: "female",
        birthDate: "1900-01-01",
        name: [{ family: "Unknown", given: ["Baby Boy"] }],
        telecom: [{ system: "phone", value: "555-555-5555" }],
        identifier: [
          { system: "http://hl7.org/fhir/sid/us-ssn", value: "123-45-6789" },
        ],
      }),
      422,
    ],
    [
      "a patient that is not valid",
      about({ ...known, birthDate: "yesterday" }),
      422,
    ],
    [
      "a name that is a text",
      about({ ...known, name: "Marisol" } as never),
      422,
    ],
  ])("with %s is refused", async (_, body, status) => {
    const { ask } = aServer();
    const answer = await ask("POST", "/Patient/$match", { body });
    expect(answer.status).toBe(status);
    expect(answer.body).toMatchObject({ resourceType: "OperationOutcome" });
    expect(answer.text).not.toContain("yesterday");
    expect(codesOf(answer)).not.toHaveLength(0);
  });

  it("may be the Patient alone", async () => {
    const server = aServer();
    const { id } = await server.make(aPerson());
    const { body } = await server.ask<Bundle>("POST", "/Patient/$match", {
      body: known,
    });
    expect(idsOf(body)).toEqual([id]);
  });

  it("is for staff and clinic systems, not for patients", async () => {
    const server = aServer();
    const { id } = await server.make(aPerson());
    const as = async (caller: Ask) =>
      (
        await server.ask("POST", "/Patient/$match", {
          body: about(known),
          ...caller,
        })
      ).status;
    expect(await as({ as: asPatient(id) })).toBe(403);
    expect(await as({ as: asClient("system/Patient.rs") })).toBe(200);
    expect(await as({ as: asClient("system/Appointment.rs") })).toBe(403);
  });

  it("costs as many requests among many patients as among few", async () => {
    const requests = async (others: number) => {
      const table = memoryTable();
      const calls: string[] = [];
      const server = aServer({
        table: {
          ...table,
          get: (keys) => {
            calls.push("get");
            return table.get(keys);
          },
          query: (range) => {
            calls.push("query");
            return table.query(range);
          },
        },
      });
      await server.make(aPerson());
      for (let number = 0; number < others; number += 1)
        await server.make({
          resourceType: "Patient",
          name: [{ family: "Castellanos", given: ["Marisol"] }],
          birthDate: `19${String(50 + (number % 40))}-03-25`,
        });
      calls.length = 0;
      await match(server, known);
      return calls.length;
    };
    expect(await requests(60)).toBe(await requests(2));
  });
});
