import { describe, expect, it } from "vitest";
import { startJourneys } from "../../functions/events/start-journeys.ts";
import type { Occurrence } from "../../functions/core/journey.ts";
import type { Journeys } from "../../functions/outbound/journeys.ts";
import { clinic } from "../../simulator/pre-visit-clinic.ts";
import {
  bookingTime,
  invented,
  visitTime,
} from "../../simulator/pre-visit-scenarios.ts";
import { bySystem } from "../record.ts";

/** A booked visit, and the consumer of events with a Step Functions that fails when it is told to. */
const aBooking = async () => {
  const stage = await clinic({ start: bookingTime, idle: true });
  const { id: patient } = await stage.admit(invented);
  const { id: appointment } = await stage.book(patient, visitTime);
  const running = new Set<string>();
  const failing = { next: false };
  const fail = () => {
    if (!failing.next) return;
    failing.next = false;
    throw new Error("Step Functions cannot be reached");
  };
  const name = ({ subject, occurrence }: Occurrence) =>
    `${subject === appointment ? "visit" : subject} ${occurrence}`;
  const journeys: Journeys = {
    start: (occurrence) => {
      fail();
      running.add(name(occurrence));
      return Promise.resolve(name(occurrence));
    },
    stop: (occurrence) => {
      fail();
      running.delete(name(occurrence));
      return Promise.resolve();
    },
  };
  const handler = startJourneys({ ...stage.deps, journeys }) as (
    event: unknown,
    context: unknown,
  ) => Promise<{ batchItemFailures: unknown[] }>;
  const hears = async (
    what: string,
    changes: object = {},
  ): Promise<boolean> => {
    const detail = {
      organization: "demo",
      fact: "fact",
      patient,
      type: "Appointment",
      id: appointment,
      version: 1,
      what,
      by: "system:test",
      ...changes,
    };
    const answer = await handler(
      {
        Records: [
          {
            eventSource: "aws:sqs",
            messageId: "m",
            body: JSON.stringify({
              source: "sojourn",
              "detail-type": what,
              detail,
            }),
          },
        ],
      },
      {},
    );
    return answer.batchItemFailures.length === 0;
  };
  const plans = async () =>
    (
      await stage.records.change(bySystem, (work) =>
        work.ofPatient("CarePlan", patient),
      )
    ).map(({ status }) => status);
  return { stage, patient, appointment, running, failing, hears, plans };
};

describe("the journeys of a visit", () => {
  it("start once, however often the booking is told", async () => {
    const { hears, running, plans } = await aBooking();
    for (let times = 0; times < 3; times += 1)
      expect(await hears("AppointmentBooked")).toBe(true);
    expect([...running]).toEqual(["visit 1"]);
    expect(await plans()).toEqual(["active"]);
  });
  it("start once when the booking is told twice at the same time", async () => {
    const { hears, running, plans } = await aBooking();
    await Promise.all([hears("AppointmentBooked"), hears("AppointmentBooked")]);
    await hears("AppointmentBooked");
    expect([...running]).toEqual(["visit 1"]);
    expect(await plans()).toEqual(["active"]);
  });
  it("start although Step Functions failed after the record was written", async () => {
    const { hears, running, failing, plans } = await aBooking();
    failing.next = true;
    expect(await hears("AppointmentBooked")).toBe(false);
    expect([await plans(), running.size]).toEqual([["active"], 0]);
    expect(await hears("AppointmentBooked")).toBe(true);
    expect([...running]).toEqual(["visit 1"]);
  });
  it("stop although Step Functions failed after the record was written", async () => {
    const { hears, running, failing, stage, appointment, plans } =
      await aBooking();
    await hears("AppointmentBooked");
    await stage.cancel(appointment);
    failing.next = true;
    expect(await hears("AppointmentCancelled", { version: 2 })).toBe(false);
    expect(await plans()).toEqual(["revoked"]);
    expect(await hears("AppointmentCancelled", { version: 2 })).toBe(true);
    expect(running.size).toBe(0);
  });
  it("do not start for a booking that is told after its cancellation", async () => {
    const { hears, running, stage, appointment, plans } = await aBooking();
    await stage.cancel(appointment);
    await hears("AppointmentCancelled", { version: 2 });
    await hears("AppointmentBooked", { version: 1 });
    expect([running.size, await plans()]).toEqual([0, []]);
  });
  it("run for the new time only when a move is told before the booking", async () => {
    const { hears, running, stage, appointment, plans } = await aBooking();
    await stage.move(appointment, "2026-03-10T18:00:00Z");
    await hears("AppointmentMoved", { version: 2 });
    await hears("AppointmentBooked", { version: 1 });
    expect([...running]).toEqual(["visit 2"]);
    expect(await plans()).toEqual(["active"]);
  });
  it("stop for the dead, also when Step Functions failed at first", async () => {
    const { hears, running, failing, stage, patient } = await aBooking();
    await hears("AppointmentBooked");
    await stage.act(async (work) => {
      const known = await work.read("Patient", patient);
      if (known !== undefined)
        await work.update({ ...known, deceasedBoolean: true });
    });
    failing.next = true;
    const died = { type: "Patient", id: patient, version: 2 };
    expect(await hears("PatientDied", died)).toBe(false);
    expect(await hears("PatientDied", died)).toBe(true);
    expect(running.size).toBe(0);
  });
  it("go on when a consent leaves a channel open", async () => {
    const { hears, running, patient } = await aBooking();
    await hears("AppointmentBooked");
    await hears("ConsentChanged", {
      type: "Consent",
      id: `${patient}-c`,
      version: 1,
    });
    expect([...running]).toEqual(["visit 1"]);
  });
  it("are none of a directory's business", async () => {
    const { hears, running } = await aBooking();
    expect(
      await hears("TaskCreated", { patient: undefined, type: "Task" }),
    ).toBe(true);
    expect(running.size).toBe(0);
  });
});
