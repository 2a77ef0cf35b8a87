import { describe, expect, it } from "vitest";
import { clockOf } from "../../functions/core/rights.ts";
import { demo } from "../../organizations/demo.ts";
import { bySystem } from "../record.ts";
import { privacyClinic } from "./privacy-clinic.ts";

const day = 86_400_000;
const start = Date.parse("2026-11-23T15:00:00Z");

/** Of the request of a day: after how many days it is decided; the officer forgets each seventh until it is overdue. */
const plan = Array.from({ length: 26 }, (_, week) => ({
  at: start + week * 14 * day + ((week * 5) % 7) * day,
  kind: week % 2 === 0 ? "amendment" : "restriction",
  decidedAfter: week % 7 === 3 ? undefined : (week * 11) % 25,
}));

describe("a year of requests", () => {
  it("leaves none unanswered and tells of each that is late, on the first day that it is", async () => {
    const stage = await privacyClinic({
      start: new Date(start).toISOString(),
      jurisdictions: ["us-hipaa", "us-ca"],
    });
    const observation = await stage.records.change(bySystem, (work) =>
      work.create({
        resourceType: "Observation",
        status: "final",
        code: { text: "Weight" },
        subject: { reference: `Patient/${stage.patient}` },
      }),
    );
    const late = new Map<string, string>();
    const dues = new Map<string, string>();
    interface Step {
      readonly at: number;
      readonly run: () => Promise<unknown>;
    }
    const decide = (id: string, kind: string) => () =>
      stage.decide(id, {
        decision: "deny",
        reason: kind === "amendment" ? "not-created-here" : "not-agreed",
      });
    const steps: Step[] = plan.map(({ at, kind, decidedAfter }) => ({
      at,
      run: async () => {
        const details =
          kind === "amendment"
            ? {
                resource: `Observation/${observation.id}`,
                change: "80 kg",
                reason: "Typo.",
              }
            : { toward: "operations" };
        const id = await stage.request(kind, details);
        const due =
          (await stage.look(id)).restriction?.period?.end ?? "missing";
        expect(due).toBe(
          clockOf(
            { kind: kind as "amendment" },
            {
              jurisdictions: ["us-hipaa", "us-ca"],
              received: new Date(at).toISOString(),
              zone: demo.settings.timeZone,
            },
          ).due,
        );
        dues.set(id, due);
        const decided =
          decidedAfter === undefined
            ? Date.parse(due) + 3 * day
            : at + decidedAfter * day + 3_600_000;
        insert({ at: decided, run: decide(id, kind) });
        if (decidedAfter === undefined) late.set(id, due);
      },
    }));
    const insert = (step: Step): void => {
      steps.push(step);
      steps.sort((one, other) => one.at - other.at);
    };
    for (let step = steps.shift(); step !== undefined; step = steps.shift()) {
      await stage.until(new Date(step.at).toISOString());
      await step.run();
    }
    const ended = await stage.end();
    expect(ended).toHaveLength(26);
    expect(new Set(ended)).toEqual(new Set(["SUCCEEDED"]));

    const overdue = stage.logged.filter(
      ({ fact }) => fact === "PrivacyRequestOverdue",
    );
    expect(new Set(overdue.map(({ ids }) => ids.id))).toEqual(
      new Set(late.keys()),
    );
    expect(late.size).toBe(4);
    const asked = (await stage.of("Task")).filter(
      ({ code }) => code?.coding?.[0]?.code === "privacy-request-overdue",
    );
    expect(asked).toHaveLength(late.size);
    for (const { focus, authoredOn = "" } of asked) {
      const due = late.get(focus?.reference?.split("/")[1] ?? "") ?? "";
      const after = Date.parse(authoredOn) - Date.parse(due);
      expect(after).toBeGreaterThan(0);
      expect(after).toBeLessThan(60_000);
    }
    const letters = (await stage.letters()).filter((one) =>
      /^(amendment-)?denied: /u.test(one),
    );
    expect(letters).toHaveLength(26);
    expect(dues.size).toBe(26);
  }, 60_000);
});
