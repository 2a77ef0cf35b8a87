import type { Resource } from "@medplum/fhirtypes";
import { appointment } from "./appointment.ts";
import { carePlan } from "./care-plan.ts";
import { communication } from "./communication.ts";
import { consent } from "./consent.ts";
import type { Declaration, KnownType } from "./declaration.ts";
import { encounter } from "./encounter.ts";
import { healthcareService } from "./healthcare-service.ts";
import { location } from "./location.ts";
import { patient } from "./patient.ts";
import { practitioner } from "./practitioner.ts";
import { relatedPerson } from "./related-person.ts";
import { schedule } from "./schedule.ts";
import { slot } from "./slot.ts";
import { task } from "./task.ts";

/** Every resource type that is kept. Each function of a declaration is called with resources of its own type only. */
export const declarations: Readonly<Record<KnownType, Declaration>> = {
  Appointment: any(appointment),
  CarePlan: any(carePlan),
  Communication: any(communication),
  Consent: any(consent),
  Encounter: any(encounter),
  HealthcareService: any(healthcareService),
  Location: any(location),
  Patient: any(patient),
  Practitioner: any(practitioner),
  RelatedPerson: any(relatedPerson),
  Schedule: any(schedule),
  Slot: any(slot),
  Task: any(task),
};

export const isKnown = (type: string): type is KnownType =>
  Object.hasOwn(declarations, type);

export const declarationOf = (type: string): Declaration | undefined =>
  isKnown(type) ? declarations[type] : undefined;

function any<T extends Resource>(declaration: Declaration<T>): Declaration {
  return declaration as unknown as Declaration;
}
