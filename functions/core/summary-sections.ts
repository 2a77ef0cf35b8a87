import type {
  AllergyIntolerance,
  CarePlan,
  CodeableConcept,
  Condition,
  ExtractResource,
  Immunization,
  MedicationRequest,
  MedicationStatement,
  Observation,
  Patient,
  Procedure,
  Reference,
  Resource,
} from "@medplum/fhirtypes";
import type { KnownType } from "../resources/declaration.ts";
import {
  allWordsOf,
  dayOf,
  periodWords,
  resultWords,
  wordsOf,
} from "./wording.ts";

/** A section of the International Patient Summary (HL7, 1.1.0, 2022), codes and their names from LOINC. */
export interface SummarySection {
  readonly title: string;
  readonly code: string;
  readonly display: string;
  readonly types: readonly KnownType[];
  readonly headings: readonly string[];
  /** What of the record belongs here, newest first. */
  readonly select: (resources: readonly Resource[]) => readonly Resource[];
  readonly row: (resource: Resource) => readonly string[];
  /** Stands in a required section that would be empty: it says that nothing is known, not that there is nothing. */
  readonly unknown?: {
    readonly text: string;
    readonly entry: (subject: Reference<Patient>) => Resource;
  };
}

interface Typed<K extends KnownType> extends Omit<
  SummarySection,
  "types" | "select" | "row"
> {
  readonly types: readonly K[];
  readonly belongs: (resource: ExtractResource<K>) => boolean;
  readonly time: (resource: ExtractResource<K>) => string;
  readonly row: (resource: ExtractResource<K>) => readonly string[];
  /** Of several about the same, the newest alone. */
  readonly about?: (resource: ExtractResource<K>) => string;
}

const section = <K extends KnownType>({
  belongs,
  time,
  about,
  row,
  ...rest
}: Typed<K>): SummarySection => ({
  ...rest,
  row: (resource) => row(resource as ExtractResource<K>),
  select: (resources) => {
    const found = resources
      .filter((one): one is ExtractResource<K> =>
        (rest.types as readonly string[]).includes(one.resourceType),
      )
      .filter(belongs)
      .toSorted((one, other) => (time(one) < time(other) ? 1 : -1));
    return about === undefined
      ? found
      : [...Map.groupBy(found, about).values()].flatMap(([newest]) =>
          newest === undefined ? [] : [newest],
        );
  },
});

const absent = (code: string, display: string): CodeableConcept => ({
  coding: [
    {
      system: "http://hl7.org/fhir/uv/ips/CodeSystem/absent-unknown-uv-ips",
      code,
      display,
    },
  ],
  text: display,
});

const status = (name: string, code: string): CodeableConcept => ({
  coding: [{ system: `http://terminology.hl7.org/CodeSystem/${name}`, code }],
});

const codesOf = (
  ...concepts: readonly (CodeableConcept | undefined)[]
): readonly (string | undefined)[] =>
  concepts.flatMap((concept) => concept?.coding?.map(({ code }) => code) ?? []);

const isStanding = ({
  verificationStatus,
}: AllergyIntolerance | Condition): boolean =>
  !codesOf(verificationStatus).some(
    (code) => code === "refuted" || code === "entered-in-error",
  );

/** A problem without a clinical status is taken for a present one. */
const isPresent = ({ clinicalStatus }: Condition): boolean => {
  const codes = codesOf(clinicalStatus);
  return (
    codes.length === 0 ||
    codes.some(
      (code) =>
        code === "active" || code === "recurrence" || code === "relapse",
    )
  );
};

const observed = (resource: Observation): string =>
  resource.effectiveDateTime ??
  resource.effectiveInstant ??
  resource.effectivePeriod?.start ??
  resource.issued ??
  "";

const subjectMatter = ({ code }: Observation): string =>
  code.coding
    ?.map((one) => `${one.system ?? ""}|${one.code ?? ""}`)
    .sort()
    .join() ??
  code.text ??
  "";

/** Status and dates of a pregnancy, LOINC. */
const pregnancy: readonly string[] = [
  "82810-3",
  "11778-8",
  "11779-6",
  "11780-4",
];
const isOfPregnancy = ({ code }: Observation): boolean =>
  codesOf(code).some((one) => one !== undefined && pregnancy.includes(one));

const observations = (
  named: Pick<SummarySection, "title" | "code" | "display">,
  belongs: (resource: Observation) => boolean,
): SummarySection =>
  section({
    ...named,
    types: ["Observation"],
    headings: ["What", "Result", "Interpretation", "Date"],
    belongs: (one) =>
      ["final", "amended", "corrected", "preliminary"].includes(one.status) &&
      belongs(one),
    time: observed,
    about: subjectMatter,
    row: (one) => [
      wordsOf(one.code),
      resultWords(one),
      allWordsOf(one.interpretation),
      dayOf(observed(one)),
    ],
  });

const ofCategory =
  (category: string) =>
  (resource: Observation): boolean =>
    !isOfPregnancy(resource) &&
    codesOf(...(resource.category ?? [])).includes(category);

const medicationWords = ({
  medicationCodeableConcept,
  medicationReference,
  contained = [],
}: MedicationRequest | MedicationStatement): string => {
  const inside = contained.find(
    ({ id }) => `#${id ?? ""}` === medicationReference?.reference,
  );
  return (
    wordsOf(medicationCodeableConcept) ||
    (inside?.resourceType === "Medication" ? wordsOf(inside.code) : "") ||
    (medicationReference?.display ?? "")
  );
};

const isTaken = (one: MedicationRequest | MedicationStatement): boolean =>
  one.resourceType === "MedicationStatement"
    ? ["active", "intended", "on-hold", "unknown"].includes(one.status)
    : ["active", "on-hold"].includes(one.status) &&
      !["proposal", "plan"].includes(one.intent) &&
      one.doNotPerform !== true;

const takenSince = (one: MedicationRequest | MedicationStatement): string =>
  one.resourceType === "MedicationStatement"
    ? dayOf(one.effectiveDateTime, one.effectivePeriod?.start, one.dateAsserted)
    : dayOf(one.authoredOn);

const onset = (one: AllergyIntolerance | Condition): string =>
  dayOf(one.onsetDateTime, one.onsetPeriod?.start, one.recordedDate) ||
  (one.onsetString ?? "");

const performed = (one: Procedure): string =>
  dayOf(one.performedDateTime, one.performedPeriod?.start) ||
  (one.performedString ?? "");

const given = (one: Immunization): string =>
  dayOf(one.occurrenceDateTime) || (one.occurrenceString ?? "");

export const summarySections: readonly SummarySection[] = [
  section<"AllergyIntolerance">({
    title: "Allergies and intolerances",
    code: "48765-2",
    display: "Allergies and adverse reactions Document",
    types: ["AllergyIntolerance"],
    headings: ["Substance", "Status", "Criticality", "Reaction", "Since"],
    belongs: (one) =>
      isStanding(one) && !codesOf(one.clinicalStatus).includes("resolved"),
    time: onset,
    row: (one) => [
      wordsOf(one.code),
      wordsOf(one.clinicalStatus),
      one.criticality ?? "",
      allWordsOf(one.reaction?.flatMap(({ manifestation }) => manifestation)),
      onset(one),
    ],
    unknown: {
      text: "No information about allergies.",
      entry: (patient): AllergyIntolerance => ({
        resourceType: "AllergyIntolerance",
        clinicalStatus: status("allergyintolerance-clinical", "active"),
        code: absent("no-allergy-info", "No information about allergies"),
        patient,
      }),
    },
  }),
  section<"MedicationRequest" | "MedicationStatement">({
    title: "Medications",
    code: "10160-0",
    display: "History of Medication use Narrative",
    types: ["MedicationRequest", "MedicationStatement"],
    headings: ["Medication", "Dosage", "Status", "Since"],
    belongs: isTaken,
    time: takenSince,
    row: (one) => [
      medicationWords(one),
      (one.resourceType === "MedicationStatement"
        ? one.dosage
        : one.dosageInstruction
      )
        ?.map(({ text, patientInstruction }) => text ?? patientInstruction)
        .filter((text) => text !== undefined)
        .join("; ") ?? "",
      one.status,
      takenSince(one),
    ],
    unknown: {
      text: "No information about medications.",
      entry: (subject): MedicationStatement => ({
        resourceType: "MedicationStatement",
        status: "unknown",
        medicationCodeableConcept: absent(
          "no-medication-info",
          "No information about medications",
        ),
        subject,
        effectivePeriod: {
          extension: [
            {
              url: "http://hl7.org/fhir/StructureDefinition/data-absent-reason",
              valueCode: "unknown",
            },
          ],
        },
      }),
    },
  }),
  section<"Condition">({
    title: "Problems",
    code: "11450-4",
    display: "Problem list - Reported",
    types: ["Condition"],
    headings: ["Problem", "Status", "Severity", "Since"],
    belongs: (one) => isStanding(one) && isPresent(one),
    time: onset,
    row: (one) => [
      wordsOf(one.code),
      wordsOf(one.clinicalStatus),
      wordsOf(one.severity),
      onset(one),
    ],
    unknown: {
      text: "No information about problems.",
      entry: (subject): Condition => ({
        resourceType: "Condition",
        clinicalStatus: status("condition-clinical", "active"),
        category: [status("condition-category", "problem-list-item")],
        code: absent("no-problem-info", "No information about problems"),
        subject,
      }),
    },
  }),
  section<"Immunization">({
    title: "Immunizations",
    code: "11369-6",
    display: "History of Immunization Narrative",
    types: ["Immunization"],
    headings: ["Vaccine", "Date", "Lot"],
    belongs: (one) => one.status === "completed",
    time: given,
    row: (one) => [wordsOf(one.vaccineCode), given(one), one.lotNumber ?? ""],
  }),
  section<"Procedure">({
    title: "Procedures",
    code: "47519-4",
    display: "History of Procedures Document",
    types: ["Procedure"],
    headings: ["Procedure", "Status", "Date"],
    belongs: (one) => ["completed", "in-progress"].includes(one.status),
    time: performed,
    row: (one) => [wordsOf(one.code), one.status, performed(one)],
  }),
  observations(
    {
      title: "Results",
      code: "30954-2",
      display: "Relevant diagnostic tests/laboratory data Narrative",
    },
    ofCategory("laboratory"),
  ),
  observations(
    { title: "Vital signs", code: "8716-3", display: "Vital signs" },
    ofCategory("vital-signs"),
  ),
  section<"Condition">({
    title: "Past illnesses",
    code: "11348-0",
    display: "History of Past illness Narrative",
    types: ["Condition"],
    headings: ["Problem", "Status", "Since", "Until"],
    belongs: (one) => isStanding(one) && !isPresent(one),
    time: onset,
    row: (one) => [
      wordsOf(one.code),
      wordsOf(one.clinicalStatus),
      onset(one),
      dayOf(one.abatementDateTime, one.abatementPeriod?.end),
    ],
  }),
  section<"CarePlan">({
    title: "Plan of care",
    code: "18776-5",
    display: "Plan of care note",
    types: ["CarePlan"],
    headings: ["Plan", "Period"],
    belongs: (one) => one.status === "active",
    time: (one) => dayOf(one.period?.start, one.created),
    row: (one) => [planWords(one), periodWords(one.period)],
  }),
  observations(
    {
      title: "Social history",
      code: "29762-2",
      display: "Social history Narrative",
    },
    ofCategory("social-history"),
  ),
  observations(
    {
      title: "Pregnancy",
      code: "10162-6",
      display: "History of pregnancies Narrative",
    },
    isOfPregnancy,
  ),
];

function planWords({ title, description, category }: CarePlan): string {
  return title ?? description ?? allWordsOf(category);
}
