import type { Communication, Patient, Task } from "@medplum/fhirtypes";
import { describe, expect, it } from "vitest";
import { channelOf, reasonCode } from "../../functions/core/communication.ts";
import { demo } from "../../organizations/demo.ts";
import {
  clinic,
  type Clinic,
  type ClinicOptions,
} from "../../simulator/pre-visit-clinic.ts";
import {
  bookingTime,
  invented,
  mobile,
  scenarios,
  visitTime,
} from "../../simulator/pre-visit-scenarios.ts";
import { entered, statesOf } from "../../simulator/staged-workflow.ts";
import { bySystem } from "../record.ts";

const visited = new Set<string>();

/** Everything about one patient on the way to a visit, once all has been played. */
const played = async (stage: Clinic, patient: string) => {
  await stage.end();
  const executions = stage.executions();
  for (const state of entered(executions)) visited.add(state);
  return stage.records.change(bySystem, async (work) => {
    const communications = (
      await work.ofPatient("Communication", patient)
    ).filter(({ identifier = [] }) =>
      identifier.some(({ system }) => system === "urn:sojourn:message"),
    );
    return {
      messages: communications.map((one) =>
        [stepOf(one), one.status, reasonCode(one) ?? channelOf(one)].join(" "),
      ),
      communications,
      tasks: await work.ofPatient("Task", patient),
      plans: (await work.ofPatient("CarePlan", patient)).map(
        ({ status }) => status,
      ),
      executions: executions.map(({ status }) => status),
    };
  });
};

const stepOf = ({ identifier = [] }: Communication): string =>
  identifier[0]?.value?.split("/").slice(1).join("/") ?? "";
const reasons = (tasks: readonly Task[]): readonly (string | undefined)[] =>
  tasks.map(({ code }) => code?.coding?.[0]?.code);

const booked = async (
  options: Partial<ClinicOptions> = {},
  patient: Partial<Patient> = {},
  at = visitTime,
) => {
  const stage = await clinic({ start: bookingTime, ...options });
  const { id } = await stage.admit({ ...invented, ...patient });
  const appointment = await stage.book(id, at);
  return { stage, patient: id, appointment: appointment.id };
};

const scene = async (name: string) => {
  const scenario = scenarios[name];
  if (scenario === undefined) throw new Error(`there is no scenario ${name}`);
  const { clinic: options, patient, plot } = scenario;
  const { stage, ...ids } = await booked(options, patient);
  await plot?.(stage, ids);
  return { stage, ...ids, ...(await played(stage, ids.patient)) };
};

const all = [
  "confirmation in-progress sms",
  "reminder-72h in-progress sms",
  "reminder-24h in-progress sms",
  "reminder-2h in-progress sms",
];

describe("on the way to a visit", () => {
  it("a patient who confirms is reminded and not called", async () => {
    const { messages, tasks, plans, executions, stage } =
      await scene("confirms");
    expect(messages).toEqual([
      all[0],
      all[1],
      expect.stringMatching(/in-progress sms$/),
      all[2],
      all[3],
    ]);
    expect(tasks).toEqual([]);
    expect(plans).toEqual(["completed"]);
    expect(executions).toEqual(["SUCCEEDED"]);
    expect(
      stage.events.filter(({ what }) => what === "AppointmentConfirmed"),
    ).toHaveLength(1);
  });

  it("a patient who cancels hears that, and then no more", async () => {
    const { messages, plans, executions, stage } = await scene("cancels");
    expect(messages).toHaveLength(3);
    expect(plans).toEqual(["revoked"]);
    expect(executions).toEqual(["ABORTED"]);
    expect(stage.sent.at(-1)).toMatchObject({
      text: expect.stringContaining("cancelled") as string,
    });
  });

  it("silence leads to a call", async () => {
    const { messages, tasks, plans } = await scene("silent");
    expect(messages).toEqual(all);
    expect(reasons(tasks)).toEqual(["silence"]);
    expect(tasks[0]).toMatchObject({
      status: "requested",
      authoredOn: "2026-03-05T19:00:00.000Z",
      restriction: { period: { end: visitTime } },
      performerType: [{ coding: [{ code: "front-desk" }] }],
    });
    expect(plans).toEqual(["completed"]);
  });

  it("a wish for another time becomes work for the front desk and the visit stays", async () => {
    const { tasks, plans } = await scene("reschedules");
    expect(reasons(tasks)).toEqual(["reschedule"]);
    expect(plans).toEqual(["completed"]);
  });

  it("a patient who opts out of texts is written to by e-mail", async () => {
    const { messages, stage } = await scene("opts-out");
    expect(messages.filter((one) => one.startsWith("reminder"))).toEqual([
      "reminder-72h in-progress sms",
      "reminder-24h in-progress email",
      "reminder-2h in-progress email",
    ]);
    expect(stage.sent.filter(({ channel }) => channel === "sms")).toHaveLength(
      3,
    );
  });

  it("a patient who has opted out of every channel is left alone", async () => {
    const { stage, patient } = await booked({
      organization: { ...demo.settings, channels: ["sms"] },
    });
    await stage.until("2026-03-03T15:05:00Z");
    await stage.text(mobile, "STOP");
    const { plans, executions } = await played(stage, patient);
    expect(plans).toEqual(["revoked"]);
    expect(executions).toEqual(["ABORTED"]);
    expect(stage.sent.map(({ text }) => text.slice(0, 45))).toHaveLength(3);
  });

  it("a moved visit begins anew at its new time", async () => {
    const { messages, plans, executions } = await scene("moves");
    expect(messages).toEqual([all[0], all[1], ...all]);
    expect(plans.toSorted()).toEqual(["completed", "revoked"]);
    expect(executions.toSorted()).toEqual(["ABORTED", "SUCCEEDED"]);
  });

  it("a visit moved twice in a minute has one journey, for its last time", async () => {
    const { stage, patient, appointment } = await booked();
    await stage.move(appointment, "2026-03-10T18:00:00Z");
    await stage.move(appointment, "2026-03-11T18:00:00Z");
    const { plans } = await played(stage, patient);
    expect(plans.toSorted()).toEqual(["completed", "revoked", "revoked"]);
    expect(
      stage.sent.filter(
        ({ text }) => text.includes("Mar 11") && text.includes("booked"),
      ),
    ).toHaveLength(1);
    expect(
      stage.sent.filter(
        ({ text }) => text.includes("Mar 10") && text.includes("visit"),
      ),
    ).toHaveLength(0);
  });

  it("a visit moved away and back is confirmed again", async () => {
    const { stage, patient, appointment } = await booked();
    await stage.until("2026-03-02T16:00:00Z");
    await stage.move(appointment, "2026-03-10T18:00:00Z");
    await stage.until("2026-03-02T17:00:00Z");
    await stage.move(appointment, visitTime);
    const { messages, plans } = await played(stage, patient);
    expect(
      messages.filter((one) => one.startsWith("confirmation")),
    ).toHaveLength(3);
    expect(plans.filter((status) => status === "completed")).toHaveLength(1);
  });

  it.each(["dies", "checks-in"])(
    "nothing more is sent to a patient who %s",
    async (name) => {
      const { executions, plans, stage } = await scene(name);
      expect(executions).toEqual(["ABORTED"]);
      expect(plans).toEqual(["revoked"]);
      expect(stage.sent.length).toBeLessThan(4);
    },
  );

  it("a message held back for the night is withdrawn when the patient checks in before", async () => {
    const { messages } = await scene("checks-in");
    expect(messages.at(-1)).toBe("reminder-2h not-done journey-stopped");
  });

  it("messages wait for the morning where the patient lives", async () => {
    const { stage, messages } = await scene("sleeps-in-honolulu");
    expect(stage.sent.map(({ at }) => at)).toEqual([
      "2026-03-02T19:00:00.000Z",
      "2026-03-03T19:00:00.000Z",
      "2026-03-05T19:00:00.000Z",
    ]);
    expect(messages.at(-1)).toBe("reminder-2h not-done too-late");
  });

  it("the answer is awaited for as long after a reminder that went out late", async () => {
    const { tasks } = await scene("sleeps-in-honolulu");
    expect(tasks[0]).toMatchObject({ authoredOn: "2026-03-05T23:00:00.000Z" });
  });

  it("a number that does not exist is tried once; the rest goes by e-mail", async () => {
    const { stage, messages } = await scene("has-a-wrong-number");
    expect(
      stage.handed.filter(({ channel }) => channel === "sms"),
    ).toHaveLength(1);
    expect(messages).toEqual(all.map((one) => one.replace("sms", "email")));
  });

  it("nobody reachable is somebody's work", async () => {
    const { stage, patient } = await booked(
      { organization: { ...demo.settings, channels: ["sms", "email"] } },
      { telecom: [{ system: "fax", value: "+12025550124" }] },
    );
    const { messages, tasks } = await played(stage, patient);
    expect(messages[0]).toBe("confirmation not-done no-channel");
    expect(new Set(reasons(tasks))).toEqual(
      new Set(["unreachable", "silence"]),
    );
  });

  it("a message of unknown fate is never sent again; somebody calls", async () => {
    const { stage, tasks, messages } = await scene("lost-message");
    expect(stage.handed).toHaveLength(4);
    expect(messages[0]).toBe("confirmation stopped unknown-outcome");
    expect(reasons(tasks)).toEqual(["unknown-outcome", "silence"]);
  });

  it("a provider that asks to be tried later is tried later", async () => {
    const busy: ClinicOptions["provider"] = (_, attempt) =>
      attempt <= 2
        ? { outcome: "refused", reason: "throttled", permanent: false }
        : undefined;
    const { stage, patient } = await booked({ provider: busy });
    const { messages } = await played(stage, patient);
    expect(messages).toEqual(all);
    expect(stage.handed).toHaveLength(6);
  });

  it("a step that keeps failing ends in a person's task, never in silence", async () => {
    const dead: ClinicOptions["provider"] = () => ({
      outcome: "refused",
      reason: "misconfigured",
      permanent: false,
    });
    const { stage, patient } = await booked({ provider: dead });
    const { tasks, plans, executions } = await played(stage, patient);
    expect(reasons(tasks)).toEqual(["journey-failed"]);
    expect(plans).toEqual(["revoked"]);
    expect(executions).toEqual(["FAILED"]);
  });

  it("a visit in an hour is confirmed only", async () => {
    const { stage, patient } = await booked({}, {}, "2026-03-02T16:00:00.000Z");
    expect((await played(stage, patient)).messages).toEqual([
      "confirmation in-progress sms",
    ]);
  });

  it("everything happens once when every event comes twice", async () => {
    const { stage, patient, appointment } = await booked({ twice: true });
    await stage.until("2026-03-04T14:00:00Z");
    await stage.move(appointment, "2026-03-10T18:00:00Z");
    const { messages, plans, tasks } = await played(stage, patient);
    expect(messages).toEqual([all[0], all[1], ...all]);
    expect(plans).toHaveLength(2);
    expect(tasks).toHaveLength(1);
    expect(
      stage.logged.filter(({ fact }) => fact === "JourneyStarted"),
    ).toHaveLength(2);
    expect(
      stage.logged.filter(({ fact }) => fact === "JourneyStopped"),
    ).toHaveLength(1);
  });

  it("a family with one phone gets each child's messages, and a late event of one disturbs none", async () => {
    const stage = await clinic({ start: bookingTime });
    const children = await Promise.all(
      ["2015-01-01", "2017-01-01", "2019-01-01"].map((birthDate) =>
        stage.admit({ ...invented, birthDate }),
      ),
    );
    for (const [index, { id }] of children.entries())
      await stage.book(
        id,
        `2026-03-06T15:${String(index * 20).padStart(2, "0")}:00.000Z`,
      );
    for (const { id } of children)
      expect((await played(stage, id)).messages).toEqual(all);
    expect(stage.sent).toHaveLength(12);
  });
});

describe("the workflow", () => {
  it("was visited in every state by these journeys", () => {
    expect([...visited].sort()).toEqual([...statesOf("pre-visit")].sort());
  });
});
