import type {
  OperationOutcomeIssue,
  Resource,
  ResourceType,
} from "@medplum/fhirtypes";
import type { CountryCode } from "./normalise.ts";

/** Where a resource type lives and what the store, search and the API know of it; one file per type. */
export interface Declaration<T extends Resource = Resource> {
  readonly type: T["resourceType"];
  /**
   * Ordered element paths whose first Patient reference is the home (`["for", "focus"]`); `self` for Patient;
   * `directory` for what has no patient; `schedule` for Slot, which lives with its Schedule.
   */
  readonly home: readonly string[] | "self" | "directory" | "schedule";
  /** May be without a patient: then it lives in the directory (a Task for staff). */
  readonly homeOptional?: true;
  /** The elements at `home` may name any resource: the home is the one that it has (a Provenance is filed with its target). */
  readonly homeByResource?: true;
  /** High-volume directory types are filed by month of creation. */
  readonly byMonth?: true;
  /** Element paths that name further patients of the compartment (R4 CompartmentDefinition patient); each gets a link. */
  readonly links: readonly string[];
  /** Work lists and identity look-ups; identifiers are indexed for every type that has them, so they are not repeated here. */
  readonly index?: (resource: T, country?: CountryCode) => readonly Entry[];
  /** Allowed moves of `status`; the guard, the type and the chart in the docs derive from it. */
  readonly moves?: Readonly<Record<string, readonly string[]>>;
  /** Rules beyond structure and the definitions' own invariants. */
  readonly invariants?: (
    after: T,
    before: T | undefined,
  ) => readonly OperationOutcomeIssue[];
  /** The past-tense name of a change (`AppointmentBooked`); `${type}Created|Updated|Deleted` when undefined. */
  readonly event?: (
    after: T | undefined,
    before: T | undefined,
  ) => string | undefined;
}

/** An index entry before hashing: `list` names the look-up, `key` its normalised values, `sort` the order within. */
export interface Entry {
  readonly list: string;
  readonly key: readonly string[];
  readonly sort?: string;
  /** Identity values are hashed under the index key; work lists (owner, day) hold ids and stay readable. */
  readonly hashed: boolean;
}

export type KnownType = Extract<
  ResourceType,
  | "Account"
  | "ActivityDefinition"
  | "AllergyIntolerance"
  | "Appointment"
  | "Binary"
  | "CarePlan"
  | "CareTeam"
  | "Claim"
  | "ClaimResponse"
  | "Communication"
  | "CommunicationRequest"
  | "Condition"
  | "Consent"
  | "Coverage"
  | "CoverageEligibilityRequest"
  | "CoverageEligibilityResponse"
  | "DetectedIssue"
  | "DocumentReference"
  | "Encounter"
  | "ExplanationOfBenefit"
  | "Goal"
  | "Group"
  | "HealthcareService"
  | "Immunization"
  | "Invoice"
  | "Location"
  | "MeasureReport"
  | "MedicationRequest"
  | "MedicationStatement"
  | "Observation"
  | "Organization"
  | "Patient"
  | "PaymentNotice"
  | "PlanDefinition"
  | "Practitioner"
  | "PractitionerRole"
  | "Procedure"
  | "Provenance"
  | "Questionnaire"
  | "QuestionnaireResponse"
  | "RelatedPerson"
  | "RequestGroup"
  | "RiskAssessment"
  | "Schedule"
  | "ServiceRequest"
  | "Slot"
  | "Subscription"
  | "Task"
>;
