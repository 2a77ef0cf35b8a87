import { describe, expect, it } from "vitest";
import {
  draft,
  messageSystem,
  prepared,
  withheld,
} from "../../functions/core/communication.ts";
import type { HistoryEvent } from "../../simulator/engine.ts";
import type { Travelled } from "../../local/story.ts";
import { printed, timelineOf } from "../../local/timeline.ts";

const at = (hour: number) =>
  `2026-11-22T${String(hour).padStart(2, "0")}:00:00.000Z`;

const base = (step: string) =>
  draft({
    name: `pre-visit-x/${step}`,
    patientId: "p",
    recipient: "Patient/p",
    template: { topic: "appointment", category: "reminder" },
    appointment: { id: "a" },
  });
const sent = {
  ...prepared(
    base("confirmation"),
    { channel: "sms", value: "+12025550123", rank: undefined },
    ["portal text", "Clinic: booked"],
    [],
  ),
  status: "completed" as const,
};
const suppressed = withheld(base("reminder-24h"), {
  status: "not-done",
  reason: "quiet-hours",
  rules: [],
});
const reply = {
  resourceType: "Communication" as const,
  status: "completed" as const,
  identifier: [{ system: "urn:sojourn:inbound:sms", value: "in-1" }],
  payload: [{ contentString: "C" }],
};

const scheduled = (step: string, now: string) =>
  ({
    taskScheduledEventDetails: {
      parameters: JSON.stringify({ Payload: { step, now } }),
    },
  }) as unknown as HistoryEvent;

const travelled: Travelled = {
  role: "confirms",
  phone: "+12025550123",
  patient: {
    resourceType: "Patient",
    id: "p",
    name: [{ given: ["Alma"], family: "Redfern" }],
  },
  appointment: {
    resourceType: "Appointment",
    status: "booked",
    start: at(20),
    participant: [],
  },
  communications: [suppressed, reply, sent],
  tasks: [
    {
      resourceType: "Task",
      status: "requested",
      intent: "order",
      authoredOn: at(16),
      code: { text: "Call the patient." },
    },
  ],
  execution: {
    executionArn: "arn",
    stateMachineArn: "arn",
    name: "pre-visit-x",
    status: "SUCCEEDED",
    startDate: Date.parse(at(8)),
    stopDate: Date.parse(at(20)),
    input: "{}",
    inputDetails: { included: true },
  } as Travelled["execution"],
};

const moments = timelineOf(travelled, {
  history: [
    scheduled("confirmation", at(9)),
    scheduled("reminder-24h", at(14)),
  ],
  messages: [
    {
      id: "in-1",
      channel: "sms",
      direction: "from-patient",
      address: "+12025550123",
      clinic: "+12025550199",
      text: "C",
      at: at(10),
      receipts: [],
    },
  ],
});

describe("a timeline", () => {
  it("tells everything in the order of journey time", () => {
    expect(
      moments.map(({ at: time, what }) => `${time.slice(11, 13)} ${what}`),
    ).toEqual([
      "08 booked; the journey begins",
      '09 confirmation by sms, delivered: "Clinic: booked"',
      '10 patient texts "C"',
      "14 reminder 24 h before not sent: quiet-hours",
      "16 task for staff: Call the patient.",
      "20 the journey ends (succeeded); the visit is booked",
    ]);
  });

  it("is printed on the clock of a place", () => {
    const text = printed(travelled, moments, "America/New_York");
    expect(text).toMatch(/^Alma Redfern, who confirms/);
    expect(text).toContain("03:00 AM  booked; the journey begins");
    expect(text.split("\n")).toHaveLength(7);
  });

  it("leaves out a message whose step the journey never reached", () => {
    const without = timelineOf(travelled, { history: [], messages: [] });
    expect(without.map(({ what }) => what).join()).not.toContain(messageSystem);
    expect(without).toHaveLength(3);
  });
});
