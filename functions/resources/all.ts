import type { Resource } from "@medplum/fhirtypes";
import { account } from "./account.ts";
import { activityDefinition } from "./activity-definition.ts";
import { allergyIntolerance } from "./allergy-intolerance.ts";
import { appointment } from "./appointment.ts";
import { binary } from "./binary.ts";
import { carePlan } from "./care-plan.ts";
import { careTeam } from "./care-team.ts";
import { claim } from "./claim.ts";
import { claimResponse } from "./claim-response.ts";
import { communication } from "./communication.ts";
import { communicationRequest } from "./communication-request.ts";
import { condition } from "./condition.ts";
import { consent } from "./consent.ts";
import { coverage } from "./coverage.ts";
import { coverageEligibilityRequest } from "./coverage-eligibility-request.ts";
import { coverageEligibilityResponse } from "./coverage-eligibility-response.ts";
import { detectedIssue } from "./detected-issue.ts";
import { documentReference } from "./document-reference.ts";
import { encounter } from "./encounter.ts";
import { explanationOfBenefit } from "./explanation-of-benefit.ts";
import { goal } from "./goal.ts";
import { group } from "./group.ts";
import { healthcareService } from "./healthcare-service.ts";
import { immunization } from "./immunization.ts";
import { invoice } from "./invoice.ts";
import { location } from "./location.ts";
import { measureReport } from "./measure-report.ts";
import { medicationRequest } from "./medication-request.ts";
import { medicationStatement } from "./medication-statement.ts";
import { observation } from "./observation.ts";
import { organization } from "./organization.ts";
import { patient } from "./patient.ts";
import { paymentNotice } from "./payment-notice.ts";
import { planDefinition } from "./plan-definition.ts";
import { practitioner } from "./practitioner.ts";
import { practitionerRole } from "./practitioner-role.ts";
import { procedure } from "./procedure.ts";
import { provenance } from "./provenance.ts";
import { questionnaire } from "./questionnaire.ts";
import { questionnaireResponse } from "./questionnaire-response.ts";
import { relatedPerson } from "./related-person.ts";
import { requestGroup } from "./request-group.ts";
import { riskAssessment } from "./risk-assessment.ts";
import { schedule } from "./schedule.ts";
import { serviceRequest } from "./service-request.ts";
import { slot } from "./slot.ts";
import { subscription } from "./subscription.ts";
import { task } from "./task.ts";
import type { Declaration, KnownType } from "./declaration.ts";

/** Every resource type that is kept. Each function of a declaration is called with resources of its own type only. */
export const declarations: Readonly<Record<KnownType, Declaration>> = {
  Account: any(account),
  ActivityDefinition: any(activityDefinition),
  AllergyIntolerance: any(allergyIntolerance),
  Appointment: any(appointment),
  Binary: any(binary),
  CarePlan: any(carePlan),
  CareTeam: any(careTeam),
  Claim: any(claim),
  ClaimResponse: any(claimResponse),
  Communication: any(communication),
  CommunicationRequest: any(communicationRequest),
  Condition: any(condition),
  Consent: any(consent),
  Coverage: any(coverage),
  CoverageEligibilityRequest: any(coverageEligibilityRequest),
  CoverageEligibilityResponse: any(coverageEligibilityResponse),
  DetectedIssue: any(detectedIssue),
  DocumentReference: any(documentReference),
  Encounter: any(encounter),
  ExplanationOfBenefit: any(explanationOfBenefit),
  Goal: any(goal),
  Group: any(group),
  HealthcareService: any(healthcareService),
  Immunization: any(immunization),
  Invoice: any(invoice),
  Location: any(location),
  MeasureReport: any(measureReport),
  MedicationRequest: any(medicationRequest),
  MedicationStatement: any(medicationStatement),
  Observation: any(observation),
  Organization: any(organization),
  Patient: any(patient),
  PaymentNotice: any(paymentNotice),
  PlanDefinition: any(planDefinition),
  Practitioner: any(practitioner),
  PractitionerRole: any(practitionerRole),
  Procedure: any(procedure),
  Provenance: any(provenance),
  Questionnaire: any(questionnaire),
  QuestionnaireResponse: any(questionnaireResponse),
  RelatedPerson: any(relatedPerson),
  RequestGroup: any(requestGroup),
  RiskAssessment: any(riskAssessment),
  Schedule: any(schedule),
  ServiceRequest: any(serviceRequest),
  Slot: any(slot),
  Subscription: any(subscription),
  Task: any(task),
};

export const isKnown = (type: string): type is KnownType =>
  Object.hasOwn(declarations, type);

export const declarationOf = (type: string): Declaration | undefined =>
  isKnown(type) ? declarations[type] : undefined;

function any<T extends Resource>(declaration: Declaration<T>): Declaration {
  return declaration as unknown as Declaration;
}
