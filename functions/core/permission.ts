import { declarations } from "../resources/all.ts";
import type { KnownType } from "../resources/declaration.ts";
import type { Caller, Context } from "./caller.ts";
import type { Role } from "./organization.ts";
import { allowed, grantsOf, publicDirectory } from "./scopes.ts";

export type Action = "read" | "search" | "create" | "update" | "delete";

/** What is asked of the organization as a whole: operations and everything under /v1. */
export const serviceActions = [
  "account-disclosures",
  "audit",
  "book",
  "break-glass",
  "bundle",
  "decide-right",
  "describe",
  "end-session",
  "erase",
  "export",
  "find-times",
  "hold",
  "import",
  "list-access",
  "list-vendors",
  "match",
  "merge",
  "read-signing-secret",
  "record-disclosure",
  "register-device",
  "request-right",
  "review-access",
  "revoke-sessions",
  "validate",
] as const;
export type ServiceAction = (typeof serviceActions)[number];

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
  "Binary",
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

/** What a bulk import takes in: everything but what sends data out. */
const importable: readonly KnownType[] = (
  Object.keys(declarations) as KnownType[]
).filter((type) => type !== "Subscription");

/** Managers see to imports; everybody but them to bookings. */
const mayOperate = (
  operation: NonNullable<Context["operation"]>,
  role: Role,
): boolean => (operation === "import") === (role === "manager");

/** What a patient may change in the own compartment, by operation only. */
const byOperation: Readonly<
  Record<NonNullable<Context["operation"]>, readonly KnownType[]>
> = {
  booking: ["Appointment", "Slot"],
  device: ["Patient"],
  import: importable,
};

/** The name of the rule that refuses, or undefined when the action is permitted. Default deny. */
export const refusal = (
  context: Context,
  action: Action,
  target: Target,
): string | undefined =>
  byRights(context, action, target) ??
  (granted(context, action, target) === false
    ? `${context.by.kind}-scope`
    : undefined);

/** Whether any scope of the caller reaches only some resources of a type. */
export const isNarrowed = ({ by }: Context): boolean => {
  const known = grantsFor(by);
  return (
    known !== "unrestricted" &&
    known.some(({ criteria }) => criteria !== undefined)
  );
};

const grants = new WeakMap<Caller, ReturnType<typeof grantsOf>>();

const grantsFor = (by: Caller): ReturnType<typeof grantsOf> => {
  const known = grants.get(by) ?? grantsOf(by);
  grants.set(by, known);
  return known;
};

/**
 * What the scopes say: a list permits the action on resources that answer to one of its members. Who may book
 * appointments may take and free their slots.
 */
export const granted = (
  { by, operation }: Context,
  action: Action,
  { type, patient }: Target,
): ReturnType<typeof allowed> => {
  const known = grantsFor(by);
  return operation === "booking" && type === "Slot"
    ? allowed(known, action, { type: "Appointment", patient: patientOf(by) })
    : allowed(known, action, { type, patient });
};

const patientOf = (by: Caller): string | undefined =>
  by.kind === "patient" ? by.id : undefined;

/** What the kind of caller and the roles say, whatever the scopes. */
const byRights = (
  { by, operation }: Context,
  action: Action,
  { type, patient }: Target,
): string | undefined => {
  const reads = action === "read" || action === "search";
  const inOperation =
    operation !== undefined && byOperation[operation].includes(type);
  switch (by.kind) {
    case "system":
    case "client":
      return undefined;
    case "staff":
      return by.roles.length > 0 &&
        (reads ||
          by.roles.some(
            (role) =>
              changes[role].includes(type) ||
              (inOperation && mayOperate(operation, role)),
          ))
        ? undefined
        : "staff-role";
    case "patient":
      if (patient === undefined)
        return (reads && publicDirectory.includes(type)) ||
          (inOperation && type === "Slot")
          ? undefined
          : "patient-directory";
      if (patient !== by.id) return "patient-own-record";
      return reads || (inOperation && operation !== "import")
        ? undefined
        : "patient-change";
  }
};
