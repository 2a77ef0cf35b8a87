import type {
  CodeableConcept,
  Observation,
  ObservationComponent,
  Period,
  Quantity,
} from "@medplum/fhirtypes";

/** How a concept is told to a reader: its own words, else those of its first coding. */
export const wordsOf = (concept: CodeableConcept | undefined): string =>
  concept?.text ??
  concept?.coding?.find(({ display }) => display !== undefined)?.display ??
  concept?.coding?.find(({ code }) => code !== undefined)?.code ??
  "";

export const allWordsOf = (
  concepts: readonly CodeableConcept[] | undefined,
): string => (concepts ?? []).map(wordsOf).filter(isSaid).join(", ");

/** The day or what there is of it. */
export const dayOf = (...times: readonly (string | undefined)[]): string =>
  times.find((time) => time !== undefined)?.slice(0, 10) ?? "";

export const periodWords = (period: Period | undefined): string =>
  period === undefined
    ? ""
    : [dayOf(period.start), dayOf(period.end)].join(" – ").trim();

const quantityWords = ({ comparator, value, unit, code }: Quantity): string =>
  [`${comparator ?? ""}${String(value ?? "")}`, unit ?? code ?? ""]
    .filter(isSaid)
    .join(" ");

/** What was observed, its components in order. */
export const resultWords = (observation: Observation): string =>
  [
    valueWords(observation),
    ...(observation.component ?? []).map((part) =>
      [wordsOf(part.code), valueWords(part)].filter(isSaid).join(" "),
    ),
  ]
    .filter(isSaid)
    .join("; ");

const valueWords = (part: Observation | ObservationComponent): string => {
  const { valueQuantity, valueRange, valueRatio } = part;
  if (valueQuantity !== undefined) return quantityWords(valueQuantity);
  if (valueRange !== undefined)
    return [valueRange.low, valueRange.high]
      .flatMap((end) => (end === undefined ? [] : quantityWords(end)))
      .join(" – ");
  if (valueRatio !== undefined)
    return [valueRatio.numerator, valueRatio.denominator]
      .flatMap((end) => (end === undefined ? [] : quantityWords(end)))
      .join(" / ");
  const plain =
    part.valueString ??
    part.valueInteger ??
    part.valueBoolean ??
    part.valueDateTime ??
    part.valueTime;
  return plain === undefined
    ? wordsOf(part.valueCodeableConcept ?? part.dataAbsentReason) ||
        periodWords(part.valuePeriod)
    : String(plain);
};

const isSaid = (text: string): boolean => text !== "";
