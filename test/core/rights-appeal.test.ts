import fc from "fast-check";
import type { Task } from "@medplum/fhirtypes";
import { describe, expect, it } from "vitest";
import type { Caller } from "../../functions/core/caller.ts";
import {
  carriedOut,
  isOpen,
  requestTask,
  requestView,
} from "../../functions/core/privacy-request.ts";
import { decided, takenBack } from "../../functions/core/rights-decision.ts";
import { appealOf, reviewTask } from "../../functions/core/rights-appeal.ts";
import { clockOf, deniableFor, feeOf } from "../../functions/core/rights.ts";
import { groundCodes } from "../../packs/rights/ground-codes.ts";
import { requestKinds } from "../../packs/rights/rights-pack.ts";

const received = "2026-11-23T15:00:00.000Z";
const zone = "America/New_York";
const places = [
  "us-hipaa",
  "us-part2",
  "us-ca",
  "us-tx",
  "us-wa",
  "eu-gdpr",
] as const;
const anywhere = fc.subarray([...places]);
const anyKind = fc.constantFrom(...requestKinds);

const aTask = (
  kind: (typeof requestKinds)[number],
  jurisdictions: readonly string[],
): Task & { id: string } => ({
  ...requestTask(
    { kind, details: {} },
    {
      patientId: "p",
      by: "patient:p",
      isByPatient: true,
      received,
      clock: clockOf({ kind }, { jurisdictions, zone, received }),
    },
  ),
  id: "first",
});

const staff = (
  id: string,
  ...roles: ("privacy-officer" | "clinician" | "nurse")[]
): Caller => ({
  kind: "staff",
  id,
  roles,
  token: "t",
});

describe("what the law gives against a denial", () => {
  /** The statutes once more, written down apart from the packs. */
  const naive = (
    kind: string,
    ground: string,
    where: readonly string[],
  ): number | undefined => {
    const terms = [
      ...(where.includes("us-hipaa") &&
      ["access", "portability"].includes(kind) &&
      [
        "endangers-life",
        "harms-other-person",
        "harms-by-representative",
      ].includes(ground)
        ? [30]
        : []),
      ...(where.includes("us-wa") && ["access", "erasure"].includes(kind)
        ? [45]
        : []),
      // The Texan act exempts whoever is under HIPAA.
      ...(where.includes("us-tx") &&
      !where.includes("us-hipaa") &&
      ["access", "portability", "amendment", "erasure"].includes(kind)
        ? [60]
        : []),
    ];
    return terms.length === 0 ? undefined : Math.min(...terms);
  };

  it("is what the statutes say, and the earliest of their days binds", () => {
    fc.assert(
      fc.property(
        anyKind,
        fc.constantFrom(...groundCodes),
        anywhere,
        (kind, ground, jurisdictions) => {
          const days = naive(kind, ground, jurisdictions);
          const first: Task & { id: string } = {
            ...aTask(kind, jurisdictions),
            status: "rejected",
            statusReason: {
              coding: [
                { system: "urn:sojourn:privacy-request-outcome", code: ground },
              ],
            },
          };
          const arrival = {
            patientId: "p",
            by: "patient:p",
            isByPatient: true,
            received,
            verified: undefined,
          };
          const ask = () =>
            reviewTask(first, arrival, { jurisdictions, zone, earlier: [] });
          if (days === undefined) {
            expect(ask).toThrow("review-not-given");
            return;
          }
          const view = requestView({ ...ask(), id: "second" });
          expect(Date.parse(view.due)).toBe(
            Date.parse("2026-11-24T04:59:59Z") + days * 86_400_000,
          );
          expect(view).toMatchObject({
            kind,
            status: "received",
            reviews: "first",
          });
          expect(view.extendable).toBeUndefined();
        },
      ),
      { numRuns: 1000 },
    );
  });

  it("speaks of appeals that are received while it is in force", () => {
    const at = (day: string) =>
      appealOf({ kind: "erasure" }, "no-such-right", {
        jurisdictions: ["us-tx"],
        zone,
        received: `${day}T15:00:00Z`,
      })?.map(({ name }) => name);
    expect(at("2024-06-30")).toBeUndefined();
    expect(at("2024-07-01")).toEqual(["us-tx-tdpsa-appeal"]);
  });
});

describe("who decides a review", () => {
  it("had no part in the denial, and is licensed where the law asks for it, whatever is decided", () => {
    const ids = ["a", "b", "c"] as const;
    fc.assert(
      fc.property(
        fc.constantFrom(...ids),
        fc.option(fc.constantFrom(...ids), { nil: undefined }),
        fc.constantFrom(...ids),
        fc.subarray(["clinician", "nurse", "privacy-officer"] as const),
        fc.boolean(),
        fc.constantFrom(["us-hipaa"], ["us-wa"]),
        (officer, judge, other, roles, accepts, jurisdictions) => {
          const now = received;
          const reason =
            jurisdictions[0] === "us-wa" ? "no-such-right" : "endangers-life";
          const first = decided(
            aTask("access", jurisdictions),
            {
              decision: "deny",
              reason,
              ...(judge !== undefined && { judgedBy: judge }),
            },
            { jurisdictions, zone, now, by: staff(officer, "privacy-officer") },
          );
          const review = reviewTask(
            { ...first, id: "first" },
            {
              patientId: "p",
              by: "patient:p",
              isByPatient: true,
              received,
              verified: undefined,
            },
            { jurisdictions, zone, earlier: [first] },
          );
          const decide = () =>
            decided(
              review,
              accepts ? { decision: "accept" } : { decision: "deny", reason },
              { jurisdictions, zone, now, by: staff(other, ...roles), first },
            ).status;
          if (other === officer || other === judge)
            expect(decide).toThrow("review-by-another");
          else if (
            jurisdictions[0] === "us-hipaa" &&
            !roles.includes("clinician") &&
            !roles.includes("nurse")
          )
            expect(decide).toThrow("review-by-licensed-professional");
          else expect(decide()).toBe(accepts ? "accepted" : "rejected");
        },
      ),
      { numRuns: 500 },
    );
  });
});

describe("a request that is taken back", () => {
  it("is one that nobody decided, once or many times, and no decision comes after", () => {
    const steps = fc.array(
      fc.constantFrom("withdraw", "accept", "deny", "extend", "carry out"),
      { maxLength: 8 },
    );
    fc.assert(
      fc.property(anyKind, anywhere, steps, (kind, jurisdictions, path) => {
        let task: Task = aTask(kind, jurisdictions);
        const place = {
          jurisdictions,
          zone,
          now: received,
          by: staff("a", "privacy-officer"),
        };
        for (const step of path) {
          const before = task;
          const attempt = (change: () => Task): void => {
            try {
              task = change();
            } catch (error) {
              expect(error).toMatchObject({
                name: expect.stringMatching(/Conflict|NotPermitted/u) as string,
              });
            }
          };
          if (step === "withdraw")
            attempt(() => takenBack(task, "patient:p", undefined));
          else if (step === "carry out") {
            if (task.status === "accepted")
              task = carriedOut(task, "fulfilled");
          } else
            attempt(() =>
              decided(
                task,
                step === "deny"
                  ? {
                      decision: "deny",
                      reason:
                        deniableFor({ kind }, { ...place, received })[0] ??
                        "no-such-right",
                    }
                  : step === "accept"
                    ? {
                        decision: "accept",
                        ...(kind === "amendment" && {
                          version: "Observation/x/_history/2",
                        }),
                      }
                    : { decision: "extend", reason: "complex" },
                place,
              ),
            );
          if (!isOpen(before)) {
            if (before.status === "cancelled") expect(task).toBe(before);
            else expect(task.status).not.toBe("cancelled");
          } else if (step === "withdraw") expect(task.status).toBe("cancelled");
        }
      }),
      { numRuns: 500 },
    );
  });
});

describe("what a copy may cost", () => {
  it("is nothing where a law says so, and its cost where a law allows that", () => {
    const fee = (kind: "access" | "accounting", ...jurisdictions: string[]) =>
      feeOf({ kind }, { jurisdictions, zone, received });
    expect(fee("access", "us-hipaa")).toBe("cost-based");
    expect(fee("access", "us-hipaa", "us-ca")).toBe("cost-based");
    expect(fee("access", "us-hipaa", "eu-gdpr")).toBe("free");
    expect(fee("accounting", "us-hipaa")).toBe("free");
    expect(fee("access")).toBe("free");
  });
});
