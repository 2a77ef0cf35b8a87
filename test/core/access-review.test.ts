import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  activityOf,
  reviewCsv,
  reviewRows,
  type Activity,
  type ActivityFact,
  type Member,
} from "../../functions/core/access-review.ts";

const same = (patient: string): string => patient;

const aFact = fc.record(
  {
    sk: fc.nat({ max: 60 }).map((id) => `F#${String(id)}`),
    at: fc
      .date({
        min: new Date("2026-01-01"),
        max: new Date("2026-04-01"),
        noInvalidDate: true,
      })
      .map((date) => date.toISOString()),
    by: fc.constantFrom("staff:a", "staff:b", "patient:p", "client:c"),
    kind: fc.constantFrom("read", "change", "decision", "refusal", "admin"),
    patient: fc.constantFrom("p", "q", "r"),
    changes: fc.array(
      fc.record({
        what: fc.constantFrom(
          "PatientRead",
          "ExportRequested",
          "EmergencyAccessOpened",
        ),
      }),
      { maxLength: 2 },
    ),
  },
  { requiredKeys: ["sk", "at", "by", "kind", "changes"] },
) as fc.Arbitrary<ActivityFact>;

describe("the activity of staff", () => {
  it("equals what counting one by one finds, each fact once", () => {
    fc.assert(
      fc.property(fc.array(aFact, { maxLength: 60 }), (facts) => {
        const found = activityOf(facts, same);
        const once = facts.filter(
          ({ sk, by }, index) =>
            by.startsWith("staff:") &&
            facts.findIndex(
              (one) => one.sk === sk && one.by.startsWith("staff:"),
            ) === index,
        );
        for (const name of ["a", "b"]) {
          const own = once.filter(({ by }) => by === `staff:${name}`);
          const activity = found.find(({ staff }) => staff === name);
          if (own.length === 0) {
            expect(activity).toBeUndefined();
            continue;
          }
          const done = own.filter(({ kind }) => kind !== "refusal");
          const told = (what: string): number =>
            done.filter(({ changes }) =>
              changes.some((change) => change.what === what),
            ).length;
          expect(activity).toEqual({
            staff: name,
            patients: new Set(done.flatMap(({ patient }) => patient ?? [])),
            reads: own.filter(({ kind }) => kind === "read").length,
            changes: own.filter(({ kind }) => kind === "change").length,
            refusals: own.filter(({ kind }) => kind === "refusal").length,
            exports: told("ExportRequested"),
            emergencies: told("EmergencyAccessOpened"),
            last: own
              .map(({ at }) => at)
              .sort()
              .at(-1),
          });
        }
        expect(found).toHaveLength(new Set(once.map(({ by }) => by)).size);
      }),
    );
  });
});

const aDay = (change: Partial<Activity> = {}): Activity => ({
  staff: "n.ito",
  patients: new Set(["1", "2"]),
  reads: 5,
  changes: 2,
  exports: 0,
  emergencies: 1,
  refusals: 0,
  last: "2026-03-01T10:00:00.000Z",
  ...change,
});
const member = (staff: string): Member => ({
  staff,
  roles: ["nurse"],
  enabled: true,
  since: "2025-01-01T00:00:00.000Z",
});

describe("a review", () => {
  it("counts a patient once over all days", () => {
    const [row] = reviewRows(
      [
        aDay(),
        aDay({
          patients: new Set(["2", "3"]),
          last: "2026-03-02T09:00:00.000Z",
        }),
      ],
      [member("n.ito")],
      [],
    );
    expect(row).toMatchObject({
      patients: 3,
      reads: 10,
      emergencies: 2,
      lastActive: "2026-03-02T09:00:00.000Z",
    });
  });

  it("names who never acted, and who acted and is gone", () => {
    const rows = reviewRows([aDay({ staff: "gone" })], [member("idle")], []);
    expect(rows.map(({ staff }) => staff)).toEqual(["gone", "idle"]);
    expect(rows[0]).not.toHaveProperty("enabled");
    expect(rows[1]).toMatchObject({ patients: 0, enabled: true });
    expect(rows[1]).not.toHaveProperty("lastActive");
  });

  it("is a table that no spreadsheet takes for formulas", () => {
    const csv = reviewCsv(
      reviewRows(
        [],
        [member("=cmd()"), member('quo"te, comma')],
        [{ staff: "=cmd()", decision: "remove", by: "o", at: "2026-03-01" }],
      ),
    );
    const lines = csv.split("\r\n");
    expect(lines).toHaveLength(4);
    expect(lines[1]).toContain(`"'=cmd()","nurse","yes"`);
    expect(lines[1]).toContain(`"remove","o","2026-03-01"`);
    expect(lines[2]).toContain(`"quo""te, comma"`);
    for (const line of lines.slice(0, 3))
      expect(line.match(/"(?:[^"]|"")*"/g)).toHaveLength(14);
  });
});
