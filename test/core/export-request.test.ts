import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { exportRequest } from "../../functions/core/export-request.ts";
import { Fault } from "../../functions/core/fault.ts";

const now = new Date("2026-03-02T15:00:00.000Z");
const ask = (
  params: Parameters<typeof exportRequest>[0],
  more: Partial<Parameters<typeof exportRequest>[1]> = {},
) =>
  exportRequest(params, { level: "system", handling: undefined, now, ...more });

describe("the parameters of $export", () => {
  it("without any mean every type of the level", () => {
    const { types } = ask([]);
    expect(types).toContain("Organization");
    expect(types).not.toContain("Binary");
    const ofPatients = ask([], { level: "patient" }).types;
    expect(ofPatients).toContain("Patient");
    expect(ofPatients).not.toContain("Organization");
    expect(ofPatients).not.toContain("Slot");
  });

  it.each([
    ["2026-03-02T10:00:00-05:00", "2026-03-02T15:00:00.000Z"],
    ["2026-03-01T00:00:00Z", "2026-03-01T00:00:00.000Z"],
    // A plus sign that was not encoded.
    ["2026-03-01T00:00:00 01:00", "2026-02-28T23:00:00.000Z"],
    ["2026-03-01T00:00:00.123456Z", "2026-03-01T00:00:00.123Z"],
  ])("since %s is %s", (text, since) => {
    expect(ask([["_since", text]]).since).toBe(since);
  });

  it("any text as _since is an instant of the past or refused", () => {
    fc.assert(
      fc.property(
        fc.oneof(
          fc.string(),
          fc.date({ noInvalidDate: true }).map((date) => date.toISOString()),
        ),
        (text) => {
          try {
            const { since = "" } = ask([["_since", text]]);
            expect(Date.parse(since)).toBeLessThanOrEqual(now.getTime());
          } catch (error) {
            expect(error).toBeInstanceOf(Fault);
          }
        },
      ),
    );
  });

  it("any list of parameters is understood or refused, and never repeated in words", () => {
    const names = ["_type", "_since", "_outputFormat", "patient", "_elements"];
    fc.assert(
      fc.property(
        fc.array(
          fc.tuple(
            fc.oneof(fc.constantFrom(...names), fc.string()),
            fc.string({ minLength: 12 }),
          ),
        ),
        fc.constantFrom("strict", "lenient", undefined),
        (params, handling) => {
          const told = (() => {
            try {
              return ask(params, { handling, level: "patient" }).notes.join();
            } catch (error) {
              if (error instanceof Fault) return error.message;
              throw error;
            }
          })();
          for (const [name, value] of params) {
            expect(told).not.toContain(value);
            if (name.length > 12 && !names.includes(name))
              expect(told).not.toContain(name);
          }
        },
      ),
    );
  });
});
