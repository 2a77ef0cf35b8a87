import { expect, test } from "vitest";
import type { Caller, Context } from "../../functions/core/caller.ts";
import { refusal, type Action } from "../../functions/core/permission.ts";
import { roles, type Role } from "../../functions/core/organization.ts";
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
  purpose: "TREAT",
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

test("a patient does nothing whatever in a compartment that is not the own one", () => {
  for (const operation of [undefined, "booking", "device"] as const)
    for (const type of types)
      for (const action of actions)
        expect(
          refusal(context(patient, operation), action, {
            type,
            patient: "other",
          }),
        ).toBe("patient-own-record");
});

test("a patient changes nothing but by an operation, and that only what it is for", () => {
  const permitted = (operation: Context["operation"]) =>
    types.flatMap((type) =>
      changes.flatMap((action) =>
        [{ type, patient: "one" }, { type }]
          .filter(
            (target) =>
              refusal(context(patient, operation), action, target) ===
              undefined,
          )
          .map(
            (target) => `${"patient" in target ? "own" : "directory"} ${type}`,
          ),
      ),
    );
  expect(new Set(permitted(undefined))).toEqual(new Set());
  expect(new Set(permitted("booking"))).toEqual(
    new Set(["own Appointment", "own Slot", "directory Slot"]),
  );
  expect(new Set(permitted("device"))).toEqual(new Set(["own Patient"]));
});

test("of the directory a patient reads only what is public", () => {
  expect(
    types.filter(
      (type) => refusal(context(patient), "read", { type }) === undefined,
    ),
  ).toEqual([
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

test("staff without a role may nothing; every role reads", () => {
  for (const type of types)
    for (const action of actions)
      expect(refusal(context(staff()), action, { type, patient: "one" })).toBe(
        "staff-role",
      );
  for (const role of roles)
    for (const type of types)
      expect(
        refusal(context(staff(role)), "read", { type, patient: "one" }),
      ).toBeUndefined();
});

const may = (role: Role) =>
  types.filter(
    (type) =>
      refusal(context(staff(role)), "update", { type, patient: "one" }) ===
      undefined,
  );

const billing = [
  "Account",
  "Claim",
  "ClaimResponse",
  "ExplanationOfBenefit",
  "Invoice",
  "PaymentNotice",
] as const;

test("the directory and the money are the manager's, consent the privacy officer's", () => {
  expect(may("manager")).toEqual([
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
  expect(may("privacy-officer")).toEqual(["Consent", "Task"]);
});

test("coverage and registration are the front desk's, what is clinical is not", () => {
  expect(may("front-desk")).toEqual(
    expect.arrayContaining([
      "Coverage",
      "CoverageEligibilityRequest",
      "Patient",
      ...billing,
    ]),
  );
  for (const type of ["CarePlan", "Condition", "Observation"] as const)
    expect(may("front-desk")).not.toContain(type);
});

test("what is clinical is the nurses' and clinicians', money is not", () => {
  expect(may("nurse")).toEqual(may("clinician"));
  expect(may("nurse")).toEqual(
    expect.arrayContaining([
      "AllergyIntolerance",
      "CarePlan",
      "Condition",
      "MedicationRequest",
      "Observation",
    ]),
  );
  for (const type of [...billing, "Coverage", "Organization"] as const)
    expect(may("nurse")).not.toContain(type);
});

test("provenance and subscriptions are for systems alone", () => {
  for (const role of roles)
    for (const type of ["Provenance", "Subscription"] as const)
      expect(may(role)).not.toContain(type);
});

test("a clinic system without scopes may nothing", () => {
  for (const type of types)
    for (const action of actions)
      expect(
        refusal(
          context(
            { kind: "client", id: "ehr", scopes: [], token: "t" },
            "booking",
          ),
          action,
          { type, patient: "one" },
        ),
      ).toBe("client-scope");
});
