import type { Patient } from "@medplum/fhirtypes";
import { euRetention } from "../../packs/retention/eu.ts";
import type {
  RetentionPack,
  RetentionRule,
} from "../../packs/retention/pack.ts";
import { usRetention } from "../../packs/retention/us.ts";
import type { KnownType } from "../resources/declaration.ts";
import { currentAddresses } from "./zone.ts";

export const retentionPacks: readonly RetentionPack[] = [
  usRetention,
  ...euRetention,
];

/** What makes a record one of care; who was only written to, or booked and never came, has none. */
export const careTypes: ReadonlySet<KnownType> = new Set<KnownType>([
  "AllergyIntolerance",
  "CareTeam",
  "Claim",
  "ClaimResponse",
  "Condition",
  "DetectedIssue",
  "DocumentReference",
  "Encounter",
  "ExplanationOfBenefit",
  "Goal",
  "Immunization",
  "Invoice",
  "MedicationRequest",
  "MedicationStatement",
  "Observation",
  "Procedure",
  "QuestionnaireResponse",
  "RiskAssessment",
  "ServiceRequest",
]);

/** Until when a record has to be kept, and what says so. */
export interface RetentionDuty {
  /** A day, `yyyy-mm-dd`: the first on which it need not be kept. */
  readonly until: string;
  readonly rule: string;
  readonly source: string;
  readonly mayEndEarly: boolean;
}

/**
 * The duty that ends last, by the law where the patient lives and by that of the organization, whose records they are.
 * `lastCare` is the instant of the last change of what belongs to care. A patient who lives where no pack speaks has the
 * longest rule of all; one without a country is taken to live in the organization's.
 */
export const retentionDuty = (
  patient: Pick<Patient, "address" | "birthDate">,
  lastCare: string | undefined,
  organization: RetainedBy,
): RetentionDuty | undefined => {
  if (lastCare === undefined) return undefined;
  return rulesFor(patient, lastCare.slice(0, 10), organization)
    .map((rule) => dutyUnder(rule, patient.birthDate, lastCare))
    .toSorted((one, other) => other.until.localeCompare(one.until))[0];
};

interface RetainedBy {
  readonly country: string;
  /** Among its jurisdictions, such as `CA`. */
  readonly states?: readonly string[];
  readonly packs?: readonly RetentionPack[];
}

/** Which law lets facts of an erased patient stay; every law whose pack there is, since facts tell of all. */
export const documentationDuties = (
  packs: readonly RetentionPack[] = retentionPacks,
): RetentionPack["documentation"][] => [
  ...new Map(
    packs.map(({ documentation }) => [documentation.name, documentation]),
  ).values(),
];

const rulesFor = (
  patient: Pick<Patient, "address">,
  day: string,
  { country, states = [], packs = retentionPacks }: RetainedBy,
): readonly RetentionRule[] => {
  const addresses = currentAddresses({
    resourceType: "Patient",
    address: [...(patient.address ?? [])],
  });
  const homes = addresses.length > 0 ? addresses : [{}];
  const isHere = homes.some(({ country: at = country }) => at === country);
  const places = [
    ...homes,
    ...states.map((state) => ({ country: "US", state })),
    ...(isHere || states.length > 0 ? [] : [{}]),
  ];
  return places.flatMap(({ country: at = country, state }) => {
    const ofCountry = packs.filter(
      (pack) =>
        pack.country === at &&
        (pack.effective.until === undefined || day <= pack.effective.until),
    );
    const rules = ofCountry.flatMap((pack) => pack.rules);
    const ofState = rules.filter(
      ({ states }) => state !== undefined && states?.includes(state) === true,
    );
    const general = rules.filter(({ states }) => states === undefined);
    return ofState.length > 0
      ? ofState
      : general.length > 0
        ? general
        : packs.flatMap((pack) => pack.rules);
  });
};

const dutyUnder = (
  { name, years, minorsUntilAge, mayEndEarly, source }: RetentionRule,
  birthDate: string | undefined,
  lastCare: string,
): RetentionDuty => {
  const after = yearsAfter(lastCare.slice(0, 10), years);
  // Who may have been born that day is kept as long as who was.
  const grown =
    minorsUntilAge === undefined
      ? undefined
      : yearsAfter(
          lastDayOf(birthDate ?? lastCare.slice(0, 10)),
          minorsUntilAge,
        );
  return {
    until: grown !== undefined && grown > after ? grown : after,
    rule: name,
    source,
    mayEndEarly,
  };
};

/** Of a birth date that names only a year or a month, its last day: a duty never ends too early. */
const lastDayOf = (birthDate: string): string =>
  birthDate.length === 4
    ? `${birthDate}-12-31`
    : birthDate.length === 7
      ? new Date(
          Date.UTC(
            Number(birthDate.slice(0, 4)),
            Number(birthDate.slice(5, 7)),
            0,
          ),
        )
          .toISOString()
          .slice(0, 10)
      : birthDate;

/** 29 February becomes 1 March. */
const yearsAfter = (day: string, years: number): string => {
  const [year = 0, month = 1, date = 1] = day.split("-").map(Number);
  return new Date(Date.UTC(year + years, month - 1, date))
    .toISOString()
    .slice(0, 10);
};
