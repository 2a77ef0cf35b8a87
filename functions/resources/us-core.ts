import type { KnownType } from "./declaration.ts";

/** US Core 6.1.0: ids of the profiles of the types that are kept here. */
const profiles: Partial<Readonly<Record<KnownType, readonly string[]>>> = {
  AllergyIntolerance: ["us-core-allergyintolerance"],
  CarePlan: ["us-core-careplan"],
  CareTeam: ["us-core-careteam"],
  Condition: [
    "us-core-condition-encounter-diagnosis",
    "us-core-condition-problems-health-concerns",
  ],
  Coverage: ["us-core-coverage"],
  DocumentReference: ["us-core-documentreference"],
  Encounter: ["us-core-encounter"],
  Goal: ["us-core-goal"],
  Immunization: ["us-core-immunization"],
  Location: ["us-core-location"],
  MedicationRequest: ["us-core-medicationrequest"],
  Observation: [
    "head-occipital-frontal-circumference-percentile",
    "pediatric-bmi-for-age",
    "pediatric-weight-for-height",
    "us-core-blood-pressure",
    "us-core-bmi",
    "us-core-body-height",
    "us-core-body-temperature",
    "us-core-body-weight",
    "us-core-head-circumference",
    "us-core-heart-rate",
    "us-core-observation-clinical-result",
    "us-core-observation-lab",
    "us-core-observation-occupation",
    "us-core-observation-pregnancyintent",
    "us-core-observation-pregnancystatus",
    "us-core-observation-screening-assessment",
    "us-core-observation-sexual-orientation",
    "us-core-pulse-oximetry",
    "us-core-respiratory-rate",
    "us-core-simple-observation",
    "us-core-smokingstatus",
    "us-core-vital-signs",
  ],
  Organization: ["us-core-organization"],
  Patient: ["us-core-patient"],
  Practitioner: ["us-core-practitioner"],
  PractitionerRole: ["us-core-practitionerrole"],
  Procedure: ["us-core-procedure"],
  Provenance: ["us-core-provenance"],
  QuestionnaireResponse: ["us-core-questionnaireresponse"],
  RelatedPerson: ["us-core-relatedperson"],
  ServiceRequest: ["us-core-servicerequest"],
};

/** The canonical URLs of the US Core profiles that resources of the type may follow. */
export const usCoreProfiles = (type: KnownType): string[] =>
  (profiles[type] ?? []).map(
    (id) => `http://hl7.org/fhir/us/core/StructureDefinition/${id}`,
  );
