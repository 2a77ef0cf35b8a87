import { describe, expect, it } from "vitest";
import { draft } from "../../functions/core/communication.ts";
import { executionName, journeyPlan } from "../../functions/core/journey.ts";
import { receivedText } from "../../functions/core/inbound.ts";
import { clinic } from "../../simulator/pre-visit-clinic.ts";
import {
  bookingTime,
  invented,
  mobile,
  visitTime,
} from "../../simulator/pre-visit-scenarios.ts";
import { bySystem } from "../record.ts";

const aJourney = async () => {
  const stage = await clinic({ start: bookingTime, idle: true });
  const { id: patient } = await stage.admit(invented);
  const { id: appointment } = await stage.book(patient, visitTime);
  const occurrence = {
    journey: "pre-visit",
    subject: appointment,
    occurrence: "1",
  };
  const execution = executionName(occurrence);
  await stage.act((work) =>
    work.create(journeyPlan(occurrence, patient, visitTime)),
  );
  const run = (name: string, input: object = {}): Promise<unknown> => {
    const task = stage.tasks[name];
    if (task === undefined) throw new Error(`there is no task ${name}`);
    return task(
      { execution, patient, appointment, now: bookingTime, ...input },
      {},
    );
  };
  const plan = async () =>
    (
      await stage.records.change(bySystem, (work) =>
        work.ofPatient("CarePlan", patient),
      )
    )[0];
  const tasks = () =>
    stage.records.change(bySystem, (work) => work.ofPatient("Task", patient));
  return { stage, patient, appointment, execution, run, plan, tasks };
};

describe("planning reminders", () => {
  it("answers what is due and shows it in the care plan", async () => {
    const { run, plan } = await aJourney();
    const planned = {
      start: visitTime,
      steps: [
        { step: "confirmation", at: bookingTime },
        { step: "reminder-72h" },
        { step: "reminder-24h" },
        { step: "reminder-24h/answer" },
        { step: "reminder-2h" },
      ],
    };
    expect(await run("PlanReminders")).toMatchObject(planned);
    expect(await run("PlanReminders")).toMatchObject(planned);
    expect((await plan())?.activity).toHaveLength(5);
  });
  it("answers nothing for a visit that is off", async () => {
    const { run, stage, appointment } = await aJourney();
    await stage.cancel(appointment);
    expect(await run("PlanReminders")).toEqual({
      start: bookingTime,
      steps: [],
    });
  });
  it("answers nothing for a visit that was moved: that is another occurrence's", async () => {
    const { run, stage, appointment } = await aJourney();
    await stage.move(appointment, "2026-03-10T18:00:00Z");
    expect(await run("PlanReminders")).toEqual({
      start: bookingTime,
      steps: [],
    });
  });
  it("answers nothing to an execution that has no plan", async () => {
    const { run } = await aJourney();
    expect(
      await run("PlanReminders", { execution: "pre-visit-unknown" }),
    ).toEqual({ start: bookingTime, steps: [] });
  });
});

describe("reading the answer", () => {
  const asked = {
    start: visitTime,
    to: "reminder-24h",
    now: "2026-03-05T19:00:00.000Z",
  };
  const withMessage = async (sent: string) => {
    const journey = await aJourney();
    const { stage, patient, appointment, execution } = journey;
    const template = {
      topic: "appointment",
      category: "reminder",
      asks: true,
    } as const;
    const message = draft({
      name: `${execution}/reminder-24h`,
      patientId: patient,
      recipient: `Patient/${patient}`,
      template,
      appointment: { id: appointment },
    });
    const stored = await stage.act((work) =>
      work.create({ ...message, status: "in-progress", sent }),
    );
    return { ...journey, message: stored };
  };
  it("finds none", async () => {
    const { run } = await withMessage("2026-03-05T15:00:00.000Z");
    expect(await run("ReadAnswer", asked)).toEqual({ answer: "none" });
  });
  it("finds none when nothing was sent at all", async () => {
    const { run } = await aJourney();
    expect(await run("ReadAnswer", asked)).toEqual({ answer: "none" });
  });
  it("waits for one to a message that went out late", async () => {
    const { run } = await withMessage("2026-03-05T17:30:00.000Z");
    expect(await run("ReadAnswer", asked)).toEqual({
      answer: "awaited",
      until: "2026-03-05T21:30:00.000Z",
    });
  });
  it("finds a confirmation, by whatever way it came", async () => {
    const { run, stage, appointment } = await withMessage(
      "2026-03-05T15:00:00.000Z",
    );
    await stage.act(async (work) => {
      const known = await work.read("Appointment", appointment);
      if (known !== undefined)
        await work.update({
          ...known,
          participant: known.participant.map((one) => ({
            ...one,
            status: "accepted" as const,
          })),
        });
    });
    expect(await run("ReadAnswer", asked)).toEqual({ answer: "given" });
  });
  it("finds words that only a person understands", async () => {
    const { run, stage, patient, message } = await withMessage(
      "2026-03-05T15:00:00.000Z",
    );
    await stage.act((work) =>
      work.create(
        receivedText({
          id: "in",
          text: "?",
          number: mobile,
          patientId: patient,
          received: "2026-03-05T16:00:00.000Z",
          inAnswerTo: message,
        }),
      ),
    );
    expect(await run("ReadAnswer", asked)).toEqual({ answer: "given" });
  });
  it("needs none for a visit that is off", async () => {
    const { run, stage, appointment } = await withMessage(
      "2026-03-05T15:00:00.000Z",
    );
    await stage.cancel(appointment);
    expect(await run("ReadAnswer", asked)).toEqual({ answer: "moot" });
  });
});

describe("raising a task", () => {
  it("asks once for the same step", async () => {
    const { run, tasks } = await aJourney();
    const request = {
      step: "reminder-24h/answer",
      reason: "silence",
      due: visitTime,
    };
    expect(await run("RaiseTask", request)).toEqual(
      await run("RaiseTask", request),
    );
    expect(await tasks()).toHaveLength(1);
  });
  it("sets no time that has passed", async () => {
    const { run, tasks } = await aJourney();
    await run("RaiseTask", {
      step: "failure",
      reason: "journey-failed",
      due: "2026-03-01T00:00:00.000Z",
    });
    expect((await tasks())[0]?.restriction).toBeUndefined();
    expect((await tasks())[0]?.priority).toBe("urgent");
  });
  it("refuses a reason that nobody knows", async () => {
    const { run } = await aJourney();
    await expect(
      run("RaiseTask", { step: "x", reason: "boredom" }),
    ).rejects.toThrow();
  });
});

describe("closing the plan", () => {
  it("completes it once, and what has ended stays as it ended", async () => {
    const { run, plan } = await aJourney();
    await run("PlanReminders");
    expect(await run("ClosePlan", { status: "completed" })).toEqual({
      closed: true,
    });
    expect(await run("ClosePlan", { status: "revoked" })).toEqual({
      closed: false,
    });
    expect(await plan()).toMatchObject({
      status: "completed",
      activity: expect.arrayContaining([
        expect.objectContaining({
          detail: expect.objectContaining({ status: "completed" }) as unknown,
        }),
      ]) as unknown,
    });
  });
});
