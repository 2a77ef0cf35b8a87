import type {
  Appointment,
  HealthcareService,
  Location,
  Patient,
  Schedule,
  Slot,
} from "@medplum/fhirtypes";
import { contactTimes, deadAddresses } from "../core/communication.ts";
import type { MessageKind, Question } from "../core/contact-question.ts";
import type { Visit } from "../core/message.ts";
import type { OrganizationSettings } from "../core/settings.ts";
import { consentsOf } from "../store/exclusions.ts";
import { localReference, type Stored, type Work } from "../store/records.ts";

export interface VisitQuestion {
  readonly question: Question;
  /** Undefined when there is no such appointment any more. */
  readonly visit: Visit | undefined;
}

/**
 * Reads all that `decide` asks about a visit, as it is at this moment; the commit relies on none of it having changed, and on
 * no Consent having come.
 */
export const visitQuestion = async (
  work: Work,
  ids: {
    readonly patient: string;
    readonly appointment: string;
    readonly start: string;
    readonly now: string;
  },
  message: MessageKind,
  organization: OrganizationSettings,
): Promise<VisitQuestion | undefined> => {
  const [patient, appointment] = await work.readAll([
    `Patient/${ids.patient}`,
    `Appointment/${ids.appointment}`,
  ]);
  if (patient?.resourceType !== "Patient") return undefined;
  const booked =
    appointment?.resourceType === "Appointment" ? appointment : undefined;
  const survivor = await survivorOf(work, patient);
  const set = [...new Set([ids.patient, survivor.id])];
  const visit = booked === undefined ? undefined : await visitOf(work, booked);
  const of = async <T>(
    read: (id: string) => Promise<readonly T[]>,
  ): Promise<readonly T[]> => (await Promise.all(set.map(read))).flat();
  // What is read is guarded by its version, what is not there yet by this.
  for (const id of set) await work.exclude(consentsOf(id));
  const consents = await of((id) => work.ofPatient("Consent", id));
  const communications = await of((id) => work.ofPatient("Communication", id));
  work.rely("Patient", survivor.id);
  work.rely("Appointment", ids.appointment);
  for (const { id } of consents) work.rely("Consent", id);
  return {
    visit,
    question: {
      now: ids.now,
      message,
      patient: survivor,
      relatedPersons: await of((id) => work.ofPatient("RelatedPerson", id)),
      consents,
      contacts: contactTimes(communications),
      deadAddresses: deadAddresses(communications),
      visit: {
        start: ids.start,
        appointment: booked,
        location: visit?.location,
      },
      organization,
    },
  };
};

const longestChain = 5;

/** A merged record's messages go to the person as the surviving record knows them. */
const survivorOf = async (
  work: Work,
  patient: Stored<Patient>,
): Promise<Stored<Patient>> => {
  let current = patient;
  for (let hops = 0; hops < longestChain; hops += 1) {
    const next = localReference(
      current.link?.find(({ type }) => type === "replaced-by")?.other,
    );
    const [found] = next === undefined ? [] : await work.readAll([next]);
    if (found?.resourceType !== "Patient") return current;
    current = found;
  }
  return current;
};

/** The place and the service of an appointment: as its participants, else as its slot's schedule names them. */
const visitOf = async (
  work: Work,
  appointment: Stored<Appointment>,
): Promise<Visit> => {
  const named = appointment.participant.flatMap(
    ({ actor }) => localReference(actor) ?? [],
  );
  const scheduled = named.some(isService)
    ? []
    : await scheduleActors(work, appointment);
  const wanted = [...new Set([...named, ...scheduled])].filter(
    (reference) => isService(reference) || reference.startsWith("Location/"),
  );
  const found = await work.readAll(wanted);
  return {
    appointment,
    location: found.find(
      (resource): resource is Stored<Location> =>
        resource?.resourceType === "Location",
    ),
    service: found.find(
      (resource): resource is Stored<HealthcareService> =>
        resource?.resourceType === "HealthcareService",
    ),
  };
};

const isService = (reference: string): boolean =>
  reference.startsWith("HealthcareService/");

const scheduleActors = async (
  work: Work,
  { slot = [] }: Appointment,
): Promise<readonly string[]> => {
  const reference = localReference(slot[0]);
  if (reference === undefined) return [];
  const [first] = await work.readAll([reference]);
  const schedule = localReference((first as Slot | undefined)?.schedule);
  const [found] = schedule === undefined ? [] : await work.readAll([schedule]);
  return ((found as Schedule | undefined)?.actor ?? []).flatMap(
    (actor) => localReference(actor) ?? [],
  );
};
