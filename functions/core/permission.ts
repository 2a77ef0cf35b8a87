import type { KnownType } from "../resources/declaration.ts";
import type { Context } from "./caller.ts";
import type { Role } from "./organization.ts";

export type Action = "read" | "search" | "create" | "update" | "delete";

export interface Target {
  readonly type: KnownType;
  /** The patient whose compartment the resource is in; absent for the directory. */
  readonly patient?: string | undefined;
}

/** What both the clinic and its front desk work on. */
const shared: readonly KnownType[] = [
  "Patient",
  "RelatedPerson",
  "Appointment",
  "Encounter",
  "Communication",
  "CommunicationRequest",
  "DocumentReference",
  "QuestionnaireResponse",
  "Task",
  "Consent",
  "Slot",
];
const clinical: readonly KnownType[] = [
  ...shared,
  "AllergyIntolerance",
  "CarePlan",
  "CareTeam",
  "Condition",
  "DetectedIssue",
  "Goal",
  "Immunization",
  "MedicationRequest",
  "MedicationStatement",
  "Observation",
  "Procedure",
  "RequestGroup",
  "RiskAssessment",
  "ServiceRequest",
];
const coverage: readonly KnownType[] = [
  "Coverage",
  "CoverageEligibilityRequest",
  "CoverageEligibilityResponse",
];
const billing: readonly KnownType[] = [
  "Account",
  "Claim",
  "ClaimResponse",
  "ExplanationOfBenefit",
  "Invoice",
  "PaymentNotice",
];
const publicDirectory: readonly KnownType[] = [
  "Organization",
  "PractitionerRole",
  "Questionnaire",
  "Practitioner",
  "Location",
  "HealthcareService",
  "Schedule",
  "Slot",
];

/** What each staff role may change; all of them may read. */
const changes: Readonly<Record<Role, readonly KnownType[]>> = {
  "front-desk": [...shared, ...coverage, ...billing],
  nurse: clinical,
  clinician: clinical,
  manager: [
    ...publicDirectory,
    ...billing,
    "ActivityDefinition",
    "Group",
    "MeasureReport",
    "PlanDefinition",
    "Task",
  ],
  "privacy-officer": ["Consent", "Task"],
};

/** What a patient may change in the own compartment, by operation only. */
const byOperation: Readonly<
  Record<NonNullable<Context["operation"]>, readonly KnownType[]>
> = {
  booking: ["Appointment", "Slot"],
  device: ["Patient"],
};

/** The name of the rule that refuses, or undefined when the action is permitted. Default deny. */
export const refusal = (
  { by, operation }: Context,
  action: Action,
  { type, patient }: Target,
): string | undefined => {
  const reads = action === "read" || action === "search";
  const inOperation =
    operation !== undefined && byOperation[operation].includes(type);
  switch (by.kind) {
    case "system":
      return undefined;
    case "client":
      return by.scopes.some((scope) =>
        grants(
          scope,
          action,
          operation === "booking" && type === "Slot" ? "Appointment" : type,
        ),
      )
        ? undefined
        : "client-scope";
    case "staff":
      return reads ||
        by.roles.some(
          (role) =>
            changes[role].includes(type) || (inOperation && role !== "manager"),
        )
        ? by.roles.length > 0
          ? undefined
          : "staff-role"
        : "staff-role";
    case "patient":
      if (patient === undefined)
        return (reads && publicDirectory.includes(type)) ||
          (inOperation && type === "Slot")
          ? undefined
          : "patient-directory";
      if (patient !== by.id) return "patient-own-record";
      return reads || inOperation ? undefined : "patient-change";
  }
};

const letters: Readonly<Record<Action, string>> = {
  create: "c",
  read: "r",
  update: "u",
  delete: "d",
  search: "s",
};

const grants = (scope: string, action: Action, type: KnownType): boolean => {
  const [, of, allowed = ""] =
    /^system\/([A-Za-z]+|\*)\.([cruds]+)$/.exec(scope) ?? [];
  return (of === "*" || of === type) && allowed.includes(letters[action]);
};
