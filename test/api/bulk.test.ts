import type {
  Bundle,
  OperationOutcome,
  Patient,
  Resource,
} from "@medplum/fhirtypes";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { Caller } from "../../functions/core/caller.ts";
import { exportOccurrence } from "../../functions/core/export-job.ts";
import { executionName } from "../../functions/core/journey.ts";
import { taskSystem } from "../../functions/core/staff-task.ts";
import { patientKeyPlace } from "../../functions/store/keys.ts";
import { memoryTable } from "../../functions/store/memory-table.ts";
import type { Stored } from "../../functions/store/records.ts";
import { bySystem } from "../record.ts";
import { exportClinic, type ExportClinic } from "./export-clinic.ts";
import { asClient, asPatient, nurse } from "./server.ts";

const reader = asClient("system/*.rs");

const admit = async (clinic: ExportClinic, family: string) =>
  clinic.records.change(bySystem, async (work) => {
    const patient: Stored<Patient> = await work.create<Patient>({
      resourceType: "Patient",
      name: [{ family }],
    });
    const subject = { reference: `Patient/${patient.id}` };
    await work.create({
      resourceType: "Observation",
      status: "final",
      code: { text: "Weight" },
      subject,
    });
    await work.create({
      resourceType: "Condition",
      code: { text: "Asthma" },
      subject,
    });
    return patient;
  });

const settled = async (patients = 3) => {
  const clinic = exportClinic();
  const admitted: Stored<Patient>[] = [];
  for (let number = 0; number < patients; number += 1)
    admitted.push(await admit(clinic, `Doe-${String(number)}`));
  await clinic.records.change(bySystem, (work) =>
    work.create({ resourceType: "Organization", name: "Riverside" }),
  );
  await clinic.clock.advanceTo(clinic.clock.now() + 60_000);
  return { clinic, patients: admitted };
};

const nameOf = ({ resourceType, id = "" }: Resource): string =>
  `${resourceType}/${id}`;

/** Everything in the files, by `Type/id`; fails when something is there twice or in a file of another type. */
const contentOf = async (
  clinic: ExportClinic,
  manifest: Awaited<ReturnType<ExportClinic["exported"]>>,
): Promise<ReadonlyMap<string, Resource>> => {
  const content = new Map<string, Resource>();
  for (const file of manifest.output) {
    const lines = await clinic.fetched<Resource>([file]);
    expect(lines).toHaveLength(file.count);
    for (const resource of lines) {
      expect(resource.resourceType).toBe(file.type);
      expect(content.has(nameOf(resource))).toBe(false);
      content.set(nameOf(resource), resource);
    }
  }
  return content;
};

describe("an export", () => {
  it("is begun, told about, and holds the record as reads show it", async () => {
    const { clinic, patients } = await settled();
    const begun = await clinic.ask("GET", "/Patient/$export", { as: reader });
    expect(begun.status).toBe(202);
    const place = clinic.placeIn(begun);
    const early = await clinic.ask("GET", place, { as: reader });
    expect(early).toMatchObject({
      status: 202,
      headers: { "retry-after": "5" },
    });
    expect(early.headers["x-progress"]).toContain("0 patients");
    await clinic.engine.settled();

    const done = await clinic.ask<Awaited<ReturnType<typeof clinic.exported>>>(
      "GET",
      place,
      { as: reader },
    );
    expect(done.status).toBe(200);
    expect(done.headers["content-type"]).toContain("application/json");
    expect(Date.parse(done.headers.expires ?? "")).toBeGreaterThan(
      clinic.clock.now(),
    );
    expect(done.body).toMatchObject({
      request: "https://api.example/fhir/R4/Patient/$export",
      requiresAccessToken: false,
      error: [],
    });
    expect(done.body.output.map(({ type, count }) => [type, count])).toEqual(
      expect.arrayContaining([
        ["Patient", 3],
        ["Observation", 3],
        ["Condition", 3],
      ]),
    );
    const content = await contentOf(clinic, done.body);
    for (const patient of patients)
      expect(content.get(nameOf(patient))).toEqual(
        await clinic.records.read(bySystem, "Patient", patient.id),
      );
    expect([...content.keys()].some((name) => name.startsWith("Organi"))).toBe(
      false,
    );
  });

  it("of the system holds the directory too, of named types nothing else", async () => {
    const { clinic } = await settled(1);
    const all = await clinic.exported("/$export");
    expect(all.output.map(({ type }) => type)).toContain("Organization");
    const some = await clinic.exported("/$export", {
      query: { _type: ["Patient,Organization", "Condition"] },
    });
    expect(some.output.map(({ type }) => type).toSorted()).toEqual([
      "Condition",
      "Organization",
      "Patient",
    ]);
    expect(some.request).toBe(
      "https://api.example/fhir/R4/$export?_type=Patient%2COrganization&_type=Condition",
    );
  });

  it("of the system holds slots and what is filed by month", async () => {
    const { clinic } = await settled(0);
    await clinic.records.change(bySystem, async (work) => {
      const schedule = await work.create({
        resourceType: "Schedule",
        actor: [{ display: "Room 1" }],
      });
      await work.create({
        resourceType: "Slot",
        schedule: { reference: `Schedule/${schedule.id}` },
        status: "free",
        start: "2026-03-06T15:00:00.000Z",
        end: "2026-03-06T15:10:00.000Z",
      });
      await work.create({
        resourceType: "Task",
        status: "requested",
        intent: "order",
      });
    });
    const { output } = await clinic.exported("/$export");
    expect(output.map(({ type }) => type).toSorted()).toEqual([
      "Organization",
      "Schedule",
      "Slot",
      "Task",
    ]);
  });

  it("leaves one fact per patient, in the caller's name, before there are files", async () => {
    const { clinic, patients } = await settled(2);
    const job = await clinic.exported("/Patient/$export", { as: reader });
    const facts = clinic.table
      .dump?.()
      .filter(
        (item) =>
          item.sk.startsWith("F#") && JSON.stringify(item).includes("Exported"),
      );
    expect(facts?.map((item) => item.patient).toSorted()).toEqual(
      patients.map(({ id }) => id).toSorted(),
    );
    for (const fact of facts ?? [])
      expect(fact).toMatchObject({ kind: "read", by: "client:ehr" });
    expect(job.output).not.toHaveLength(0);
    const told = clinic.table
      .dump?.()
      .flatMap((item) =>
        item.kind === "admin" ? (item.changes as { what: string }[]) : [],
      )
      .map(({ what }) => what);
    expect(told?.toSorted()).toEqual(["ExportCompleted", "ExportRequested"]);
  });

  it("gives no file of what it cannot record", async () => {
    const memory = memoryTable();
    const clinic = exportClinic({
      table: {
        ...memory,
        append: (items) =>
          items.some(({ kind }) => kind === "read")
            ? Promise.reject(new Error("no facts today"))
            : memory.append(items),
      },
    });
    await admit(clinic, "Doe");
    const begun = await clinic.ask("GET", "/Patient/$export");
    await clinic.engine.settled();
    const { status } = await clinic.ask("GET", clinic.placeIn(begun));
    expect(status).toBe(500);
    expect(clinic.exchange.objects.size).toBe(0);
  });

  it("of what has changed since tells deletions", async () => {
    const { clinic, patients } = await settled(2);
    const since = new Date(clinic.clock.now()).toISOString();
    await clinic.clock.advanceTo(clinic.clock.now() + 1000);
    const [patient] = patients;
    if (patient === undefined) expect.fail();
    const observation = await clinic.records.change(bySystem, async (work) => {
      const [found] = await work.ofPatient("Observation", patient.id);
      await work.update({ ...patient, gender: "female" });
      if (found !== undefined) await work.remove("Observation", found.id);
      return found;
    });
    await clinic.clock.advanceTo(clinic.clock.now() + 1000);
    const manifest = await clinic.exported("/Patient/$export", {
      query: { _since: since },
    });
    const content = await contentOf(clinic, manifest);
    expect([...content.keys()]).toEqual([nameOf(patient)]);
    const [deleted] = await clinic.fetched<Bundle>(manifest.deleted);
    expect(deleted).toMatchObject({
      type: "transaction",
      entry: [
        {
          request: {
            method: "DELETE",
            url: `Observation/${observation?.id ?? ""}`,
          },
        },
      ],
    });
    const nothing = await clinic.exported("/Patient/$export", {
      query: { _since: manifest.transactionTime },
    });
    expect(nothing).toMatchObject({ output: [] });
    expect(nothing.deleted).toBeUndefined();
  });

  it("is the record as it was when it was asked for, whatever changes meanwhile", async () => {
    const { clinic, patients } = await settled(2);
    const before = await Promise.all(
      patients.map(({ id }) => clinic.records.read(bySystem, "Patient", id)),
    );
    const begun = await clinic.ask("GET", "/Patient/$export");
    await clinic.clock.advanceTo(clinic.clock.now() + 10_000);
    await admit(clinic, "Later");
    for (const gender of ["female", "male"] as const)
      await clinic.records.change(bySystem, async (work) => {
        const [patient] = patients;
        if (patient !== undefined) await work.update({ ...patient, gender });
      });
    const [, other] = patients;
    await clinic.records.change(bySystem, async (work) => {
      const [found] = await work.ofPatient("Observation", other?.id ?? "");
      await work.remove("Observation", found?.id ?? "");
    });
    await clinic.engine.settled();
    const { body } = await clinic.ask<
      Awaited<ReturnType<typeof clinic.exported>>
    >("GET", clinic.placeIn(begun));
    const content = await contentOf(clinic, body);
    expect(
      [...content.values()].filter(
        ({ resourceType }) => resourceType === "Patient",
      ),
    ).toEqual(expect.arrayContaining(before));
    expect(body.output.find(({ type }) => type === "Patient")?.count).toBe(2);
    expect(body.output.find(({ type }) => type === "Observation")?.count).toBe(
      2,
    );
  });

  it("leaves out who was erased", async () => {
    const { clinic, patients } = await settled(2);
    const [erased, kept] = patients;
    const { table, pk, sk } = patientKeyPlace(erased?.id ?? "");
    const [item] = await clinic.table.get([{ table, pk, sk }]);
    const {
      wrapped: _wrapped,
      table: _table,
      ...rest
    } = item ?? { pk, sk, table };
    await clinic.table.commit(
      [
        {
          put: { ...rest, shredded: "2026-03-02" },
          table: "keys",
          guard: "any",
        },
      ],
      "shred",
    );
    const content = await contentOf(
      clinic,
      await clinic.exported("/Patient/$export", {
        query: { _type: "Patient" },
      }),
    );
    expect([...content.keys()]).toEqual([`Patient/${kept?.id ?? ""}`]);
  });

  it("of any slices is the same, each resource once", async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.integer({ min: 1, max: 40 }),
        fc.integer({ min: 0, max: 70 }),
        async (lines, patients) => {
          const clinic = exportClinic({
            limits: { lines, bytes: 1e9, milliseconds: 1e9 },
          });
          for (let number = 0; number < patients; number += 1)
            await clinic.records.change(bySystem, (work) =>
              work.create({ resourceType: "Patient" }),
            );
          for (let number = 0; number < 5; number += 1)
            await clinic.records.change(bySystem, (work) =>
              work.create({ resourceType: "Organization", name: "x" }),
            );
          const content = await contentOf(
            clinic,
            await clinic.exported("/$export"),
          );
          expect(content.size).toBe(patients + 5);
        },
      ),
      { numRuns: 12 },
    );
  });

  it("writes a slice that is tried again only once", async () => {
    const clinic = exportClinic({
      limits: { lines: 2, bytes: 1e9, milliseconds: 1e9 },
    });
    for (let number = 0; number < 6; number += 1)
      await admit(clinic, String(number));
    const begun = await clinic.ask("GET", "/Patient/$export");
    await clinic.engine.settled();
    const before = clinic.exchange.objects.size;
    const jobs = await clinic.exportJobs();
    const id = clinic.placeIn(begun).split("/").at(-1) ?? "";
    const job = await jobs.find(id);
    if (job === undefined) expect.fail();
    const again = await jobs.exportSlice(job, 0, {
      isFull: () => false,
      write: () => expect.fail("written again"),
      discard: () => Promise.resolve(),
    });
    expect(again).toEqual((await jobs.slices(id))[0]);
    expect(clinic.exchange.objects.size).toBe(before);
  });
});

describe("whose records", () => {
  it("a group's members", async () => {
    const { clinic, patients } = await settled(3);
    const [one, two, three] = patients.map(({ id }) => id);
    const group = await clinic.records.change(bySystem, (work) =>
      work.create({
        resourceType: "Group",
        type: "person",
        actual: true,
        member: [
          { entity: { reference: `Patient/${one ?? ""}` } },
          { entity: { reference: `Patient/${two ?? ""}` } },
          { entity: { reference: `Patient/${three ?? ""}` }, inactive: true },
        ],
      }),
    );
    const idsIn = async (
      path: string,
      options?: Parameters<typeof clinic.exported>[1],
    ) =>
      [
        ...(await contentOf(clinic, await clinic.exported(path, options))),
      ].flatMap(([, { resourceType, id }]) =>
        resourceType === "Patient" ? [id] : [],
      );
    const path = `/Group/${group.id}/$export`;
    expect((await idsIn(path)).toSorted()).toEqual([one, two].toSorted());
    expect(
      await idsIn(path, { method: "POST", body: parameters(["patient", two]) }),
    ).toEqual([two]);
    const foreign = await clinic.ask("POST", path, {
      body: parameters(["patient", three]),
    });
    expect(foreign.status).toBe(400);
    expect(
      (await clinic.ask("GET", `/Group/${one ?? ""}/$export`)).status,
    ).toBe(404);
  });

  it("patients by name, by POST only", async () => {
    const { clinic, patients } = await settled(2);
    const [one] = patients.map(({ id }) => id);
    const { output } = await clinic.exported("/Patient/$export", {
      method: "POST",
      body: parameters(["patient", one], ["_type", "Patient"]),
    });
    expect(output).toMatchObject([{ type: "Patient", count: 1 }]);
    const wrong = [
      clinic.ask("GET", "/Patient/$export", { query: { patient: one ?? "" } }),
      clinic.ask("POST", "/$export", { body: parameters(["patient", one]) }),
      clinic.ask("POST", "/Patient/$export", {
        body: parameters(["patient", "01JQX0000000000000000000ZZ"]),
      }),
      clinic.ask("POST", "/Patient/$export", {
        body: parameters(["patient", "Practitioner/1"]),
      }),
    ];
    for (const answer of await Promise.all(wrong))
      expect(answer.status).toBe(400);
  });

  it("a patient's own", async () => {
    const { clinic, patients } = await settled(2);
    const [own, other] = patients.map(({ id }) => id);
    const as = asPatient(own ?? "");
    const manifest = await clinic.exported("/Patient/$export", { as });
    const content = await contentOf(clinic, manifest);
    expect(content.size).toBe(3);
    for (const name of content.keys()) expect(name).toContain(own);
    const refused = await Promise.all([
      clinic.ask("GET", "/$export", { as }),
      clinic.ask("GET", `/Group/${other ?? ""}/$export`, { as }),
      clinic.ask("POST", "/Patient/$export", {
        as,
        body: parameters(["patient", other]),
      }),
    ]);
    expect(refused.map(({ status }) => status)).toEqual([403, 403, 403]);
  });

  it("as the caller's scopes let it read, and says what is not all there", async () => {
    const { clinic } = await settled(1);
    const manifest = await clinic.exported("/Patient/$export", {
      as: asClient("system/Patient.rs", "system/Observation.rs?status=amended"),
    });
    expect(manifest.output.map(({ type }) => type)).toEqual(["Patient"]);
    const outcomes = await clinic.fetched<OperationOutcome>(manifest.error);
    expect(outcomes.map(({ issue }) => issue[0]?.details?.text)).toEqual(
      expect.arrayContaining([
        expect.stringContaining("Observation"),
        expect.stringContaining("Condition"),
      ]),
    );
  });

  it("of a client only within some scope to read", async () => {
    const clinic = exportClinic();
    const statusOf = async (_type: string, ...scopes: readonly string[]) =>
      (
        await clinic.ask("GET", "/$export", {
          as: asClient(...scopes),
          query: { _type },
        })
      ).status;
    expect(await statusOf("Patient")).toBe(403);
    expect(await statusOf("Patient", "system/Patient.cud")).toBe(403);
    expect(await statusOf("Patient", "system/Observation.rs")).toBe(403);
    expect(await statusOf("Patient", "system/Patient.rs")).toBe(202);
  });

  it("staff need a role for it", async () => {
    const { clinic } = await settled(1);
    const as: Caller = {
      kind: "staff",
      id: "nurse-2",
      roles: ["nurse"],
      token: "t",
    };
    expect((await clinic.ask("GET", "/$export", { as })).status).toBe(403);
    expect(clinic.table.dump?.()).toContainEqual(
      expect.objectContaining({ kind: "refusal", by: "staff:nurse-2" }),
    );
    const anonymous = await clinic.ask("GET", "/$export", {
      as: { kind: "system", id: "x" },
    });
    expect(anonymous.status).toBe(401);
  });
});

describe("a kick-off", () => {
  it.each([
    ["that accepts anything", { headers: { accept: "*/*" } }],
    ["without Prefer", { headers: { prefer: "handling=lenient" } }],
    ["of another format", { query: { _outputFormat: "application/xml" } }],
    ["of an unknown type", { query: { _type: "MissingType" } }],
    ["of no type", { query: { _type: "" } }],
    ["of a type that patients have not", { query: { _type: "Location" } }],
    ["since no date", { query: { _since: "yesterday" } }],
    ["since a day", { query: { _since: "2026-03-01" } }],
    [
      "since an impossible time",
      { query: { _since: "0000-60-01T30:70:80+05:00" } },
    ],
    ["since a negative number", { query: { _since: "-1" } }],
    ["since the future", { query: { _since: "2057-01-01T00:00:00+05:00" } }],
    [
      "since two times",
      { query: { _since: ["2026-01-01T00:00:00Z", "2026-02-01T00:00:00Z"] } },
    ],
    [
      "strictly of what is not supported",
      {
        query: { _typeFilter: "Patient?active=true" },
        headers: { prefer: "respond-async, handling=strict" },
      },
    ],
  ])("%s is refused with an outcome", async (_, asked) => {
    const clinic = exportClinic();
    const answer = await clinic.ask<OperationOutcome>(
      "GET",
      "/Patient/$export",
      asked,
    );
    expect(answer.status).toBe(400);
    expect(answer.body.resourceType).toBe("OperationOutcome");
  });

  it.each([
    ["no Parameters", { resourceType: "Patient" }],
    ["no resource", []],
    ["nothing", "null"],
    [
      "a value that is none",
      {
        resourceType: "Parameters",
        parameter: [{ name: "_type", valueString: { a: 1 } }],
      },
    ],
    ["no list", { resourceType: "Parameters", parameter: {} }],
    ["broken text", "{"],
  ])("by POST with %s is refused", async (_, body) => {
    const clinic = exportClinic();
    const answer = await clinic.ask("POST", "/$export", { body });
    expect(answer.status).toBe(400);
  });

  it.each(["application/fhir+ndjson", "application/ndjson", "ndjson"])(
    "takes the format %s, by GET and by POST",
    async (_outputFormat) => {
      const clinic = exportClinic();
      const get = await clinic.ask("GET", "/$export", {
        query: { _outputFormat },
      });
      const post = await clinic.ask("POST", "/$export", {
        body: parameters(["_outputFormat", _outputFormat]),
      });
      expect([get.status, post.status]).toEqual([202, 202]);
    },
  );

  it("ignores what it does not support, and the manifest says so", async () => {
    const { clinic } = await settled(1);
    const { error } = await clinic.exported("/Patient/$export", {
      query: {
        _typeFilter: "Patient?name=Doe",
        includeAssociatedData: "LatestProvenanceResources",
        _type: "Patient,MissingType",
      },
      headers: { prefer: "respond-async, handling=lenient" },
    });
    const text = JSON.stringify(await clinic.fetched(error));
    expect(text).toContain("_typeFilter");
    expect(text).toContain("includeAssociatedData");
    expect(text).toContain("_type names");
    expect(text).not.toContain("Doe");
  });

  it("writes nothing of its criteria in the clear", async () => {
    const { clinic } = await settled(0);
    await clinic.ask("GET", "/$export", {
      query: { _typeFilter: "Patient?name=Unmistakable" },
    });
    expect(JSON.stringify(clinic.table.dump?.())).not.toContain("Unmistak");
    expect(JSON.stringify(clinic.logged)).not.toContain("Unmistak");
  });

  it("is too much while two of the caller's run, also at one moment", async () => {
    const { clinic } = await settled(1);
    const answers = await Promise.all(
      Array.from({ length: 4 }, () =>
        clinic.ask("GET", "/$export", { as: reader }),
      ),
    );
    const statuses = answers.map(({ status }) => status).toSorted();
    expect(statuses).toEqual([202, 202, 429, 429]);
    const late = answers.find(({ status }) => status === 429);
    expect(late?.headers["retry-after"]).toBeDefined();
    expect((await clinic.ask("GET", "/$export")).status).toBe(202);
    await clinic.engine.settled();
    const next = await clinic.ask("GET", "/$export", { as: reader });
    expect(next.status).toBe(202);
  });
});

describe("a job", () => {
  it("is its caller's and a manager's alone", async () => {
    const { clinic, patients } = await settled(1);
    const begun = await clinic.ask("GET", "/Patient/$export", { as: reader });
    const place = clinic.placeIn(begun);
    const others: readonly Caller[] = [
      { kind: "client", id: "other", scopes: ["system/*.cruds"], token: "t" },
      { kind: "staff", id: "nurse-2", roles: ["privacy-officer"], token: "t" },
      asPatient(patients[0]?.id ?? ""),
    ];
    for (const as of others)
      for (const method of ["GET", "DELETE"])
        expect((await clinic.ask(method, place, { as })).status).toBe(404);
    expect((await clinic.ask("GET", place, { as: nurse })).status).toBe(202);
  });

  it.each([
    "x",
    "01JQX0000000000000000000ZZ",
    "%23%00",
    "JOB",
    "a".repeat(400),
  ])("forged as %s is unknown", async (id) => {
    const clinic = exportClinic();
    for (const method of ["GET", "DELETE"])
      expect((await clinic.ask(method, `/$export-status/${id}`)).status).toBe(
        404,
      );
  });

  it("cancelled stops, and its files are gone", async () => {
    const clinic = exportClinic({
      limits: { lines: 1, bytes: 1e9, milliseconds: 1e9 },
    });
    for (let number = 0; number < 4; number += 1)
      await admit(clinic, String(number));
    const begun = await clinic.ask("GET", "/Patient/$export");
    const place = clinic.placeIn(begun);
    expect((await clinic.ask("DELETE", place)).status).toBe(202);
    for (const method of ["GET", "DELETE"])
      expect((await clinic.ask(method, place)).status).toBe(404);
    await clinic.engine.settled();
    const [execution] = clinic.executions();
    expect(execution?.status).toBe("ABORTED");
    expect(clinic.calls).toEqual([]);

    const done = await clinic.ask("GET", "/Patient/$export");
    await clinic.engine.settled();
    expect(clinic.exchange.objects.size).toBeGreaterThan(3);
    const removed = await clinic.ask("DELETE", clinic.placeIn(done));
    expect(removed.status).toBe(202);
    expect(clinic.exchange.objects.size).toBe(0);
  });

  it("cancelled within a slice leaves no file", async () => {
    const { clinic } = await settled(2);
    const begun = await clinic.ask("GET", "/Patient/$export");
    const place = clinic.placeIn(begun);
    const jobs = await clinic.exportJobs();
    const job = await jobs.find(place.split("/").at(-1) ?? "");
    if (job === undefined) expect.fail();
    const gone: string[] = [];
    const slice = await jobs.exportSlice(job, 0, {
      isFull: () => false,
      write: async (type, lines) => {
        await clinic.ask("DELETE", place);
        return { type, key: type, count: lines.length };
      },
      discard: (files) => {
        gone.push(...files.map(({ key }) => key));
        return Promise.resolve();
      },
    });
    expect(slice).toBeUndefined();
    expect(gone.toSorted()).toEqual(["Condition", "Observation", "Patient"]);
  });

  it.each(["ExportSlice", "ExportClose"])(
    "whose %s keeps failing ends as failed, with a task for staff and no file",
    async (broken) => {
      let left = broken === "ExportClose" ? 7 : Infinity;
      const clinic = exportClinic({
        failing: (task) => task === broken && (left -= 1) >= 0,
      });
      await admit(clinic, "Doe");
      const begun = await clinic.ask("GET", "/Patient/$export");
      await clinic.engine.settled();
      const answer = await clinic.ask<OperationOutcome>(
        "GET",
        clinic.placeIn(begun),
      );
      expect(answer.status).toBe(500);
      expect(answer.body.resourceType).toBe("OperationOutcome");
      expect(clinic.exchange.objects.size).toBe(0);
      const execution = executionName(
        exportOccurrence(clinic.placeIn(begun).split("/").at(-1) ?? ""),
      );
      const tasks = await clinic.records.change(bySystem, (work) =>
        work.byIdentifier("Task", taskSystem, `${execution}/failure`),
      );
      expect(tasks).toMatchObject([
        { performerType: [{ coding: [{ code: "manager" }] }] },
      ]);
    },
  );

  it("is over after a day", async () => {
    const { clinic } = await settled(1);
    const begun = await clinic.ask("GET", "/Patient/$export");
    await clinic.engine.settled();
    const place = clinic.placeIn(begun);
    await clinic.clock.advanceTo(clinic.clock.now() + 23 * 3_600_000);
    expect((await clinic.ask("GET", place)).status).toBe(200);
    await clinic.clock.advanceTo(clinic.clock.now() + 2 * 3_600_000);
    expect((await clinic.ask("GET", place)).status).toBe(404);
  });

  it("tells its execution ids and numbers only", async () => {
    const { clinic } = await settled(1);
    await clinic.exported("/Patient/$export");
    for (const { payload } of clinic.calls)
      expect(
        Object.keys(payload as object)
          .toSorted()
          .join(),
      ).toMatch(/^(export,slice|execution,export,now,status)$/);
  });
});

const parameters = (
  ...pairs: readonly (readonly [string, string | undefined])[]
) => ({
  resourceType: "Parameters",
  parameter: pairs.map(([name, value = ""]) =>
    name === "patient"
      ? {
          name,
          valueReference: {
            reference: value.includes("/") ? value : `Patient/${value}`,
          },
        }
      : { name, valueString: value },
  ),
});
