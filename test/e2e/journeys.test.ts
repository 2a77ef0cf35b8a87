import { beforeAll, describe, expect, it } from "vitest";
import {
  messageSystem,
  reasonCode,
} from "../../functions/core/communication.ts";
import { answerOf } from "../../local/visits.ts";
import { type Played, played, type RoleName } from "./scenario.ts";

let people: ReadonlyMap<RoleName, Played>;
beforeAll(async () => {
  people = await played();
  for (const [name, { executions, messages, tasks }] of people) {
    const received = messages.filter(
      ({ direction }) => direction === "to-patient",
    );
    const count = (channel: string) =>
      received.filter((message) => message.channel === channel).length;
    console.log(
      `  ${name}: ${count("sms")} texts, ${count("email")} e-mails, ${count("push")} pushes, ${tasks.length} tasks, ${executions.map(({ status }) => status).join(" ")}`,
    );
  }
});

const of = (name: RoleName): Played => {
  const found = people.get(name);
  if (!found) throw new Error(`nobody ${name}`);
  return found;
};

const textsTo = ({ messages }: Played) =>
  messages.filter(
    ({ channel, direction }) => channel === "sms" && direction === "to-patient",
  );
const reasonsOf = ({ tasks }: Played) =>
  tasks.map(({ code }) => code?.coding?.[0]?.code).sort();
const steps = ({ communications }: Played) =>
  communications.flatMap(({ identifier = [] }) =>
    identifier.flatMap(({ system, value }) =>
      system === messageSystem ? (value ?? "") : [],
    ),
  );
const byStep = (person: Played, step: string) =>
  person.communications.find(({ identifier = [] }) =>
    identifier.some(
      ({ system, value }) =>
        system === messageSystem && value?.endsWith(`/${step}`),
    ),
  );
const statusesOf = ({ executions }: Played) =>
  executions.map(({ status }) => status);

describe("whatever happens twice", () => {
  it("leads to one message each, one task each, one journey each", () => {
    for (const [name, person] of people) {
      const texts = textsTo(person).map(({ text }) => text);
      const sent = steps(person).filter((step) => !step.includes("inbound/"));
      expect(new Set(sent).size, name).toBe(sent.length);
      expect(
        texts.filter((text) => text.includes("booked")).length,
        name,
      ).toBeLessThanOrEqual(name === "moves" ? 2 : 1);
      const asked = person.tasks.map(
        ({ identifier = [] }) => identifier[0]?.value,
      );
      expect(new Set(asked).size, name).toBe(asked.length);
      expect(person.executions.length, name).toBe(name === "moves" ? 2 : 1);
      expect(
        person.communications.filter(({ received }) => received !== undefined)
          .length,
        name,
      ).toBe(
        person.messages.filter(({ direction }) => direction === "from-patient")
          .length,
      );
    }
  });

  it("leaves a care plan that says how each journey ended", () => {
    for (const [name, { plans, executions }] of people) {
      const wanted = executions
        .map(({ status }) => (status === "SUCCEEDED" ? "completed" : "revoked"))
        .sort();
      expect(plans.map(({ status }) => status).sort(), name).toEqual(wanted);
    }
  });
});

describe("a patient who", () => {
  it("confirms is confirmed, thanked, and reminded once more", () => {
    const person = of("confirms");
    expect(answerOf(person.appointment)).toBe("accepted");
    expect(textsTo(person)).toHaveLength(5);
    expect(reasonsOf(person)).toEqual([]);
    expect(statusesOf(person)).toEqual(["SUCCEEDED"]);
  });

  it("cancels hears no more, and the time is free", () => {
    const person = of("cancels");
    expect(person.appointment.status).toBe("cancelled");
    expect(textsTo(person)).toHaveLength(3);
    expect(statusesOf(person)).toEqual(["ABORTED"]);
  });

  it("stays silent is called by staff", () => {
    const person = of("stays silent");
    expect(textsTo(person)).toHaveLength(4);
    expect(reasonsOf(person)).toEqual(["silence"]);
    expect(answerOf(person.appointment)).toBe("needs-action");
  });

  it("asks for another time gets a person to find one", () => {
    expect(reasonsOf(of("asks for another time"))).toContain("reschedule");
  });

  it("asks a question gets a person to answer it, and no automatic text", () => {
    const person = of("asks a question");
    expect(reasonsOf(person)).toContain("reply");
    expect(steps(person).some((step) => step.includes("inbound/"))).toBe(false);
  });

  it("opts out gets no text any more, but is still told by e-mail", () => {
    const person = of("opts out");
    const stop = person.messages.findIndex(
      ({ direction }) => direction === "from-patient",
    );
    const after = person.messages
      .slice(stop + 1)
      .filter(({ channel }) => channel === "sms");
    expect(after.map(({ text }) => text)).toEqual([
      expect.stringContaining("opted out"),
    ]);
    expect(person.messages.some(({ channel }) => channel === "email")).toBe(
      true,
    );
    expect(
      person.consents.filter(({ status }) => status === "active"),
    ).toHaveLength(1);
  });

  it("moves the visit is reminded of the new time only", () => {
    const person = of("moves");
    expect(Date.parse(person.appointment.start ?? "")).toBeGreaterThan(
      Date.parse(person.booked.start),
    );
    expect([...statusesOf(person)].sort()).toEqual(["ABORTED", "SUCCEEDED"]);
  });

  it("dies is contacted no more", () => {
    const person = of("dies");
    expect(textsTo(person)).toHaveLength(2);
    expect(statusesOf(person)).toEqual(["ABORTED"]);
  });

  it("lives through a restart of the engine gets each message once", () => {
    const person = of("lives through a restart");
    expect(textsTo(person)).toHaveLength(4);
    expect(statusesOf(person)).toEqual(["SUCCEEDED"]);
  });
});

describe("delivery", () => {
  it("receipts out of order never move a message back", () => {
    const { communications } = of("has receipts out of order");
    const sent = communications.filter(({ sent: at }) => at !== undefined);
    expect(sent.length).toBeGreaterThan(0);
    expect(sent.map(({ status }) => status)).toEqual(
      sent.map(() => "completed"),
    );
  });

  it("that fails is recorded with its reason", () => {
    const confirmation = byStep(of("cannot be reached"), "confirmation");
    expect(confirmation?.status).toMatch(/not-done|stopped/);
    expect(confirmation && reasonCode(confirmation)).toBe("undelivered");
  });

  it("that the provider puts off is tried again, and happens once", () => {
    expect(textsTo(of("is throttled once"))).toHaveLength(4);
  });

  it("of which nobody knows the outcome is never repeated: staff call", () => {
    const person = of("gets a text whose sender hears no answer");
    expect(textsTo(person)).toHaveLength(4);
    expect(reasonsOf(person)).toContain("unknown-outcome");
    const confirmation = byStep(person, "confirmation");
    expect(confirmation?.status).toBe("stopped");
  });
});
