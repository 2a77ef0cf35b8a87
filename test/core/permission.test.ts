import { expect, test } from "vitest";
import type { Caller, Context } from "../../functions/core/caller.ts";
import {
  atBest,
  questionOf,
  type Action,
  type Target,
} from "../../functions/core/permission.ts";
import { purposeOf } from "../../functions/core/purpose.ts";
import { roles, type Role } from "../../functions/core/settings.ts";
import { createPolicies } from "../../functions/policy/engine.ts";
import { declarations, isKnown } from "../../functions/resources/all.ts";

const types = Object.keys(declarations).filter(isKnown);
const actions: readonly Action[] = [
  "read",
  "search",
  "create",
  "update",
  "delete",
];
const changes = actions.slice(2);

const context = (by: Caller, operation?: Context["operation"]): Context => ({
  by,
  purpose: purposeOf(by, undefined),
  requestId: "r",
  ...(operation !== undefined && { operation }),
});
const patient: Caller = { kind: "patient", id: "one", token: "t" };
const staff = (...some: readonly Role[]): Caller => ({
  kind: "staff",
  id: "s",
  roles: some,
  token: "t",
});

const decide = createPolicies(["us-hipaa"]);
const refusal = (asked: Context, action: Action, target: Target) =>
  decide(questionOf(asked, action, target, atBest));
const permitted = async (
  asked: Context,
  action: Action,
  targets: readonly Target[],
) => {
  const answers = await Promise.all(
    targets.map((target) => refusal(asked, action, target)),
  );
  return targets.filter((_, index) => answers[index] === undefined);
};

test("a patient does nothing whatever in a compartment that is not the own one", async () => {
  for (const operation of [undefined, "booking", "device"] as const)
    for (const type of types)
      for (const action of actions)
        expect(
          await refusal(context(patient, operation), action, {
            type,
            patient: "other",
          }),
        ).toBe("patient-own-record");
});

test("a patient changes nothing but by an operation, and that only what it is for", async () => {
  const may = async (operation: Context["operation"]) => {
    const found = await Promise.all(
      changes.map((action) =>
        permitted(
          context(patient, operation),
          action,
          types.flatMap((type) => [{ type, patient: "one" }, { type }]),
        ),
      ),
    );
    return new Set(
      found
        .flat()
        .map(
          (target) =>
            `${"patient" in target ? "own" : "directory"} ${target.type}`,
        ),
    );
  };
  expect(await may(undefined)).toEqual(new Set());
  expect(await may("booking")).toEqual(
    new Set(["own Appointment", "directory Slot"]),
  );
  expect(await may("device")).toEqual(new Set(["own Patient"]));
});

test("of the directory a patient reads only what is public", async () => {
  const found = await permitted(
    context(patient),
    "read",
    types.map((type) => ({ type })),
  );
  expect(found.map(({ type }) => type)).toEqual([
    "HealthcareService",
    "Location",
    "Organization",
    "Practitioner",
    "PractitionerRole",
    "Questionnaire",
    "Schedule",
    "Slot",
  ]);
});

test("staff without a role may nothing; every role reads", async () => {
  for (const type of types)
    for (const action of actions)
      expect(
        await refusal(context(staff()), action, { type, patient: "one" }),
      ).toBe("staff-role");
  const all = types.map((type) => ({ type, patient: "one" }));
  for (const role of roles)
    expect(await permitted(context(staff(role)), "read", all)).toEqual(all);
});

const may = async (role: Role) =>
  (
    await permitted(
      context(staff(role)),
      "update",
      types.map((type) => ({ type, patient: "one" })),
    )
  ).map(({ type }) => type);

const billing = [
  "Account",
  "Claim",
  "ClaimResponse",
  "ExplanationOfBenefit",
  "Invoice",
  "PaymentNotice",
] as const;

test("the directory and the money are the manager's, consent the privacy officer's", async () => {
  expect(await may("manager")).toEqual([
    "Account",
    "ActivityDefinition",
    "Claim",
    "ClaimResponse",
    "ExplanationOfBenefit",
    "Group",
    "HealthcareService",
    "Invoice",
    "Location",
    "MeasureReport",
    "Organization",
    "PaymentNotice",
    "PlanDefinition",
    "Practitioner",
    "PractitionerRole",
    "Questionnaire",
    "Schedule",
    "Slot",
    "Task",
  ]);
  expect(await may("privacy-officer")).toEqual(["Consent", "Task"]);
});

test("coverage and registration are the front desk's, what is clinical is not", async () => {
  const types = await may("front-desk");
  expect(types).toEqual(
    expect.arrayContaining([
      "Coverage",
      "CoverageEligibilityRequest",
      "Patient",
      ...billing,
    ]),
  );
  for (const type of ["CarePlan", "Condition", "Observation"] as const)
    expect(types).not.toContain(type);
});

test("what is clinical is the nurses' and clinicians', money is not", async () => {
  const types = await may("nurse");
  expect(types).toEqual(await may("clinician"));
  expect(types).toEqual(
    expect.arrayContaining([
      "AllergyIntolerance",
      "CarePlan",
      "Condition",
      "MedicationRequest",
      "Observation",
    ]),
  );
  for (const type of [...billing, "Coverage", "Organization"] as const)
    expect(types).not.toContain(type);
});

test("provenance and subscriptions are for systems alone", async () => {
  for (const role of roles) {
    const types = await may(role);
    for (const type of ["Provenance", "Subscription"] as const)
      expect(types).not.toContain(type);
  }
});

test("a clinic system without scopes may nothing", async () => {
  for (const type of types)
    for (const action of actions)
      expect(
        await refusal(
          context(
            { kind: "client", id: "ehr", scopes: [], token: "t" },
            "booking",
          ),
          action,
          { type, patient: "one" },
        ),
      ).toBe("client-scope");
});
