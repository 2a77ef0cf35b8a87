import { readdirSync, readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import type * as z from "zod";
import { appointment } from "../../functions/resources/appointment.ts";
import { bulkExport } from "../../workflows/bulk-export.ts";
import { bulkImport } from "../../workflows/bulk-import.ts";
import { erasure } from "../../workflows/erasure.ts";
import { preVisit } from "../../workflows/pre-visit.ts";
import { privacyRequest } from "../../workflows/privacy-request.ts";
import { anAppointment } from "../core/contact-builders.ts";

interface State {
  readonly Type: string;
  readonly Comment?: string;
  readonly Resource?: string;
  readonly TimeoutSeconds?: number | string;
  readonly Seconds?: number;
  readonly Retry?: readonly object[];
  readonly Catch?: readonly {
    readonly ErrorEquals: readonly string[];
    readonly Next: string;
  }[];
  readonly Arguments?: { readonly FunctionName: string };
}

interface File {
  readonly Comment: string;
  readonly QueryLanguage: string;
  readonly TimeoutSeconds: number;
  readonly States: Readonly<Record<string, State>>;
}

interface Expected {
  readonly input: z.ZodType;
  readonly ids: Readonly<Record<string, string>>;
  /** Seconds. */
  readonly longest: number;
  /** Seconds of its slowest task. */
  readonly slowest: number;
  /** What tells a person, in its order, and then fails. */
  readonly failing: readonly [string, ...string[]];
  /** The task that waits for a person. */
  readonly waiting?: string;
}

const year = 31_536_000;
const day = 86_400;
const workflows: Readonly<Record<string, Expected>> = {
  "bulk-export": {
    input: bulkExport.input,
    ids: { export: "e" },
    // Before its job ends.
    longest: day - 1,
    slowest: 150,
    failing: ["Tell staff that the export failed"],
  },
  "bulk-import": {
    input: bulkImport.input,
    ids: { import: "i" },
    // Before its uploads are gone.
    longest: 2 * day - 1,
    slowest: 150,
    failing: ["Tell staff that the import failed"],
  },
  erasure: {
    input: erasure.input,
    ids: { patient: "p", request: "r" },
    longest: 2 * day,
    slowest: 150,
    failing: ["Tell the privacy officer that the erasure failed"],
  },
  "pre-visit": {
    input: preVisit.input,
    ids: { patient: "p", appointment: "a" },
    longest: year,
    slowest: 60,
    failing: ["Tell staff that the journey failed", "Close the failed plan"],
  },
  "privacy-request": {
    input: privacyRequest.input,
    ids: { patient: "p", request: "r" },
    longest: year,
    slowest: 150,
    failing: ["Tell staff that the request is stuck"],
    waiting: "Wait for the decision",
  },
};

const room = new URL("../../workflows/", import.meta.url);
const parse = (name: string) =>
  JSON.parse(readFileSync(new URL(`${name}.asl.json`, room), "utf8")) as File;
const statesOf = (file: File, type: string) =>
  Object.entries(file.States).filter(([, { Type }]) => Type === type);
const invoke = "arn:aws:states:::lambda:invoke";
const [[, house] = []] = statesOf(parse("pre-visit"), "Task");

it("of every workflow something is expected", () => {
  const names = readdirSync(room).filter((name) => name.endsWith(".asl.json"));
  expect(names.map((name) => name.slice(0, -".asl.json".length))).toEqual(
    Object.keys(workflows).sort(),
  );
});

describe.each(Object.entries(workflows))(
  "the file of %s",
  (name, { input, ids, longest, slowest, failing, waiting }) => {
    const file = parse(name);
    const tasks = statesOf(file, "Task");

    it("is JSONata of few states, explained, and ends some day", () => {
      expect(file.QueryLanguage).toBe("JSONata");
      expect(file.Comment.length).toBeGreaterThan(50);
      expect(file.TimeoutSeconds).toBeLessThanOrEqual(longest);
      expect(Object.keys(file.States).length).toBeLessThanOrEqual(25);
    });

    it("has phrases for states and questions for choices", () => {
      for (const [state, { Type }] of Object.entries(file.States))
        expect(state.endsWith("?"), state).toBe(Type === "Choice");
    });

    it.each(tasks)("%s names its function and explains itself", (_, state) => {
      expect(state.Arguments?.FunctionName).toMatch(/^\$\{[A-Z]\w+\}$/);
      expect(state.Comment).toBeDefined();
    });

    it.each(tasks.filter(([state]) => state !== waiting))(
      "%s invokes it, has a timeout and the house's retries",
      (_, state) => {
        expect(state.Resource).toBe(invoke);
        // Functions stop earlier: no two ever do the same slice at once.
        expect(state.TimeoutSeconds).toBeLessThanOrEqual(slowest);
        expect(state.Retry).toEqual(house?.Retry);
      },
    );

    it("hands every failure to a person", () => {
      const [person] = failing;
      for (const [state, { Catch }] of tasks)
        expect(
          Catch?.filter(({ ErrorEquals }) =>
            ErrorEquals.includes("States.ALL"),
          ).map(({ Next }) => Next),
          state,
        ).toEqual(failing.includes(state) ? undefined : [person]);
      expect(statesOf(file, "Fail")).toHaveLength(1);
    });

    it("is told ids only", () => {
      expect(input.safeParse(ids).success).toBe(true);
      expect(input.safeParse({ ...ids, name: "x" }).success).toBe(false);
    });
  },
);

describe("what a file alone has", () => {
  it("an erasure waits for longer than any function that writes may run", () => {
    const file = parse("erasure");
    const longest = Math.max(
      ...statesOf(file, "Task").map(([, { TimeoutSeconds }]) =>
        Number(TimeoutSeconds),
      ),
    );
    const [[, wait] = []] = statesOf(file, "Wait");
    expect(wait?.Seconds).toBeGreaterThan(longest);
  });

  it("a privacy request waits for a person only until it is time to look again", () => {
    const { waiting = "" } = workflows["privacy-request"] ?? {};
    const wait = parse("privacy-request").States[waiting];
    expect(wait?.Resource).toBe(`${invoke}.waitForTaskToken`);
    expect(wait?.TimeoutSeconds).toBe("{% $clock.seconds %}");
    expect(wait?.Catch?.[0]).toEqual({
      ErrorEquals: ["States.Timeout"],
      Next: "Look at the clock",
    });
    expect(wait?.Retry?.slice(1)).toEqual(house?.Retry);
  });

  it("a visit's journey starts and ends with what appointments, patients and consents tell", () => {
    const told = new Set(["AppointmentMoved", "PatientDied", "ConsentChanged"]);
    for (const status of Object.keys(appointment.moves)) {
      const after = anAppointment({ status: status as "booked" });
      told.add(appointment.event(after, undefined) ?? "");
    }
    for (const name of [...preVisit.startsOn, ...preVisit.endsOn])
      expect(told).toContain(name);
  });
});
