import type { Address, Extension, Location, Patient } from "@medplum/fhirtypes";

export const zoneExtension = "http://hl7.org/fhir/StructureDefinition/tz-code";

/** The IANA zone in which the patient lives: by a current address, else by the record, else the visit's, else the organization's. */
export const zoneOf = (
  patient: Patient,
  location: Location | undefined,
  organizationZone: string,
): string =>
  [
    ...currentAddresses(patient).map(zoneIn),
    zoneIn(patient),
    zoneIn(location),
  ].find((zone) => zone !== undefined) ?? organizationZone;

/** The zone that a resource or element names, if it is one. */
export const zoneIn = (
  element: { readonly extension?: Extension[] | undefined } | undefined,
): string | undefined => {
  const { valueCode, valueString } =
    element?.extension?.find(({ url }) => url === zoneExtension) ?? {};
  const zone = valueCode ?? valueString;
  return zone !== undefined && isZone(zone) ? zone : undefined;
};

/** Home first; what is old, ended or only for bills says nothing of where the patient sleeps. */
export const currentAddresses = ({ address = [] }: Patient): Address[] =>
  address
    .filter(
      ({ use, period }) =>
        use !== "old" && use !== "billing" && period?.end === undefined,
    )
    .sort((one, other) => rank(one) - rank(other));

const rank = ({ use }: Address): number =>
  use === "home" ? 0 : use === "temp" ? 1 : 2;

const known = new Map<string, boolean>();

const isZone = (name: string): boolean => {
  const answer = known.get(name) ?? probe(name);
  if (known.size < 1000) known.set(name, answer);
  return answer;
};

const probe = (name: string): boolean => {
  try {
    new Intl.DateTimeFormat("en", { timeZone: name });
    return true;
  } catch {
    return false;
  }
};
