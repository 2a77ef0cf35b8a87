import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { declarations } from "../../functions/resources/all.ts";
import { illegalMove, start } from "../../functions/resources/moves.ts";
import {
  codesOf,
  elementsOf,
} from "../../functions/resources/definitions/r4.ts";
import {
  aCommunication,
  anAppointment,
  anEncounter,
  aSlot,
  aTask,
} from "./builders.ts";

const moving = Object.values(declarations).filter(
  ({ moves }) => moves !== undefined,
);

const valueSets: Record<string, string> = {
  Account: "account-status",
  ActivityDefinition: "publication-status",
  Appointment: "appointmentstatus",
  CarePlan: "request-status",
  CareTeam: "care-team-status",
  Claim: "fm-status",
  ClaimResponse: "fm-status",
  Communication: "event-status",
  CommunicationRequest: "request-status",
  Coverage: "fm-status",
  CoverageEligibilityRequest: "fm-status",
  CoverageEligibilityResponse: "fm-status",
  DetectedIssue: "detectedissue-status",
  DocumentReference: "document-reference-status",
  Encounter: "encounter-status",
  ExplanationOfBenefit: "explanationofbenefit-status",
  Goal: "goal-status",
  Immunization: "immunization-status",
  Invoice: "invoice-status",
  MeasureReport: "measure-report-status",
  MedicationRequest: "medicationrequest-status",
  MedicationStatement: "medication-statement-status",
  Observation: "observation-status",
  PaymentNotice: "fm-status",
  PlanDefinition: "publication-status",
  Procedure: "event-status",
  Questionnaire: "publication-status",
  QuestionnaireResponse: "questionnaire-answers-status",
  RequestGroup: "request-status",
  RiskAssessment: "observation-status",
  ServiceRequest: "request-status",
  Slot: "slotstatus",
  Subscription: "subscription-status",
  Task: "task-status",
};

test("every type whose status R4 has codes for has moves, but consent, of which no table was agreed", () => {
  const staged = Object.keys(declarations).filter((type) =>
    elementsOf(type).some(
      ({ path, binding }) =>
        [`${type}.status`, `${type}.lifecycleStatus`].includes(path) &&
        binding?.strength === "required",
    ),
  );
  expect(moving.map(({ type }) => type)).toEqual(Object.keys(valueSets));
  expect(staged.filter((type) => !(type in valueSets))).toEqual([
    "Consent",
    "Location",
  ]);
});

describe.each(moving)("$type", ({ type, moves = {} }) => {
  const statuses = codesOf(
    `http://hl7.org/fhir/ValueSet/${valueSets[type] ?? ""}`,
  );

  test("moves between exactly the statuses that R4 has", () => {
    expect(
      Object.keys(moves)
        .filter((status) => status !== start)
        .toSorted(),
    ).toEqual([...statuses].toSorted());
    for (const next of Object.values(moves).flat())
      expect(statuses).toContain(next);
  });
  test("can reach every status but unknown", () => {
    const reached = new Set<string>(moves[start] ?? statuses);
    for (const status of reached)
      for (const next of moves[status] ?? []) reached.add(next);
    expect(
      [...statuses].filter(
        (status) => !reached.has(status) && status !== "unknown",
      ),
    ).toEqual([]);
  });
  test("can always be taken back as an error where R4 has that, which is final", () => {
    const isMistake = statuses.includes("entered-in-error");
    for (const status of statuses) {
      if (status !== "entered-in-error")
        expect(moves[status]?.includes("entered-in-error")).toBe(isMistake);
    }
    expect(moves["entered-in-error"]).toEqual(isMistake ? [] : undefined);
  });
  test("a status that stays is no move", () => {
    for (const status of statuses) {
      const element = type === "Goal" ? "lifecycleStatus" : "status";
      const resource = { resourceType: type, [element]: status } as never;
      expect(illegalMove({ type, moves }, resource, resource)).toBeUndefined();
    }
  });
});

const appointment = (from: string | undefined, to: string) =>
  illegalMove(
    declarations.Appointment,
    from === undefined ? undefined : anAppointment({ status: from as never }),
    anAppointment({ status: to as never }),
  );

test.each([
  ["proposed", "pending booked waitlist cancelled"],
  ["pending", "booked cancelled proposed"],
  ["waitlist", "proposed pending booked cancelled"],
  ["booked", "arrived checked-in cancelled noshow pending"],
  ["arrived", "checked-in fulfilled cancelled"],
  ["checked-in", "fulfilled cancelled"],
  ["fulfilled", ""],
  ["cancelled", ""],
  ["noshow", ""],
])("an appointment that is %s may become %s", (from, to) => {
  const all = [
    "proposed",
    "pending",
    "booked",
    "arrived",
    "fulfilled",
    "cancelled",
    "noshow",
    "checked-in",
    "waitlist",
  ];
  expect(
    all.filter(
      (status) => status !== from && appointment(from, status) === undefined,
    ),
  ).toEqual(all.filter((status) => to.split(" ").includes(status)));
});

test("what happened elsewhere is taken in as it ended; only where a declaration says so is the beginning guarded", () => {
  for (const status of ["booked", "fulfilled", "noshow", "entered-in-error"])
    expect(appointment(undefined, status)).toBeUndefined();
  const subscription = { resourceType: "Subscription", status: "active" };
  expect(
    illegalMove(declarations.Subscription, undefined, subscription as never)
      ?.details?.text,
  ).toBe("Subscription may be created with status requested, off");
});

test("a receipt never leads back: from an end, no sequence of messages' moves leads to a beginning", () => {
  const moves = declarations.Communication.moves ?? {};
  const ends = ["completed", "not-done", "stopped"] as const;
  fc.assert(
    fc.property(
      fc.constantFrom(...ends),
      fc.constantFrom(...Object.keys(moves)),
      (from, to) => {
        const issue = illegalMove(
          declarations.Communication,
          aCommunication({ status: from }),
          aCommunication({ status: to as never }),
        );
        const isLegal =
          to === from ||
          to === "entered-in-error" ||
          // It arrived after all.
          (from === "not-done" && to === "completed");
        return (issue === undefined) === isLegal;
      },
    ),
  );
});

test.each([
  [
    anEncounter({ status: "finished" }),
    anEncounter({ status: "in-progress" }),
    true,
  ],
  [
    anEncounter({ status: "cancelled" }),
    anEncounter({ status: "in-progress" }),
    false,
  ],
  [aTask({ status: "requested" }), aTask({ status: "completed" }), true],
  [aTask({ status: "completed" }), aTask({ status: "in-progress" }), false],
  [aSlot({ status: "free" }), aSlot({ status: "busy" }), true],
  [aSlot({ status: "entered-in-error" }), aSlot({ status: "free" }), false],
])("%j to %j: %s", (before, after, legal) => {
  expect(
    illegalMove(declarations[after.resourceType], before, after) === undefined,
  ).toBe(legal);
});
