import type {
  Appointment,
  Communication,
  Patient,
  Task,
} from "@medplum/fhirtypes";
import { describe, expect, it } from "vitest";
import {
  clinic,
  type Clinic,
  type ClinicOptions,
} from "../../simulator/pre-visit-clinic.ts";
import {
  bookingTime,
  invented,
  mobile,
  visitTime,
} from "../../simulator/pre-visit-scenarios.ts";
import { bySystem } from "../record.ts";

const inboundOf = ({ identifier = [] }: Communication): string | undefined =>
  identifier.find(({ system }) => system === "urn:sojourn:inbound:sms")?.value;

/** A patient who has been sent the confirmation of a visit. */
const confirmedBySms = async (
  options: Partial<ClinicOptions> = {},
  patient: Partial<Patient> = {},
) => {
  const stage = await clinic({ start: bookingTime, ...options });
  const { id } = await stage.admit({ ...invented, ...patient });
  const { id: appointment } = await stage.book(id, visitTime);
  await stage.until("2026-03-02T15:05:00Z");
  return { stage, patient: id, appointment };
};

const seen = ({ records }: Clinic, patient: string) =>
  records.change(bySystem, async (work) => {
    const communications = await work.ofPatient("Communication", patient);
    return {
      appointments: await work.ofPatient("Appointment", patient),
      received: communications.filter((one) => inboundOf(one) !== undefined),
      tasks: await work.ofPatient("Task", patient),
      consents: await work.ofPatient("Consent", patient),
      answers: communications.filter(({ identifier = [] }) =>
        identifier.some(({ value }) => value?.startsWith("inbound/")),
      ),
    };
  });
const reasons = (tasks: readonly Task[]) =>
  tasks.map(({ code }) => code?.coding?.[0]?.code);
const answerTo = ({ participant }: Appointment) => participant[0]?.status;
const directoryTasks = (stage: Clinic) =>
  stage.events.filter(
    ({ what, detail }) =>
      what === "TaskCreated" && detail.patient === undefined,
  );

describe("a text message", () => {
  it("is kept as it came, sealed with the patient, and linked to what it answers", async () => {
    const { stage, patient, appointment } = await confirmedBySms();
    expect(await stage.text(mobile, "C", "in-1")).toBe(true);
    const { received } = await seen(stage, patient);
    expect(received).toMatchObject([
      {
        status: "completed",
        sender: { reference: `Patient/${patient}` },
        payload: [{ contentString: "C" }],
        about: [{ reference: `Appointment/${appointment}` }],
      },
    ]);
    expect(received[0]?.inResponseTo).toHaveLength(1);
  });

  it.each([
    ["C", "accepted", "booked", [], "your visit is confirmed"],
    ["yes", "accepted", "booked", [], "your visit is confirmed"],
    ["x", "needs-action", "cancelled", [], "your visit is cancelled"],
    ["NO", "needs-action", "cancelled", [], "your visit is cancelled"],
    ["R", "needs-action", "booked", ["reschedule"], "another time"],
    ["help", "needs-action", "booked", [], "Call +12025550100 for help"],
    ["I have a fever", "needs-action", "booked", ["reply"], undefined],
  ])(
    "%j: visit %s and %s, tasks %j",
    async (text, participant, status, tasks, said) => {
      const { stage, patient } = await confirmedBySms();
      const before = stage.sent.length;
      await stage.text(mobile, text);
      const now = await seen(stage, patient);
      expect(
        now.appointments.map((one) => [answerTo(one), one.status]),
      ).toEqual([[participant, status]]);
      expect(reasons(now.tasks)).toEqual(tasks);
      expect(stage.sent.slice(before).map((one) => one.text)).toEqual(
        said === undefined ? [] : [expect.stringContaining(said)],
      );
    },
  );

  it("frees the time of the visit that it cancels", async () => {
    const { stage, patient } = await confirmedBySms();
    await stage.text(mobile, "X");
    const { appointments } = await seen(stage, patient);
    expect(appointments[0]?.cancelationReason?.coding?.[0]?.code).toBe("pat");
    await expect(stage.book(patient, visitTime)).resolves.toMatchObject({
      status: "booked",
    });
  });

  it("that comes twice is taken once and answered once", async () => {
    const { stage, patient } = await confirmedBySms();
    const before = stage.sent.length;
    for (let times = 0; times < 3; times += 1)
      expect(await stage.text(mobile, "R", "in-1")).toBe(true);
    const { received, tasks } = await seen(stage, patient);
    expect([received.length, tasks.length, stage.sent.length - before]).toEqual(
      [1, 1, 1],
    );
  });

  it("that comes twice at the same time is taken once", async () => {
    const { stage, patient } = await confirmedBySms();
    await Promise.all([
      stage.text(mobile, "C", "in-1"),
      stage.text(mobile, "C", "in-1"),
    ]);
    await stage.text(mobile, "C", "in-1");
    const { received, answers } = await seen(stage, patient);
    expect([received.length, answers.length]).toEqual([1, 1]);
  });

  it("after the visit was cancelled is read by a person", async () => {
    const { stage, patient, appointment } = await confirmedBySms();
    await stage.cancel(appointment);
    await stage.text(mobile, "C");
    const { tasks, appointments } = await seen(stage, patient);
    expect(reasons(tasks)).toEqual(["reply"]);
    expect(appointments[0]?.status).toBe("cancelled");
  });

  it("may change the answer", async () => {
    const { stage, patient } = await confirmedBySms();
    await stage.text(mobile, "C");
    await stage.text(mobile, "X");
    expect((await seen(stage, patient)).appointments[0]?.status).toBe(
      "cancelled",
    );
  });

  it("is answered in the patient's language", async () => {
    const { stage } = await confirmedBySms(
      {},
      {
        communication: [
          { language: { coding: [{ system: "urn:ietf:bcp:47", code: "es" }] } },
        ],
      },
    );
    await stage.text(mobile, "sí");
    expect(stage.sent.at(-1)?.text).toContain("gracias");
  });

  it("whose answer the provider puts off is answered when it comes again", async () => {
    const { stage, patient } = await confirmedBySms({
      provider: (_, attempt) =>
        attempt === 2
          ? { outcome: "refused", reason: "throttled", permanent: false }
          : undefined,
    });
    expect(await stage.text(mobile, "C", "in-1")).toBe(false);
    expect(await stage.text(mobile, "C", "in-1")).toBe(true);
    expect(
      (await seen(stage, patient)).answers.map(({ status }) => status),
    ).toEqual(["in-progress"]);
  });

  it("is taken though no vendor is bound that could carry the answer; a person reaches the patient", async () => {
    const { stage, patient } = await confirmedBySms({
      provider: (_, attempt) =>
        attempt > 1
          ? { outcome: "withheld", reason: "vendor-agreement" }
          : undefined,
    });
    for (let times = 0; times < 2; times += 1)
      expect(await stage.text(mobile, "C", "in-1")).toBe(true);
    expect(stage.handed).toHaveLength(2);
    const { appointments, answers, tasks } = await seen(stage, patient);
    expect(appointments.map(answerTo)).toEqual(["accepted"]);
    expect(
      answers.map((one) => [one.status, one.statusReason?.coding?.[0]?.code]),
    ).toEqual([["not-done", "vendor-agreement"]]);
    expect(reasons(tasks)).toEqual(["unreachable"]);
  });

  it("that is malformed goes to the dead letters", async () => {
    const { stage } = await confirmedBySms();
    expect(await stage.text(mobile, "C", "")).toBe(false);
  });
});

describe("STOP", () => {
  it.each([
    "STOP",
    "quit",
    "End",
    "REVOKE",
    "opt out",
    "Cancel",
    "unsubscribe",
    "arrêt",
  ])("%s opts out at once and is confirmed by one text", async (word) => {
    const { stage, patient } = await confirmedBySms();
    const before = stage.sent.length;
    await stage.text(mobile, word);
    await stage.text(mobile, "STOP");
    const { consents, appointments } = await seen(stage, patient);
    expect(consents).toMatchObject([
      { status: "active", provision: { type: "deny" } },
    ]);
    expect(appointments[0]?.status).toBe("booked");
    expect(stage.sent.slice(before).map(({ text }) => text)).toEqual([
      expect.stringContaining("no more texts"),
    ]);
    expect(
      stage.logged.filter(({ fact }) => fact === "PatientOptedOut"),
    ).toHaveLength(1);
  });

  it("is heard for everybody whom the number reaches", async () => {
    const { stage, patient } = await confirmedBySms();
    const sibling = await stage.admit({ ...invented, birthDate: "2019-01-01" });
    await stage.text(mobile, "STOP");
    for (const id of [patient, sibling.id])
      expect((await seen(stage, id)).consents).toHaveLength(1);
  });

  it("leaves other answers possible, unanswered", async () => {
    const { stage, patient } = await confirmedBySms();
    await stage.text(mobile, "STOP");
    const before = stage.sent.length;
    await stage.text(mobile, "C");
    expect(stage.sent).toHaveLength(before);
    expect((await seen(stage, patient)).appointments.map(answerTo)).toEqual([
      "accepted",
    ]);
  });

  it("that the provider has heard already is confirmed by the provider only", async () => {
    const { stage, patient } = await confirmedBySms({
      provider: (_, attempt) =>
        attempt > 1
          ? { outcome: "refused", reason: "opted-out", permanent: true }
          : undefined,
    });
    expect(await stage.text(mobile, "STOP")).toBe(true);
    const { consents, answers } = await seen(stage, patient);
    expect(consents).toHaveLength(1);
    expect(answers.map(({ status }) => status)).toEqual(["not-done"]);
  });

  it.each([
    ["STOP", "STOP", ["active"]],
    ["Quit smoking?", "QUIT", ["active"]],
    ["HELP", "HELP", []],
  ])(
    "%s: what the service has answered is not answered again",
    async (text, keyword, statuses) => {
      const { stage, patient } = await confirmedBySms();
      const before = stage.handed.length;
      await stage.text(mobile, text, "in-1", keyword);
      expect(
        (await seen(stage, patient)).consents.map(({ status }) => status),
      ).toEqual(statuses);
      expect(stage.handed).toHaveLength(before);
    },
  );

  it("is taken back by START", async () => {
    const { stage, patient } = await confirmedBySms();
    await stage.text(mobile, "STOP");
    await stage.text(mobile, "START");
    expect(
      (await seen(stage, patient)).consents.map(({ status }) => status),
    ).toEqual(["inactive"]);
    expect(stage.sent.at(-1)?.text).toContain("again");
  });
});

describe("a family's phone", () => {
  const family = async (minutes: readonly number[]) => {
    const stage = await clinic({ start: bookingTime });
    const children: string[] = [];
    for (const [index, at] of minutes.entries()) {
      await stage.until(
        new Date(Date.parse(bookingTime) + at * 60_000).toISOString(),
      );
      const { id } = await stage.admit({
        ...invented,
        birthDate: `201${String(index)}-01-01`,
      });
      await stage.book(
        id,
        new Date(Date.parse(visitTime) + index * 1_200_000).toISOString(),
      );
      await stage.until(
        new Date(Date.parse(bookingTime) + at * 60_000 + 1000).toISOString(),
      );
      children.push(id);
    }
    return { stage, children };
  };
  const all = (stage: Clinic, children: readonly string[]) =>
    Promise.all(children.map((id) => seen(stage, id)));

  it("answers for the child whose message came last", async () => {
    const { stage, children } = await family([0, 90, 180]);
    await stage.text(mobile, "C");
    expect(
      (await all(stage, children)).map(({ appointments }) =>
        appointments.map(answerTo),
      ),
    ).toEqual([["needs-action"], ["needs-action"], ["accepted"]]);
    await stage.text(mobile, "C");
    expect(
      (await all(stage, children)).map(({ appointments }) =>
        appointments.map(answerTo),
      ),
    ).toEqual([["needs-action"], ["accepted"], ["accepted"]]);
  });

  it("is ambiguous when two children's messages came together, so a person decides", async () => {
    const { stage, children } = await family([0, 10]);
    await stage.text(mobile, "X");
    const now = await all(stage, children);
    expect(
      now.flatMap(({ appointments }) =>
        appointments.map(({ status }) => status),
      ),
    ).toEqual(["booked", "booked"]);
    expect(now.flatMap(({ tasks }) => reasons(tasks))).toEqual([
      "ambiguous-reply",
    ]);
  });

  it("answers for a child whose own record has no number", async () => {
    const { stage, patient } = await confirmedBySms(
      { idle: true },
      {
        birthDate: "2016-05-05",
        telecom: [{ system: "fax", value: "+12025550124" }],
      },
    );
    await stage.act((work) =>
      work.create({
        resourceType: "RelatedPerson",
        patient: { reference: `Patient/${patient}` },
        relationship: [
          {
            coding: [
              {
                system: "http://terminology.hl7.org/CodeSystem/v3-RoleCode",
                code: "MTH",
              },
            ],
          },
        ],
        telecom: [{ system: "phone", use: "mobile", value: mobile }],
      }),
    );
    await stage.text(mobile, "Is it today?");
    expect(reasons((await seen(stage, patient)).tasks)).toEqual(["reply"]);
  });
});

describe("an unknown number", () => {
  it("is a person's work, once, and gets no answer", async () => {
    const { stage } = await confirmedBySms();
    const before = stage.handed.length;
    for (let times = 0; times < 2; times += 1)
      expect(await stage.text("+12025550142", "C", "in-9")).toBe(true);
    expect(directoryTasks(stage)).toHaveLength(1);
    expect(stage.handed).toHaveLength(before);
    const id = String(directoryTasks(stage)[0]?.detail.id);
    const task = await stage.records.read(bySystem, "Task", id);
    expect(task).toMatchObject({
      code: { coding: [{ code: "unknown-sender" }] },
      input: [{ valueString: "+12025550142" }, { valueString: "C" }],
    });
  });
  it("may be a short code or nothing that we can read", async () => {
    const { stage } = await confirmedBySms();
    expect(await stage.text("12345", "win a prize")).toBe(true);
    expect(directoryTasks(stage)).toHaveLength(1);
  });
  it("that a patient gave up long ago is not the patient's", async () => {
    const { stage, patient } = await confirmedBySms(
      { idle: true },
      { telecom: [{ system: "phone", use: "old", value: mobile }] },
    );
    await stage.text(mobile, "STOP");
    expect((await seen(stage, patient)).consents).toEqual([]);
    expect(directoryTasks(stage)).toHaveLength(1);
  });
});
