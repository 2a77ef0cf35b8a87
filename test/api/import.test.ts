import type {
  Appointment,
  Binary,
  DocumentReference,
  Observation,
  OperationOutcome,
  Patient,
  Provenance,
  QuestionnaireResponse,
  Resource,
  Slot,
} from "@medplum/fhirtypes";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { Caller } from "../../functions/core/caller.ts";
import { importOccurrence } from "../../functions/core/import-job.ts";
import { executionName } from "../../functions/core/journey.ts";
import { taskSystem } from "../../functions/core/staff-task.ts";
import { memoryTable } from "../../functions/store/memory-table.ts";
import type { KnownType } from "../../functions/resources/declaration.ts";
import type { Stored } from "../../functions/store/records.ts";
import { bySystem } from "../record.ts";
import {
  bytesOf,
  importClinic,
  importer,
  type Handed,
  type ImportClinic,
} from "./import-clinic.ts";
import { asClient, asPatient, nurse } from "./server.ts";

const patient = (id: string, more: Partial<Patient> = {}): Patient => ({
  resourceType: "Patient",
  id,
  name: [{ family: `Doe-${id}` }],
  ...more,
});

const weight = (
  id: string,
  subject: string,
  more: Partial<Observation> = {},
): Observation => ({
  resourceType: "Observation",
  id,
  status: "final",
  code: { text: "Weight" },
  subject: { reference: subject },
  ...more,
});

const visit = (id: string, more: Partial<Appointment>): Appointment => ({
  resourceType: "Appointment",
  id,
  status: "booked",
  start: "2026-03-04T15:00:00Z",
  end: "2026-03-04T15:30:00Z",
  participant: [
    { actor: { reference: "Patient/p" }, status: "accepted" },
    { actor: { reference: "Practitioner/d" }, status: "accepted" },
  ],
  ...more,
});

const doctor: Resource = { resourceType: "Practitioner", id: "d" };

/** The resource that has this name at the source. */
const named = async <T extends Resource>(
  clinic: ImportClinic,
  name: string,
): Promise<Stored<T>> => {
  const [found] = await clinic.records.change(bySystem, (work) =>
    work.byIdentifier(
      name.split("/")[0] as KnownType,
      "urn:sojourn:source:old-ehr",
      name,
    ),
  );
  if (found === undefined) throw new Error(`${name} is not there`);
  return found as unknown as Stored<T>;
};

/** Current resources of the table, by their keys: what an import has left behind. */
const current = (clinic: ImportClinic) =>
  (clinic.table.dump?.() ?? []).filter(
    ({ sk }) => sk.startsWith("A#") || sk.startsWith("Slot#"),
  );

const told = (outcomes: readonly OperationOutcome[]) =>
  outcomes.map(({ extension = [], issue }) => [
    extension[0]?.valueString,
    extension[1]?.valueInteger,
    issue[0]?.code,
    issue[0]?.expression?.[0],
  ]);

describe("an import", () => {
  it("takes resources whatever the order of files, with their references", async () => {
    const clinic = importClinic();
    const { status, counts, outcomes } = await clinic.imported([
      ["Observation", [weight("o", "Patient/p")]],
      [
        "Patient",
        [
          patient("p", {
            generalPractitioner: [{ reference: "Practitioner/d" }],
          }),
        ],
      ],
      ["Practitioner", [doctor]],
    ]);
    expect(outcomes).toEqual([]);
    expect(status).toBe("completed");
    expect(counts).toMatchObject({
      Observation: { read: 1, created: 1, refused: 0 },
      Patient: { read: 1, created: 1 },
      Practitioner: { read: 1, created: 1 },
    });
    const p = await named<Patient>(clinic, "Patient/p");
    const o = await named<Observation>(clinic, "Observation/o");
    const d = await named(clinic, "Practitioner/d");
    expect(o.subject?.reference).toBe(`Patient/${p.id}`);
    expect(o.id.startsWith(p.id)).toBe(true);
    expect(p.generalPractitioner?.[0]?.reference).toBe(`Practitioner/${d.id}`);
  });

  it("tells where its resources come from, and in whose name", async () => {
    const clinic = importClinic();
    const { id } = await clinic.imported([
      ["Patient", [patient("p")]],
      ["Observation", [weight("o", "Patient/p")]],
    ]);
    const p = await named<Patient>(clinic, "Patient/p");
    const o = await named<Observation>(clinic, "Observation/o");
    for (const { meta } of [p, o])
      expect(meta).toMatchObject({ source: `urn:sojourn:import:${id}` });
    const origin = await clinic.records.change(bySystem, (work) =>
      work.ofPatient("Provenance", p.id),
    );
    expect(origin).toMatchObject([
      {
        target: [
          { reference: `Patient/${p.id}` },
          { reference: `Observation/${o.id}` },
        ],
        agent: [{ who: { identifier: { value: "client:ehr" } } }],
        entity: [{ role: "source", what: { identifier: { value: id } } }],
      },
    ]);
    const facts = (clinic.table.dump?.() ?? []).filter(
      ({ sk, requestId }) => sk.startsWith("F#") && requestId === id,
    );
    expect(new Set(facts.map(({ by }) => by))).toEqual(
      new Set(["client:ehr", "system:import-slice"]),
    );
  });

  it("of the same files again writes nothing", async () => {
    const clinic = importClinic();
    const files: readonly Handed[] = [
      ["Patient", [patient("p")]],
      ["Observation", [weight("o", "Patient/p"), weight("q", "Patient/p")]],
    ];
    await clinic.imported(files);
    const before = current(clinic);
    const facts = (): number =>
      (clinic.table.dump?.() ?? []).filter(({ pk }) => pk.startsWith("PATIENT"))
        .length;
    const count = facts();
    const { counts } = await clinic.imported(files);
    expect(counts).toMatchObject({
      Patient: { unchanged: 1, created: 0, updated: 0 },
      Observation: { unchanged: 2, created: 0, updated: 0 },
    });
    expect(current(clinic)).toEqual(before);
    expect(facts()).toBe(count);
  });

  it("of changed files changes what has changed", async () => {
    const clinic = importClinic();
    await clinic.imported([["Patient", [patient("p"), patient("q")]]]);
    const { counts, id } = await clinic.imported([
      ["Patient", [patient("p", { gender: "female" }), patient("q")]],
    ]);
    expect(counts.Patient).toMatchObject({ updated: 1, unchanged: 1 });
    const p = await named<Patient>(clinic, "Patient/p");
    expect(p).toMatchObject({
      gender: "female",
      meta: { versionId: "2", source: `urn:sojourn:import:${id}` },
    });
  });

  it("weeks later finds what it brought, though reservations are gone", async () => {
    const clinic = importClinic();
    const files: readonly Handed[] = [
      ["Patient", [patient("p")]],
      [
        "QuestionnaireResponse",
        [
          {
            resourceType: "QuestionnaireResponse",
            id: "r",
            status: "completed",
            subject: { reference: "Patient/p" },
          },
        ],
      ],
    ];
    await clinic.imported(files);
    const expired = (clinic.table.dump?.() ?? []).filter(
      ({ pk, expires }) => pk.startsWith("SOURCE#") && expires !== undefined,
    );
    expect(expired).toHaveLength(1);
    for (const { pk, sk } of expired)
      await clinic.table.commit([{ remove: { pk, sk }, guard: "any" }], pk);
    const { counts } = await clinic.imported(files);
    expect(counts).toMatchObject({
      Patient: { unchanged: 1 },
      QuestionnaireResponse: { unchanged: 1 },
    });
  });

  it("resolves references in circles", async () => {
    const clinic = importClinic();
    const { outcomes } = await clinic.imported([
      [
        "Patient",
        [
          patient("a", {
            link: [{ type: "seealso", other: { reference: "Patient/b" } }],
          }),
          patient("b", {
            link: [{ type: "seealso", other: { reference: "Patient/a" } }],
          }),
        ],
      ],
      [
        "Observation",
        [
          weight("o", "Patient/a", {
            hasMember: [{ reference: "Observation/q" }],
          }),
          weight("q", "Patient/b", {
            derivedFrom: [{ reference: "Observation/o" }],
          }),
        ],
      ],
    ]);
    expect(outcomes).toEqual([]);
    const [a, b] = [
      await named<Patient>(clinic, "Patient/a"),
      await named<Patient>(clinic, "Patient/b"),
    ];
    expect(a.link?.[0]?.other.reference).toBe(`Patient/${b.id}`);
    expect(b.link?.[0]?.other.reference).toBe(`Patient/${a.id}`);
    const [o, q] = [
      await named<Observation>(clinic, "Observation/o"),
      await named<Observation>(clinic, "Observation/q"),
    ];
    expect(o.hasMember?.[0]?.reference).toBe(`Observation/${q.id}`);
    expect(q.derivedFrom?.[0]?.reference).toBe(`Observation/${o.id}`);
  });

  it("takes merged records as one person's", async () => {
    const clinic = importClinic();
    const files: readonly Handed[] = [
      [
        "Patient",
        [
          patient("a", {
            active: false,
            link: [{ type: "replaced-by", other: { reference: "Patient/b" } }],
          }),
          patient("b", {
            link: [{ type: "replaces", other: { reference: "Patient/a" } }],
          }),
          patient("c", {
            active: false,
            link: [{ type: "replaced-by", other: { reference: "Patient/b" } }],
          }),
        ],
      ],
      ["Observation", [weight("o", "Patient/a")]],
    ];
    const { outcomes } = await clinic.imported(files);
    expect(outcomes).toEqual([]);
    const b = await named<Patient>(clinic, "Patient/b");
    const found = await clinic.records.change(bySystem, async (work) => ({
      person: await work.samePerson(b.id),
      observations: await work.ofPatient("Observation", b.id),
    }));
    expect(found.person).toHaveLength(3);
    expect(found.observations).toHaveLength(1);
    expect((await clinic.imported(files)).counts.Patient?.unchanged).toBe(3);
  });

  it("takes history in its final states, and busy slots with their appointments", async () => {
    const clinic = importClinic();
    const { outcomes } = await clinic.imported([
      [
        "Slot",
        [
          {
            resourceType: "Slot",
            id: "s",
            schedule: { reference: "Schedule/c" },
            status: "busy",
            start: "2026-03-04T15:00:00Z",
            end: "2026-03-04T15:30:00Z",
          },
        ],
      ],
      [
        "Schedule",
        [
          {
            resourceType: "Schedule",
            id: "c",
            actor: [{ reference: "Practitioner/d" }],
          },
        ],
      ],
      ["Practitioner", [doctor]],
      ["Patient", [patient("p")]],
      [
        "Appointment",
        [
          visit("past", {
            status: "fulfilled",
            start: "2025-03-04T15:00:00Z",
            end: "2025-03-04T15:30:00Z",
          }),
          visit("past-too", {
            status: "fulfilled",
            start: "2025-03-04T15:00:00Z",
            end: "2025-03-04T15:30:00Z",
          }),
          visit("next", { slot: [{ reference: "Slot/s" }] }),
        ],
      ],
      [
        "Encounter",
        [
          {
            resourceType: "Encounter",
            id: "e",
            status: "finished",
            class: { code: "AMB" },
            subject: { reference: "Patient/p" },
            appointment: [{ reference: "Appointment/past" }],
          },
        ],
      ],
      [
        "Task",
        [
          {
            resourceType: "Task",
            id: "t",
            status: "completed",
            intent: "order",
            for: { reference: "Patient/p" },
            focus: { reference: "Encounter/e" },
          },
          {
            resourceType: "Task",
            id: "staff",
            status: "completed",
            intent: "order",
          },
        ],
      ],
    ]);
    expect(outcomes).toEqual([]);
    const slot = await named<Slot>(clinic, "Slot/s");
    expect(slot.status).toBe("busy");
    const next = await named<Appointment>(clinic, "Appointment/next");
    expect(next.slot).toEqual([{ reference: `Slot/${slot.id}` }]);
    const p = await named<Patient>(clinic, "Patient/p");
    expect((await named(clinic, "Task/t")).id.startsWith(p.id)).toBe(true);
    expect((await named(clinic, "Task/staff")).id).toHaveLength(26);
  });

  it("keeps the names of what has no identifiers beside the record", async () => {
    const clinic = importClinic();
    const binary: Binary = {
      resourceType: "Binary",
      id: "b",
      contentType: "text/plain",
      securityContext: { reference: "Patient/p" },
      data: Buffer.from("hello").toString("base64"),
    };
    const files: readonly Handed[] = [
      [
        "Provenance",
        [
          {
            resourceType: "Provenance",
            id: "v",
            target: [{ reference: "QuestionnaireResponse/r" }],
            recorded: "2026-01-01T00:00:00Z",
            agent: [{ who: { display: "the old system" } }],
          },
        ],
      ],
      ["Binary", [binary]],
      [
        "QuestionnaireResponse",
        [
          {
            resourceType: "QuestionnaireResponse",
            id: "r",
            status: "completed",
            subject: { reference: "Patient/p" },
            identifier: { system: "urn:x", value: "1" },
          },
        ],
      ],
      [
        "DocumentReference",
        [
          {
            resourceType: "DocumentReference",
            id: "f",
            status: "current",
            subject: { reference: "Patient/p" },
            content: [{ attachment: { url: "Binary/b" } }],
          },
        ],
      ],
      ["Patient", [patient("p")]],
    ];
    const first = await clinic.imported(files);
    expect(first.outcomes).toEqual([]);
    const p = await named<Patient>(clinic, "Patient/p");
    const of = <K extends KnownType>(type: K) =>
      clinic.records.change(bySystem, (work) => work.ofPatient(type, p.id));
    const [response] = (await of("QuestionnaireResponse")) as [
      Stored<QuestionnaireResponse>,
    ];
    expect(response.identifier).toEqual({ system: "urn:x", value: "1" });
    const targets = ((await of("Provenance")) as readonly Provenance[]).map(
      ({ target }) => target[0]?.reference,
    );
    expect(targets).toContain(`QuestionnaireResponse/${response.id}`);
    const document = await named<DocumentReference>(
      clinic,
      "DocumentReference/f",
    );
    const [, id = ""] = document.content[0]?.attachment.url?.split("/") ?? [];
    const kept = await clinic.records.read(bySystem, "Binary", id);
    expect(kept).toMatchObject({ data: binary.data });
    const before = current(clinic);
    const again = await clinic.imported(files);
    expect(again.outcomes).toEqual([]);
    expect(current(clinic)).toEqual(before);
    expect(again.counts.Binary).toMatchObject({ unchanged: 1 });
  });

  it("understands versions, fragments, addresses of the source and of others, and ids of this record", async () => {
    const clinic = importClinic();
    const here = await clinic.records.change(bySystem, (work) =>
      work.create({ resourceType: "Patient" }),
    );
    const { outcomes } = await clinic.imported(
      [
        ["Patient", [patient("p")]],
        [
          "Observation",
          [
            weight("o1", "Patient/p/_history/3"),
            weight("o2", "https://old.example/fhir/Patient/p"),
            weight("o3", `Patient/${here.id}`),
            weight("o4", "Patient/p", {
              contained: [
                {
                  resourceType: "Practitioner",
                  id: "inside",
                  extension: [
                    {
                      url: "urn:x",
                      valueReference: { reference: "Patient/p" },
                    },
                  ],
                },
              ],
              performer: [
                { reference: "#inside" },
                { reference: "https://else.example/Practitioner/7" },
                { display: "nobody" },
              ],
            }),
          ],
        ],
      ],
      { base: "https://old.example/fhir" },
    );
    expect(outcomes).toEqual([]);
    const p = await named<Patient>(clinic, "Patient/p");
    for (const name of ["o1", "o2"])
      expect(
        (await named<Observation>(clinic, `Observation/${name}`)).subject,
      ).toEqual({ reference: `Patient/${p.id}` });
    expect(
      (await named<Observation>(clinic, "Observation/o3")).subject?.reference,
    ).toBe(`Patient/${here.id}`);
    const o4 = await named<Observation>(clinic, "Observation/o4");
    expect(o4.performer).toEqual([
      { reference: "#inside" },
      { reference: "https://else.example/Practitioner/7" },
      { display: "nobody" },
    ]);
    expect(JSON.stringify(o4.contained)).toContain(p.id);
  });

  it("resolves conditional references by identifiers, of this import or of the record", async () => {
    const clinic = importClinic();
    const npi = "http://hl7.org/fhir/sid/us-npi";
    const here = await clinic.records.change(bySystem, (work) =>
      work.create({
        resourceType: "Practitioner",
        identifier: [{ system: npi, value: "here" }],
      }),
    );
    const by = (value: string) => ({
      reference: `Practitioner?identifier=${npi}|${value}`,
    });
    const doctors = ["d", "twin-1", "twin-2"].map((id): Resource => ({
      resourceType: "Practitioner",
      id,
      identifier: [{ system: npi, value: id.replace(/-\d/u, "") }],
    }));
    const { outcomes } = await clinic.imported([
      [
        "Observation",
        [
          weight("o", "Patient?identifier=urn:mrn|7", {
            performer: [by("d"), by("here")],
          }),
          weight("none", "Patient/p", { performer: [by("nobody")] }),
          weight("two", "Patient/p", { performer: [by("twin")] }),
          weight("odd", "Patient/p", {
            performer: [{ reference: "Practitioner?name=Doe" }],
          }),
        ],
      ],
      [
        "Patient",
        [patient("p", { identifier: [{ system: "urn:mrn", value: "7" }] })],
      ],
      ["Practitioner", doctors],
    ]);
    expect(told(outcomes).map(([, line, code]) => [line, code])).toEqual([
      [2, "not-found"],
      [3, "not-found"],
      [4, expect.any(String)],
    ]);
    const o = await named<Observation>(clinic, "Observation/o");
    const [d, p] = [
      await named(clinic, "Practitioner/d"),
      await named(clinic, "Patient/p"),
    ];
    expect(o.subject?.reference).toBe(`Patient/${p.id}`);
    expect(o.performer).toEqual([
      { reference: `Practitioner/${d.id}` },
      { reference: `Practitioner/${here.id}` },
    ]);
  });

  it("creates anew what was deleted here", async () => {
    const clinic = importClinic();
    const files: readonly Handed[] = [
      ["Patient", [patient("p")]],
      ["Observation", [weight("o", "Patient/p")]],
    ];
    await clinic.imported(files);
    const { id } = await named(clinic, "Observation/o");
    await clinic.records.change(bySystem, (work) =>
      work.remove("Observation", id),
    );
    const { counts } = await clinic.imported(files);
    expect(counts.Observation).toMatchObject({ created: 1 });
    expect((await named(clinic, "Observation/o")).id).not.toBe(id);
  });

  it("keeps apart what two sources call alike", async () => {
    const clinic = importClinic();
    await clinic.imported([["Patient", [patient("p")]]]);
    const path = await clinic.announced([["Patient", [patient("p")]]], {
      source: "other-ehr",
    });
    await clinic.ask("POST", `${path}/start`);
    await clinic.engine.settled();
    expect((await clinic.statusOf(path)).counts.Patient?.created).toBe(1);
  });
});

describe("a line", () => {
  it("that is wrong is named with its file and its number, and the rest goes on", async () => {
    const clinic = importClinic();
    const nested = `{"resourceType":"Patient","id":"deep","extension":${"[".repeat(101)}${"]".repeat(101)}}`;
    const { outcomes, counts } = await clinic.imported([
      [
        "Patient",
        [
          patient("p"),
          "",
          "{not json",
          "[1]",
          "null",
          '"text"',
          JSON.stringify(doctor),
          '{"resourceType":"Patient"}',
          '{"resourceType":"Patient","id":"a b"}',
          '{"resourceType":"Patient","id":"x","id":"y"}',
          nested,
          JSON.stringify(patient("p", { gender: "male" })),
          '{"resourceType":"Patient","id":"bad","gender":"other-than"}',
          patient("last"),
        ],
      ],
      [
        "Observation",
        [
          weight("1", "Patient/nobody"),
          weight("2", "urn:uuid:53fefa32-fcbb-4ff8-8a92-55ee120877b7"),
          weight("3", "Patient/bad"),
          weight("4", "Patient/p", {
            performer: [{ reference: "Practitioner/gone" }],
            device: { reference: "Device/7" },
          }),
          weight("5", "Patient/p", {
            subject: { display: "somebody" },
          }),
          weight("6", "Patient?identifier=7"),
          weight("7", "Patient/last"),
        ],
      ],
    ]);
    const file = "Patient-0.ndjson";
    const other = "Observation-1.ndjson";
    expect(told(outcomes)).toEqual([
      [file, 3, "structure", undefined],
      [file, 4, "structure", "resourceType"],
      [file, 5, "structure", "resourceType"],
      [file, 6, "structure", "resourceType"],
      [file, 7, "invalid", "resourceType"],
      [file, 8, "required", "Patient.id"],
      [file, 9, "required", "Patient.id"],
      [file, 10, "structure", undefined],
      [file, 11, "structure", undefined],
      [file, 12, "duplicate", "id"],
      [file, 13, "code-invalid", "Patient.gender"],
      [other, 1, "not-found", "Observation.subject"],
      [other, 2, "not-found", "Observation.subject"],
      [other, 3, "not-found", "Observation.subject"],
      [other, 4, "not-found", "Observation.performer[0]"],
      [other, 5, "required", "Observation.subject"],
      [other, 6, expect.any(String), expect.any(String)],
    ]);
    expect(counts).toMatchObject({
      Patient: { read: 13, created: 2, refused: 11 },
      Observation: { read: 7, created: 1, refused: 6 },
    });
    expect(JSON.stringify(outcomes)).not.toContain("nobody");
    expect((await named<Patient>(clinic, "Patient/p")).gender).toBeUndefined();
  });

  it("whose name was there hundreds of lines before, or in another file, is refused", async () => {
    const clinic = importClinic();
    const many = Array.from({ length: 120 }, (_, index) =>
      patient(`p${String(index)}`),
    );
    const { outcomes, counts } = await clinic.imported([
      ["Patient", [...many, patient("p0", { gender: "male" })]],
      ["Patient", [patient("p1", { gender: "male" }), patient("new")]],
    ]);
    expect(told(outcomes)).toEqual([
      ["Patient-0.ndjson", 121, "duplicate", "id"],
      ["Patient-1.ndjson", 1, "duplicate", "id"],
    ]);
    expect(counts.Patient).toMatchObject({ created: 121, refused: 2 });
  });

  it("may end as it likes", async () => {
    const clinic = importClinic();
    const text = `\uFEFF${JSON.stringify(patient("a"))}\r\n\r\n  \n${JSON.stringify(patient("b"))}\r\n${JSON.stringify(patient("c"))}`;
    const { outcomes, counts } = await clinic.imported([
      ["Patient", Buffer.from(text)],
    ]);
    expect(outcomes).toEqual([]);
    expect(counts.Patient).toMatchObject({ read: 3, created: 3 });
  });

  it("over 1 MB, or of broken UTF-8, is refused; its neighbours are taken", async () => {
    const clinic = importClinic();
    const huge = JSON.stringify(
      patient("huge", { name: [{ text: "x".repeat(6 * 1024 * 1024) }] }),
    );
    const { outcomes, counts } = await clinic.imported([
      [
        "Patient",
        Buffer.concat([
          bytesOf([patient("a"), huge]),
          Buffer.from([0x0a, 0x7b, 0xff, 0xfe, 0x7d, 0x0a]),
          bytesOf([patient("b")]),
        ]),
      ],
    ]);
    expect(told(outcomes)).toEqual([
      ["Patient-0.ndjson", 2, "too-long", undefined],
      ["Patient-0.ndjson", 3, "structure", undefined],
    ]);
    expect(counts.Patient).toMatchObject({ read: 4, created: 2, refused: 2 });
  });

  it("that refers to what was itself refused, or is gone, is refused", async () => {
    const clinic = importClinic();
    const identifier = [{ system: "urn:sojourn:x", value: "1" }];
    await clinic.records.change(bySystem, (work) =>
      work.create({ resourceType: "Practitioner", identifier }),
    );
    const observations = [
      weight("o", "Patient/p", {
        performer: [{ reference: "Practitioner/double" }],
      }),
      weight("q", "Patient/p", {
        performer: [{ reference: "Practitioner/d" }],
      }),
    ];
    const first = await clinic.imported([
      ["Patient", [patient("p")]],
      [
        "Practitioner",
        [{ resourceType: "Practitioner", id: "double", identifier }, doctor],
      ],
      ["Observation", observations],
    ]);
    expect(told(first.outcomes)).toEqual([
      ["Practitioner-1.ndjson", 1, "duplicate", undefined],
      ["Observation-2.ndjson", 1, "not-found", "Observation.performer[0]"],
    ]);
    const { id } = await named(clinic, "Practitioner/d");
    await clinic.records.change(bySystem, (work) =>
      work.remove("Practitioner", id),
    );
    const second = await clinic.imported([["Observation", observations]]);
    expect(told(second.outcomes).map(([, line]) => line)).toEqual([1, 2]);
  });

  it("of another patient's identifier, or another patient's resource, is refused", async () => {
    const clinic = importClinic();
    const mrn = { system: "http://hospital.example/mrn", value: "1" };
    const unique = clinic.organization.uniqueIdentifiers[0] ?? mrn.system;
    const identifier = [{ ...mrn, system: unique }];
    await clinic.records.change(bySystem, (work) =>
      work.create({ resourceType: "Patient", identifier }),
    );
    const first = await clinic.imported([
      ["Patient", [patient("p", { identifier }), patient("q"), patient("r")]],
      ["Observation", [weight("o", "Patient/q"), weight("w", "Patient/p")]],
    ]);
    expect(told(first.outcomes).map(([, line, code]) => [line, code])).toEqual([
      [1, "duplicate"],
      [2, "not-found"],
    ]);
    const second = await clinic.imported([
      ["Patient", [patient("q"), patient("r")]],
      ["Observation", [weight("o", "Patient/r")]],
    ]);
    expect(told(second.outcomes)).toEqual([
      ["Observation-1.ndjson", 1, "business-rule", "Observation.subject"],
    ]);
  });
});

/** A small record with references all over, twice over by name. */
const clinicFiles = (patients: number): Handed[] => {
  const ids = Array.from(
    { length: patients },
    (_, index) => `p${String(index)}`,
  );
  return [
    [
      "Patient",
      ids.map((id, index) =>
        patient(id, {
          generalPractitioner: [{ reference: "Practitioner/d" }],
          link: [
            {
              type: "seealso",
              other: {
                reference: `Patient/${ids[(index + 1) % patients] ?? ""}`,
              },
            },
          ],
        }),
      ),
    ],
    [
      "Observation",
      ids.flatMap((id) => [
        weight(`${id}-a`, `Patient/${id}`, {
          hasMember: [{ reference: `Observation/${id}-b` }],
        }),
        weight(`${id}-b`, `Patient/${id}`, {
          encounter: { reference: `Encounter/${id}` },
        }),
      ]),
    ],
    [
      "Encounter",
      ids.map((id) => ({
        resourceType: "Encounter" as const,
        id,
        status: "finished" as const,
        class: { code: "AMB" },
        subject: { reference: `Patient/${id}` },
      })),
    ],
    ["Practitioner", [doctor]],
  ];
};

/** All that was imported, with names of the source in place of ids. */
const seen = async (clinic: ImportClinic): Promise<ReadonlySet<string>> => {
  const resources: Resource[] = [];
  for (const { sk, pk } of current(clinic)) {
    const [, type = "", local = ""] = sk.split("#");
    if (type === "Provenance") continue;
    const [kind, owner = ""] = pk.split("#");
    const id =
      type === "Patient" || kind === "DIRECTORY" ? local : `${owner}-${local}`;
    resources.push(await clinic.records.read(bySystem, type as KnownType, id));
  }
  const names = new Map(
    resources.map((resource) => [
      resource.id ?? "",
      (resource as Patient).identifier?.[0]?.value ?? "",
    ]),
  );
  return new Set(
    resources.map((resource) =>
      JSON.stringify({ ...resource, meta: undefined }).replaceAll(
        /[0-9A-Z]{26}(?:-[0-9A-Z]{26})?/gu,
        (id) => names.get(id) ?? "?",
      ),
    ),
  );
};

describe("the record after an import", () => {
  it("is the same whatever the order of files and lines, and wherever slices end", async () => {
    const expected = importClinic();
    await expected.imported(clinicFiles(3));
    const whole = await seen(expected);
    expect(whole.size).toBe(13);
    await fc.assert(
      fc.asyncProperty(
        fc.infiniteStream(fc.double({ min: 0, max: 1, noNaN: true })),
        fc.integer({ min: 1, max: 60 }),
        async (chances, lines) => {
          const chance = (): number => Number(chances.next().value);
          const shuffled = <T>(list: readonly T[]): T[] =>
            list
              .map((value) => ({ value, at: chance() }))
              .toSorted((one, other) => one.at - other.at)
              .map(({ value }) => value);
          const clinic = importClinic({
            limits: { milliseconds: 1e9, lines },
          });
          const files = shuffled(clinicFiles(3)).flatMap(
            ([type, content]): Handed[] => {
              if (Buffer.isBuffer(content)) return [[type, content]];
              const mixed = shuffled(content);
              return [
                [type, mixed.slice(0, 2)],
                [type, mixed.slice(2)],
              ];
            },
          );
          const { status, outcomes } = await clinic.imported(shuffled(files));
          expect(outcomes).toEqual([]);
          expect(status).toBe("completed");
          expect(await seen(clinic)).toEqual(whole);
        },
      ),
      { numRuns: 15 },
    );
  });

  it("is the same when tasks break anywhere and are tried again; nothing is counted twice", async () => {
    const expected = importClinic();
    const { counts } = await expected.imported(clinicFiles(3));
    const whole = await seen(expected);
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.integer({ min: 1, max: 25 }), {
          minLength: 1,
          maxLength: 4,
        }),
        async (breaks) => {
          const memory = memoryTable();
          let commits = 0;
          let left = [...breaks];
          let broken = 0;
          const clinic = importClinic({
            isBreaking: true,
            table: {
              ...memory,
              commit: async (...given) => {
                commits += 1;
                const [next = Infinity] = left;
                if (commits <= 12 + next) return memory.commit(...given);
                left = left.slice(1);
                commits = 12;
                broken += 1;
                // Half of the time it was written, but nobody heard of it.
                if (next % 2 === 0) await memory.commit(...given);
                throw new Error("the connection broke");
              },
            },
          });
          const again = await clinic.imported(clinicFiles(3));
          fc.pre(broken > 0);
          expect(again.status).toBe("completed");
          expect(again.outcomes).toEqual([]);
          expect(again.counts).toEqual(counts);
          expect(await seen(clinic)).toEqual(whole);
          for (const { v } of current(clinic).filter(
            ({ sk }) => !sk.startsWith("A#Provenance"),
          ))
            expect(v).toBe(1);
        },
      ),
      { numRuns: 15 },
    );
  });
});

describe("a job", () => {
  const one: readonly Handed[] = [["Patient", [patient("p")]]];

  it("waits for its files, runs once, and leaves none behind", async () => {
    const clinic = importClinic();
    const path = await clinic.announced(one);
    expect(await clinic.statusOf(path)).toMatchObject({
      status: "waiting",
      counts: {},
    });
    const [key = ""] = [...clinic.exchange.objects.keys()];
    const { body = Buffer.of() } = clinic.exchange.objects.get(key) ?? {};
    await clinic.exchange.remove([key]);
    const early = await clinic.ask<{ errors: unknown }>(
      "POST",
      `${path}/start`,
    );
    expect(early.status).toBe(409);
    expect(early.body.errors).toMatchObject([{ field: "files[0]" }]);
    await clinic.exchange.put(key, body, "application/fhir+ndjson");
    for (let time = 0; time < 2; time += 1)
      expect((await clinic.ask("POST", `${path}/start`)).status).toBe(202);
    await clinic.engine.settled();
    expect(await clinic.statusOf(path)).toMatchObject({ status: "completed" });
    expect(clinic.exchange.objects.size).toBe(0);
    expect((await clinic.ask("POST", `${path}/start`)).status).toBe(409);
  });

  it("is alone with its source", async () => {
    const clinic = importClinic();
    const [first, second] = [
      await clinic.announced(one),
      await clinic.announced(one),
    ];
    const answers = await Promise.all(
      [first, second].map((path) => clinic.ask("POST", `${path}/start`)),
    );
    expect(answers.map(({ status }) => status).toSorted()).toEqual([202, 409]);
    await clinic.engine.settled();
    const late = answers[0]?.status === 409 ? first : second;
    expect((await clinic.ask("POST", `${late}/start`)).status).toBe(202);
    const third = await clinic.announced(one);
    expect((await clinic.ask("POST", `${third}/start`)).status).toBe(409);
  });

  it("cancelled stops, and its files are gone; what was taken stays", async () => {
    const clinic = importClinic();
    const path = await clinic.announced(one);
    await clinic.ask("POST", `${path}/start`);
    expect((await clinic.ask("DELETE", path)).status).toBe(204);
    await clinic.engine.settled();
    for (const method of ["GET", "DELETE"])
      expect((await clinic.ask(method, path)).status).toBe(404);
    expect(clinic.exchange.objects.size).toBe(0);
    const [execution] = clinic.executions();
    expect(execution?.status).toBe("ABORTED");
  });

  it("that keeps failing ends as failed, with a task for a manager", async () => {
    const clinic = importClinic({ failing: (task) => task === "ImportSlice" });
    const path = await clinic.announced(one);
    await clinic.ask("POST", `${path}/start`);
    await clinic.engine.settled();
    expect(await clinic.statusOf(path)).toMatchObject({ status: "failed" });
    expect(clinic.exchange.objects.size).toBe(0);
    const execution = executionName(importOccurrence(path.split("/")[3] ?? ""));
    const tasks = await clinic.records.change(bySystem, (work) =>
      work.byIdentifier("Task", taskSystem, `${execution}/failure`),
    );
    expect(tasks).toMatchObject([
      {
        status: "requested",
        performerType: [{ coding: [{ code: "manager" }] }],
      },
    ]);
  });

  it("is its caller's and a manager's alone", async () => {
    const clinic = importClinic();
    const path = await clinic.announced(one);
    const other: Caller = { ...importer, id: "other" };
    for (const method of ["GET", "DELETE"])
      expect((await clinic.ask(method, path, { as: other })).status).toBe(404);
    expect((await clinic.ask("GET", path, { as: nurse })).status).toBe(200);
  });

  it.each([
    "x",
    "01JQX0000000000000000000ZZ",
    "JOB",
    "%23%00",
    "a".repeat(3000),
  ])("forged as %s is unknown", async (id) => {
    const clinic = importClinic();
    for (const [method, end] of [
      ["GET", ""],
      ["DELETE", ""],
      ["POST", "/start"],
    ] as const) {
      const { status } = await clinic.ask(method, `/v1/imports/${id}${end}`);
      expect(status).toBe(404);
    }
  });

  it("is gone after a week", async () => {
    const clinic = importClinic();
    const { path } = await clinic.imported(one);
    await clinic.clock.advanceTo(clinic.clock.now() + 8 * 86_400_000);
    expect((await clinic.ask("GET", path)).status).toBe(404);
  });

  it("writes no file name, and nothing of the files, in the clear", async () => {
    const clinic = importClinic();
    const { body } = await clinic.ask<{ id: string }>("POST", "/v1/imports", {
      body: {
        source: "old-ehr",
        files: [{ type: "Patient", name: "Unmistakable.ndjson" }],
      },
    });
    expect(body.id).toBeDefined();
    await clinic.imported([
      ["Patient", [patient("Unmistakable"), '{"id":"Unmistakable"}']],
    ]);
    const { table, logged } = clinic;
    expect(JSON.stringify([table.dump?.(), logged])).not.toContain("Unmistak");
  });
});

describe("who may import", () => {
  const announce = (clinic: ImportClinic, as: Caller, type = "Patient") =>
    clinic.ask("POST", "/v1/imports", {
      as,
      body: { source: "old-ehr", files: [{ type, name: "a.ndjson" }] },
    });

  it("managers and clients whose scopes create and update", async () => {
    const clinic = importClinic();
    const staff = (role: "nurse" | "manager"): Caller => ({
      kind: "staff",
      id: "s",
      roles: [role],
      token: "t",
    });
    const answers = await Promise.all([
      announce(clinic, importer),
      announce(clinic, staff("manager")),
      announce(clinic, asClient("system/Patient.cu")),
      announce(clinic, staff("nurse")),
      announce(clinic, asClient("system/*.rs")),
      announce(clinic, asClient("system/Patient.cu"), "Observation"),
      announce(clinic, asPatient("01JQX0000000000000000000ZZ")),
    ]);
    expect(answers.map(({ status }) => status)).toEqual([
      201, 201, 201, 403, 403, 403, 403,
    ]);
  });

  it("is asked again for each resource", async () => {
    const clinic = importClinic();
    const { outcomes, counts } = await clinic.imported(
      [
        ["Patient", [patient("p")]],
        [
          "Organization",
          [{ resourceType: "Organization", id: "o", name: "O" }],
        ],
      ],
      {
        as: asClient(
          "system/Organization.cruds",
          "system/Patient.cruds?gender=other",
        ),
      },
    );
    expect(told(outcomes)).toEqual([
      ["Patient-0.ndjson", 1, "forbidden", undefined],
    ]);
    expect(counts.Organization).toMatchObject({ created: 1 });
  });

  it("a manager's covers what other roles enter one by one", async () => {
    const clinic = importClinic();
    const { counts } = await clinic.imported([["Patient", [patient("p")]]], {
      as: { kind: "staff", id: "m", roles: ["manager"], token: "t" },
    });
    expect(counts.Patient).toMatchObject({ created: 1, refused: 0 });
  });

  it.each([
    ["no source", { files: [{ type: "Patient", name: "a" }] }],
    ["no files", { source: "old-ehr", files: [] }],
    [
      "a strange source",
      { source: "Old EHR", files: [{ type: "Patient", name: "a" }] },
    ],
    [
      "an unknown type",
      { source: "old-ehr", files: [{ type: "Medication", name: "a" }] },
    ],
    [
      "subscriptions",
      { source: "old-ehr", files: [{ type: "Subscription", name: "a" }] },
    ],
    [
      "a path for a name",
      { source: "old-ehr", files: [{ type: "Patient", name: "../a" }] },
    ],
    ["anything else", { source: "old-ehr", files: "Patient", more: 1 }],
  ])("with %s is told what is wrong", async (_, body) => {
    const clinic = importClinic();
    expect((await clinic.ask("POST", "/v1/imports", { body })).status).toBe(
      400,
    );
  });
});
