import type { Patient, RelatedPerson } from "@medplum/fhirtypes";
import { addressOf, providerSystem } from "../core/communication.ts";
import { hasNumber } from "../core/inbound.ts";
import type { Stored, Work } from "../store/records.ts";
import type { Taking } from "./inbound-text.ts";

/** The patients whom this number reaches: by their record, by their proxy's, or because our last message to it was theirs. */
export const patientsAt = async (
  { work, text, at, organization }: Taking,
  number: string,
): Promise<readonly Stored<Patient>[]> => {
  const own = await people(work, "Patient", number);
  const proxies = await people(work, "RelatedPerson", number);
  const known = (person: Patient | RelatedPerson) =>
    hasNumber(person, number, at, organization.phone);
  const [previous] =
    text.previousPublishedMessageId === undefined
      ? []
      : await work.byIdentifier(
          "Communication",
          providerSystem("sms"),
          text.previousPublishedMessageId,
        );
  const references = [
    ...(previous !== undefined && addressOf(previous) === number
      ? [previous.subject?.reference]
      : []),
    ...own.filter(known).map(({ id }) => `Patient/${id}`),
    ...proxies
      .filter(known)
      .map((person) => (person as RelatedPerson).patient.reference),
  ].filter((reference) => reference !== undefined);
  const found = await work.readAll([...new Set(references)]);
  return found.filter(
    (resource): resource is Stored<Patient> =>
      resource?.resourceType === "Patient",
  );
};

const people = async (
  work: Work,
  type: "Patient" | "RelatedPerson",
  number: string,
): Promise<readonly Stored<Patient | RelatedPerson>[]> => {
  const ids = await work.lookUp(type, "phone", [number]);
  const found = await work.readAll(ids.map((id) => `${type}/${id}`));
  return found.filter(
    (resource): resource is Stored<Patient | RelatedPerson> =>
      resource?.resourceType === type,
  );
};
