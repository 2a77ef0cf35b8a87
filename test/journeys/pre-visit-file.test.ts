import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { appointment } from "../../functions/resources/appointment.ts";
import { anAppointment } from "../core/contact-builders.ts";
import { preVisit } from "../../workflows/pre-visit.ts";

interface State {
  readonly Type: string;
  readonly Comment?: string;
  readonly Resource?: string;
  readonly TimeoutSeconds?: number;
  readonly Retry?: unknown;
  readonly Catch?: readonly { readonly Next: string }[];
  readonly Arguments?: { readonly FunctionName: string };
}

const file = JSON.parse(
  readFileSync(
    new URL("../../workflows/pre-visit.asl.json", import.meta.url),
    "utf8",
  ),
) as {
  readonly Comment: string;
  readonly QueryLanguage: string;
  readonly TimeoutSeconds: number;
  readonly States: Readonly<Record<string, State>>;
};
const states = Object.entries(file.States);
const tasks = states.filter(([, { Type }]) => Type === "Task");

describe("the pre-visit workflow's file", () => {
  it("is JSONata, explained, and ends some day", () => {
    expect(file.QueryLanguage).toBe("JSONata");
    expect(file.Comment.length).toBeGreaterThan(50);
    expect(file.TimeoutSeconds).toBeLessThanOrEqual(31_536_000);
    expect(states.length).toBeLessThanOrEqual(25);
  });
  it("has phrases for states and questions for choices", () => {
    for (const [name, { Type }] of states)
      expect(name.endsWith("?"), name).toBe(Type === "Choice");
  });
  it.each(tasks)(
    "%s invokes a function, explains itself, has a timeout and the house's retries",
    (_, state) => {
      expect(state.Resource).toBe("arn:aws:states:::lambda:invoke");
      expect(state.Arguments?.FunctionName).toMatch(/^\$\{[A-Z]\w+\}$/);
      expect(state.Comment).toBeDefined();
      expect(state.TimeoutSeconds).toBe(60);
      expect(state.Retry).toEqual(tasks[0]?.[1].Retry);
    },
  );
  it("hands every failure to a person", () => {
    const failing = [
      "Tell staff that the journey failed",
      "Close the failed plan",
    ];
    for (const [name, { Catch }] of tasks)
      expect(
        Catch?.map(({ Next }) => Next),
        name,
      ).toEqual(failing.includes(name) ? undefined : [failing[0]]);
    expect(
      states.filter(([, { Type }]) => Type === "Fail").map(([name]) => name),
    ).toEqual(["Journey failed"]);
  });
});

describe("what starts and ends the journey", () => {
  it("is what appointments, patients and consents tell", () => {
    const told = new Set(["AppointmentMoved", "PatientDied", "ConsentChanged"]);
    for (const status of Object.keys(appointment.moves)) {
      const after = anAppointment({ status: status as "booked" });
      told.add(appointment.event(after, undefined) ?? "");
    }
    for (const name of [...preVisit.startsOn, ...preVisit.endsOn])
      expect(told).toContain(name);
  });
  it("is told by ids only", () => {
    expect(
      preVisit.input.safeParse({ patient: "p", appointment: "a" }).success,
    ).toBe(true);
    expect(
      preVisit.input.safeParse({ patient: "p", appointment: "a", name: "x" })
        .success,
    ).toBe(false);
  });
});
