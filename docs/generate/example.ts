import { createHash } from "node:crypto";
import type { Context } from "../../functions/core/caller.ts";
import { optOut } from "../../functions/core/consent.ts";
import { NewDisclosure } from "../../functions/core/disclosure.ts";
import { EmergencyRequest } from "../../functions/core/emergency-access.ts";
import { ulids } from "../../functions/core/ids.ts";
import { staffTask, taskSystem } from "../../functions/core/staff-task.ts";
import { createPolicies } from "../../functions/policy/engine.ts";
import { bookAppointment } from "../../functions/store/booking.ts";
import {
  createErasures,
  type Erasures,
} from "../../functions/store/erasures.ts";
import { createDisposals } from "../../functions/store/disposals.ts";
import { createHolds, type Holds } from "../../functions/store/holds.ts";
import { createWaits } from "../../functions/store/waits.ts";
import {
  createActivity,
  type ActivityStore,
} from "../../functions/store/activity.ts";
import {
  createDisclosures,
  type Disclosures,
} from "../../functions/store/disclosures.ts";
import {
  createEmergencies,
  type Emergencies,
} from "../../functions/store/emergency.ts";
import { memoryTable } from "../../functions/store/memory-table.ts";
import {
  createExportJobs,
  type ExportJobs,
} from "../../functions/store/export-jobs.ts";
import {
  createImportJobs,
  type ImportJobs,
} from "../../functions/store/import-jobs.ts";
import type { Records, Work } from "../../functions/store/records.ts";
import { createRecords } from "../../functions/store/repository.ts";
import type {
  Item,
  Table,
  TableName,
  Write,
} from "../../functions/store/table.ts";
import type { SignedInPerson } from "../../functions/store/session-items.ts";
import {
  createSessions,
  type Sessions,
} from "../../functions/store/sessions.ts";
import { createVault, type KeyProvider } from "../../functions/store/vault.ts";
import { demo } from "../../organizations/demo.ts";

/** One commit, or one plain put, as the table was asked for it. */
export interface Written {
  readonly table: TableName;
  readonly does: "put" | "remove" | "check" | "set";
  readonly guard: Write["guard"] | "plain";
  readonly item: Item;
}

export interface Step {
  readonly title: string;
  readonly writes: readonly Written[];
}

export interface Example {
  /** The steps worth printing. */
  readonly steps: readonly Step[];
  /** Everything that was ever put into both tables: each kind of item, each resource type. */
  readonly items: readonly (Item & { readonly table: TableName })[];
}

/** Keys that are the same on every run, so that hashes are; nothing sealed by them is printed. */
const exampleKeys: KeyProvider = {
  generate: (purpose) =>
    Promise.resolve({ plain: keyOf(purpose), wrapped: Buffer.from(purpose) }),
  unwrap: (purpose) => Promise.resolve(keyOf(purpose)),
};

const keyOf = (purpose: string): Buffer =>
  createHash("sha256").update(`example ${purpose}`).digest();

const frontDesk: Context = {
  by: { kind: "staff", id: "r.diaz", roles: ["front-desk"], token: "example" },
  purpose: "TREAT",
  requestId: "request-1",
};
const clinicSystem: Context = {
  ...frontDesk,
  by: {
    kind: "client",
    id: "import",
    scopes: ["system/*.cruds"],
    token: "example",
  },
};

const start = Date.parse("2026-03-02T15:00:00.000Z");

/** The real store on a table in memory, told a small clinic's story on a clock that ticks a second a step. */
export const example = async (): Promise<Example> => {
  let seconds = 0;
  const now = (): Date => new Date(start + seconds * 1000);
  const newId = ulids(
    () => now().getTime(),
    (bytes) => Buffer.alloc(bytes),
  );
  let noted: Written[] = [];
  const all: Written[] = [];
  const table = watched(memoryTable(), (written) => {
    noted.push(...written);
    all.push(...written);
  });
  const store = {
    table,
    vault: createVault(table, exampleKeys, now),
    now,
    newId,
    decide: createPolicies(demo.jurisdictions),
    states: [],
    zone: "UTC",
    unique: new Set(demo.settings.uniqueIdentifiers),
    country: "US" as const,
  };
  const records = createRecords(store);
  const steps: Step[] = [];
  const step = async <R>(
    title: string,
    run: () => Promise<R>,
    printed = true,
  ): Promise<R> => {
    noted = [];
    seconds += 1;
    const result = await run();
    if (printed) steps.push({ title, writes: noted });
    return result;
  };
  const patient = await story(records, step, now);
  await step("", () => records.change(clinicSystem, mergeTwo), false);
  await step("", () => exportAll(createExportJobs(store)), false);
  await step("", () => importOne(createImportJobs(store), patient), false);
  await step("", () => reviewIn2040(store), false);
  await step("", () => holdOne(createHolds(store), patient), false);
  await step(
    "",
    () =>
      createWaits(store, () => Promise.resolve()).hold(
        "privacy-request",
        "token",
        60,
      ),
    false,
  );
  await step("", () => eraseOne(records, createErasures(store)), false);
  await step(
    "",
    () => signIn(createSessions(store, demo.settings.sessions)),
    false,
  );
  await step(
    "",
    () => openInEmergency(createEmergencies(store), patient),
    false,
  );
  await step("", () => disclose(createDisclosures(store, {}), patient), false);
  await step("", () => reviewAccess(createActivity(store)), false);
  const items = all
    .filter(({ does }) => does === "put")
    .map(({ table: of, item }) => ({ ...item, table: of }));
  return { steps, items };
};

const openInEmergency = async (
  emergencies: Emergencies,
  patient: string,
): Promise<void> => {
  const request = EmergencyRequest.parse({
    patient,
    reason: "covering",
    text: "On call tonight",
  });
  await emergencies.open(frontDesk, request, 60);
};

const disclose = async (
  disclosures: Disclosures,
  patient: string,
): Promise<void> => {
  await disclosures.record(
    frontDesk,
    NewDisclosure.parse({
      patient,
      at,
      recipient: { name: "County health department" },
      what: "A test result",
      purpose: "PUBHLTH",
      basis: "public-health",
    }),
  );
};

const reviewAccess = async (activity: ActivityStore): Promise<void> => {
  await activity.keep(at.slice(0, 10), [
    {
      staff: "r.diaz",
      patients: new Set(),
      reads: 1,
      changes: 0,
      exports: 0,
      emergencies: 0,
      refusals: 0,
      last: at,
    },
  ]);
  await activity.decide(frontDesk, [{ staff: "r.diaz", decision: "keep" }]);
};

const signIn = async (sessions: Sessions): Promise<void> => {
  const person: SignedInPerson = {
    kind: "staff",
    id: "r.diaz",
    roles: ["front-desk"],
    token: "example",
    signedIn: { session: "example", at: start },
  };
  await sessions.end(frontDesk, person);
  await sessions.endAll(frontDesk, person, "SessionsEndedOnLoss");
};

type Tell = <R>(
  title: string,
  run: () => Promise<R>,
  printed?: boolean,
) => Promise<R>;

const story = async (
  records: Records,
  step: Tell,
  now: () => Date,
): Promise<string> => {
  const { slot, practitioner } = await step(
    "",
    () => records.change(clinicSystem, openClinic),
    false,
  );
  const patient = await step("A patient is registered", () =>
    records.change(frontDesk, (work) =>
      work.create({
        resourceType: "Patient",
        identifier: [
          { system: demo.settings.uniqueIdentifiers[0] ?? "", value: "104711" },
        ],
        name: [{ family: "Doe", given: ["Jo"] }],
        telecom: [{ system: "phone", use: "mobile", value: "+12025550123" }],
        birthDate: "1980-05-05",
      }),
    ),
  );
  const reference = `Patient/${patient.id}`;
  const appointment = await step("A visit of ten minutes is booked", () =>
    records.change(frontDesk, (work) =>
      bookAppointment(
        work,
        {
          resourceType: "Appointment",
          status: "booked",
          slot: [{ reference: `Slot/${slot}` }],
          participant: [{ actor: { reference }, status: "needs-action" }],
        },
        now(),
      ),
    ),
  );
  await step("The patient has another phone number", () =>
    records.change(frontDesk, (work) =>
      work.update({
        ...patient,
        telecom: [{ system: "phone", use: "mobile", value: "+12025550177" }],
      }),
    ),
  );
  await step("Somebody at the front desk looks at the patient", () =>
    records.read(frontDesk, "Patient", patient.id),
  );
  const related = await step(
    "",
    () =>
      records.change(clinicSystem, (work) =>
        everythingElse(work, reference, {
          appointment: appointment.id,
          owner: practitioner,
        }),
      ),
    false,
  );
  await step("A related person is deleted", () =>
    records.change(frontDesk, (work) => work.remove("RelatedPerson", related)),
  );
  return patient.id;
};

/** A record that replaces another, written as a conditional create. */
const mergeTwo = async (work: Work): Promise<void> => {
  await work.exclude("Patient?identifier=104712");
  const { id } = await work.create({ resourceType: "Patient" });
  await work.create({
    resourceType: "Patient",
    active: false,
    link: [{ other: { reference: `Patient/${id}` }, type: "replaced-by" }],
  });
};

/** A bulk export of everybody and one of somebody. */
const exportAll = async (jobs: ExportJobs): Promise<void> => {
  const request = { level: "patient", types: ["Patient"], notes: [] } as const;
  const job = await jobs.create(clinicSystem, request, "");
  await jobs.create(clinicSystem, { ...request, patients: [job.id] }, "");
  await jobs.exportSlice(job, 0, {
    isFull: () => true,
    write: (type, lines) =>
      Promise.resolve({ type, key: "", count: lines.length }),
    discard: () => Promise.resolve(),
  });
};

const reviewIn2040 = async (
  store: Parameters<typeof createDisposals>[0],
): Promise<void> => {
  await createDisposals({
    ...store,
    now: () => new Date("2040-01-01T00:00:00Z"),
  }).review("2040-01", "US", () => false);
};

const holdOne = async (holds: Holds, patient: string): Promise<void> => {
  await holds.place(frontDesk, patient, { reason: "audit", text: "A matter" });
};

/** As far as the keys. */
const eraseOne = async (
  records: Records,
  erasures: Erasures,
): Promise<void> => {
  const { id } = await records.change(clinicSystem, (work) =>
    work.create({ resourceType: "Patient" }),
  );
  await erasures.shred(
    frontDesk,
    await erasures.request(frontDesk, id, "request-1"),
    "US",
  );
};

/** A bulk import of one patient and somebody's form, as far as its first slice. */
const importOne = async (jobs: ImportJobs, patient: string): Promise<void> => {
  const job = await jobs.create(clinicSystem, {
    source: "old-ehr",
    files: [{ type: "Patient", name: "patients.ndjson" }],
  });
  const begun = await jobs.begin(job, clinicSystem, job.files);
  await jobs.names(begun).reserve([
    {
      name: "Patient/1",
      at: "0:1",
      resource: { resourceType: "Patient", id: "1" },
    },
    {
      name: "QuestionnaireResponse/1",
      at: "1:1",
      resource: {
        resourceType: "QuestionnaireResponse",
        status: "completed",
        subject: { reference: `Patient/${patient}` },
      },
    },
  ]);
  await jobs.keep(begun, 0, { counts: {}, problems: 0 });
};

const openClinic = async (
  work: Work,
): Promise<{ slot: string; practitioner: string }> => {
  const place = await work.create({
    resourceType: "Location",
    name: "Riverside Clinic",
  });
  const service = await work.create({
    resourceType: "HealthcareService",
    name: "Blood test",
  });
  const practitioner = await work.create({
    resourceType: "Practitioner",
    name: [{ family: "Okafor", given: ["Ada"] }],
  });
  const schedule = await work.create({
    resourceType: "Schedule",
    active: true,
    actor: [practitioner, place, service].map(({ resourceType, id }) => ({
      reference: `${resourceType}/${id}`,
    })),
  });
  const { id } = await work.create({
    resourceType: "Slot",
    schedule: { reference: `Schedule/${schedule.id}` },
    status: "free",
    start: "2026-03-06T15:00:00.000Z",
    end: "2026-03-06T15:10:00.000Z",
  });
  return { slot: id, practitioner: practitioner.id };
};

/** One of each type that the story does not speak of, with what its indexes list. */
const everythingElse = async (
  work: Work,
  patient: string,
  { appointment, owner }: { appointment: string; owner: string },
): Promise<string> => {
  await work.create({
    resourceType: "Patient",
    name: [{ family: "Doe", given: ["Ann"] }],
    telecom: [{ system: "email", value: "ann@example.com" }],
    link: [{ other: { reference: patient }, type: "seealso" }],
  });
  await work.create(optOut(patient.slice("Patient/".length), "sms", at));
  await work.create({
    resourceType: "Encounter",
    status: "planned",
    class: {
      system: "http://terminology.hl7.org/CodeSystem/v3-ActCode",
      code: "AMB",
    },
    subject: { reference: patient },
    appointment: [{ reference: `Appointment/${appointment}` }],
  });
  await work.create({
    resourceType: "CarePlan",
    status: "active",
    intent: "plan",
    identifier: [{ system: "urn:sojourn:journey", value: "pre-visit-example" }],
    subject: { reference: patient },
  });
  await work.create({
    resourceType: "Communication",
    status: "preparation",
    identifier: [
      {
        system: "urn:sojourn:message",
        value: "pre-visit-example/confirmation",
      },
    ],
    subject: { reference: patient },
  });
  for (const value of ["of a patient", "of nobody", "closed"]) {
    const { id, ...task } = await work.create({
      ...staffTask({
        reason: "reply",
        identifier: { system: taskSystem, value },
        authoredOn: at,
        patientId:
          value === "of nobody" ? undefined : patient.slice("Patient/".length),
      }),
      owner: { reference: `Practitioner/${owner}` },
    });
    if (value === "closed")
      await work.update({ ...task, id, status: "completed" });
  }
  const { id } = await work.create({
    resourceType: "RelatedPerson",
    patient: { reference: patient },
    telecom: [{ system: "phone", value: "+12025550188" }],
  });
  return id;
};

const at = new Date(start).toISOString();

/** A table that tells what is asked of it. */
const watched = (
  table: Table,
  tell: (written: readonly Written[]) => void,
): Table => ({
  ...table,
  commit: async (writes, token) => {
    await table.commit(writes, token);
    tell(writes.map(writtenBy));
  },
  append: async (items) => {
    await table.append(items);
    tell(
      items.map((item) => ({
        table: "records",
        does: "put",
        guard: "plain",
        item,
      })),
    );
  },
});

const writtenBy = (write: Write): Written => {
  const { guard } = write;
  if ("remove" in write)
    return {
      table: "records",
      does: "remove",
      guard,
      item: { ...write.remove },
    };
  const { table = "records" } = write;
  if ("mark" in write)
    return {
      table,
      does: "set",
      guard,
      item: { ...write.mark, [write.attribute]: write.value },
    };
  return "put" in write
    ? { table, does: "put", guard, item: write.put }
    : { table, does: "check", guard, item: { ...write.check } };
};
