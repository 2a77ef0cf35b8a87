import type {
  Bundle,
  Encounter,
  Observation,
  OperationOutcome,
} from "@medplum/fhirtypes";
import { expect, test } from "vitest";
import { aPatient, aTask, withMrn, mrn } from "../store/builders.ts";
import { idsIn, searchedBy, type Query } from "./searched.ts";
import { asPatient, aServer } from "./server.ts";

const anEncounter = (
  patient: string,
  status: Encounter["status"] = "finished",
): Encounter => ({
  resourceType: "Encounter",
  status,
  class: { code: "AMB" },
  subject: { reference: `Patient/${patient}` },
});

const anObservation = (
  patient: string,
  more: Partial<Observation> = {},
): Observation => ({
  resourceType: "Observation",
  status: "final",
  code: { coding: [{ system: "http://loinc.org", code: "4548-4" }] },
  subject: { reference: `Patient/${patient}` },
  ...more,
});

const aClinic = async () => {
  const server = aServer();
  const { make } = server;
  const maria = await make(withMrn("M-1"));
  const john = await make(aPatient({ name: [{ family: "Okafor" }] }));
  const [smith, jones] = [
    await make({
      resourceType: "Practitioner",
      name: [{ family: "Smith", given: ["Ann"] }],
    }),
    await make({ resourceType: "Practitioner", name: [{ family: "Jones" }] }),
  ];
  const role = await make({
    resourceType: "PractitionerRole",
    practitioner: { reference: `Practitioner/${smith.id}` },
    specialty: [{ coding: [{ system: "urn:s", code: "cardiology" }] }],
  });
  const finished = await make(anEncounter(maria.id));
  const planned = await make(anEncounter(maria.id, "planned"));
  const measured = await make(
    anObservation(maria.id, {
      encounter: { reference: `Encounter/${finished.id}` },
      performer: [{ reference: `Practitioner/${smith.id}` }],
    }),
  );
  const another = await make(
    anObservation(maria.id, {
      encounter: { reference: `Encounter/${planned.id}` },
      performer: [{ reference: `Practitioner/${jones.id}` }],
    }),
  );
  const panel = await make(
    anObservation(maria.id, {
      hasMember: [{ reference: `Observation/${measured.id}` }],
    }),
  );
  const elsewhere = await make(anObservation(john.id));
  return {
    ...server,
    maria: maria.id,
    john: john.id,
    smith: smith.id,
    jones: jones.id,
    role: role.id,
    finished: finished.id,
    planned: planned.id,
    measured: measured.id,
    another: another.id,
    panel: panel.id,
    elsewhere: elsewhere.id,
  };
};

type Clinic = Awaited<ReturnType<typeof aClinic>>;

const finds = async (
  clinic: Clinic,
  expected: readonly (readonly [string, Query, readonly string[]])[],
): Promise<void> => {
  for (const [path, query, ids] of expected)
    expect([
      path,
      query,
      idsIn(await searchedBy(clinic)(path, query)).toSorted(),
    ]).toEqual([path, query, ids.toSorted()]);
};

test("a chain is followed within the compartment and to the directory", async () => {
  const clinic = await aClinic();
  const { maria: patient, measured, another } = clinic;
  await finds(clinic, [
    ["/Observation", { patient, "encounter.status": "finished" }, [measured]],
    ["/Observation", { patient, "performer.name": "jones" }, [another]],
    [
      "/Observation",
      { patient, "performer:Practitioner.name": "jones" },
      [another],
    ],
    ["/Observation", { patient, "performer:Organization.name": "jones" }, []],
    [
      "/Observation",
      { patient, "encounter:Encounter.status:not": "finished" },
      [another],
    ],
    [
      "/Observation",
      { patient, "has-member.encounter.status": "finished" },
      [clinic.panel],
    ],
    [
      "/Observation",
      {
        patient,
        "encounter.status": "finished,planned",
        "performer.name": "smith",
      },
      [measured],
    ],
    ["/PractitionerRole", { "practitioner.name": "ann" }, [clinic.role]],
    ["/PractitionerRole", { "practitioner.name": "jones" }, []],
  ]);
});

test("a chain to the patient opens that patient's compartment", async () => {
  const clinic = await aClinic();
  const { measured, another, panel } = clinic;
  const all = [measured, another, panel];
  await finds(clinic, [
    ["/Observation", { "patient.identifier": `${mrn}|M-1` }, all],
    ["/Observation", { "subject:Patient.identifier": `${mrn}|M-1` }, all],
    ["/Observation", { "subject:Patient.name": "okafor" }, [clinic.elsewhere]],
    [
      "/Observation",
      { "patient.name": "johnson", "encounter.status": "planned" },
      [another],
    ],
    ["/Observation", { "patient.identifier": `${mrn}|none` }, []],
  ]);
  const as = asPatient(clinic.john);
  const own = await searchedBy(clinic)(
    "/Observation",
    { "patient.identifier": `${mrn}|M-1` },
    { as },
  );
  expect(idsIn(own)).toEqual([]);
});

test("_has follows references back", async () => {
  const clinic = await aClinic();
  const { maria, john, smith, jones, finished, planned } = clinic;
  const patient = maria;
  const code = "http://loinc.org|4548-4";
  await finds(clinic, [
    [
      "/Encounter",
      { patient, "_has:Observation:encounter:code": code },
      [finished, planned],
    ],
    [
      "/Encounter",
      { patient, "_has:Observation:encounter:performer.name": "smith" },
      [finished],
    ],
    [
      "/Encounter",
      {
        patient,
        "_has:Observation:encounter:_has:Observation:has-member:status":
          "final",
      },
      [finished],
    ],
    [
      "/Patient",
      { name: "johnson", "_has:Observation:patient:code": code },
      [maria],
    ],
    ["/Patient", { _id: john, "_has:Encounter:patient:status": "planned" }, []],
    [
      "/Practitioner",
      { "_has:PractitionerRole:practitioner:specialty": "cardiology" },
      [smith],
    ],
    [
      "/Practitioner",
      { "_has:Observation:performer:patient": patient },
      [smith, jones],
    ],
    ["/Practitioner", { "_has:Observation:performer:patient": john }, []],
  ]);
});

test("_has finds patients by what can be found across patients", async () => {
  const clinic = await aClinic();
  const { make, maria, smith } = clinic;
  await make(aTask(maria, { owner: { reference: `Practitioner/${smith}` } }));
  await finds(clinic, [
    [
      "/Patient",
      { "_has:Task:patient:owner": `Practitioner/${smith}` },
      [maria],
    ],
    ["/Patient", { "_has:Task:patient:owner": `Practitioner/none` }, []],
  ]);
});

test("slots are found by whose schedule they are in", async () => {
  const { make, ...clinic } = await aClinic();
  const schedule = await make({
    resourceType: "Schedule",
    actor: [{ reference: `Practitioner/${clinic.smith}` }],
  });
  const slots: string[] = [];
  for (const hour of ["09", "10", "11"])
    slots.push(
      (
        await make({
          resourceType: "Slot",
          status: "free",
          schedule: { reference: `Schedule/${schedule.id}` },
          start: `2026-03-10T${hour}:00:00Z`,
          end: `2026-03-10T${hour}:20:00Z`,
        })
      ).id,
    );
  const search = searchedBy(clinic);
  const actor = { "schedule.actor": `Practitioner/${clinic.smith}` };
  expect(idsIn(await search("/Slot", actor))).toEqual(slots);
  expect(
    idsIn(
      await search("/Slot", {
        ...actor,
        start: ["ge2026-03-10T10:00:00Z", "lt2026-03-10T11:00:00Z"],
      }),
    ),
  ).toEqual([slots[1]]);
  expect(
    idsIn(await search("/Slot", { "schedule.actor": "Practitioner/none" })),
  ).toEqual([]);
});

test("a compartment is searched by its own address", async () => {
  const clinic = await aClinic();
  const { maria, john, measured, another, panel, ask, make } = clinic;
  const linked = await make(
    anObservation(maria, { performer: [{ reference: `Patient/${john}` }] }),
  );
  await finds(clinic, [
    [
      `/Patient/${maria}/Observation`,
      {},
      [measured, another, panel, linked.id],
    ],
    [
      `/Patient/${maria}/Observation`,
      { "performer.name": "smith" },
      [measured],
    ],
    [`/Patient/${john}/Observation`, {}, [clinic.elsewhere, linked.id]],
    [`/Patient/${john}/Encounter`, {}, []],
  ]);
  const posted = await ask<Bundle>(
    "POST",
    `/Patient/${maria}/Observation/_search`,
    { body: "_count=2" },
  );
  expect(idsIn(posted.body)).toHaveLength(2);
  expect(posted.body.total).toBe(4);
  const history = await ask<Bundle>("GET", `/Patient/${maria}/_history`);
  expect(history.body.type).toBe("history");
  const status = async (path: string, as?: ReturnType<typeof asPatient>) =>
    (await ask("GET", path, { as })).status;
  expect(await status(`/Patient/${maria}/Observation`, asPatient(john))).toBe(
    403,
  );
  expect(await status(`/Patient/${maria}/Practitioner`)).toBe(400);
  expect(await status(`/Patient/${maria}/Mother`)).toBe(404);
});

test("what would open too much, or lead in circles, is 400", async () => {
  const clinic = await aClinic();
  const { ask, maria: patient } = clinic;
  const many = Array.from({ length: 2000 }, (_, at) => `a${at}`).join(",");
  const own = "patient";
  for (const [path, query, code] of [
    ["/Patient", { "_has:Observation:patient:code": "x" }, "too-costly"],
    ["/Patient", { "general-practitioner.name": "smith" }, "too-costly"],
    ["/Observation", { "encounter.status": "finished" }, "too-costly"],
    ["/Observation", { "performer.name": "smith" }, "too-costly"],
    ["/Observation", { _lastUpdated: "gt2026-01-01" }, "too-costly"],
    ["/Patient", { _lastUpdated: "gt2026-01-01" }, "too-costly"],
    ["/Observation", { [own]: patient, code: many }, "invalid"],
    [
      "/Observation",
      { [own]: patient, [`${"has-member.".repeat(4)}status`]: "final" },
      "invalid",
    ],
    [
      "/Observation",
      {
        [own]: patient,
        [`${"_has:Observation:has-member:".repeat(50)}status`]: "final",
      },
      "invalid",
    ],
    ["/Observation", { [own]: patient, "code.text": "x" }, "invalid"],
    ["/Observation", { [own]: patient, "encounter.canary": "x" }, "invalid"],
    ["/Observation", { [own]: patient, "encounter.": "x" }, "invalid"],
  ] as const) {
    const { status, body, text } = await ask<OperationOutcome>("GET", path, {
      query,
    });
    expect([query, status, body.issue[0]?.code]).toEqual([query, 400, code]);
    expect(text).not.toContain("canary");
  }
});

test("resources that refer to one another in a circle are looked at once", async () => {
  const clinic = await aClinic();
  const { ask, make, maria } = clinic;
  const one = await make(anObservation(maria));
  const two = await make(
    anObservation(maria, {
      hasMember: [{ reference: `Observation/${one.id}` }],
    }),
  );
  const { status } = await ask("PUT", `/Observation/${one.id}`, {
    body: {
      ...one,
      hasMember: [{ reference: `Observation/${two.id}` }],
    },
  });
  expect(status).toBe(200);
  await finds(clinic, [
    [
      "/Observation",
      { patient: maria, "has-member.has-member.has-member.status": "final" },
      [one.id, two.id],
    ],
  ]);
  const page = await searchedBy(clinic)("/Observation", {
    _id: one.id,
    "_include:iterate": "Observation:has-member",
    "_revinclude:iterate": "Observation:has-member",
  });
  expect(idsIn(page, "include")).toEqual([two.id]);
});
