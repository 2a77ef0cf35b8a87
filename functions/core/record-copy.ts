import type { Resource } from "@medplum/fhirtypes";
import type { Language } from "../../packs/messages/message-pack.ts";
import { allWordsOf, dayOf, wordsOf } from "./wording.ts";

/** A file of a copy of somebody's record. */
export interface CopyFile {
  readonly name: string;
  readonly contentType: string;
  readonly bytes: Buffer;
}

/** Of one file of resources; a function answers 6 MB, in base64. */
const most = 4_000_000;

/** A resource of the copy, as it is stored. */
export interface CopyEntry {
  readonly type: string;
  readonly id: string;
  readonly text: string;
}

/** Cut where a file of them would grow beyond 4 MB; of nothing one part of nothing. */
export const partsOf = <E extends CopyEntry>(
  entries: readonly E[],
): readonly (readonly E[])[] => {
  const parts: E[][] = [[]];
  let bytes = 0;
  for (const entry of entries) {
    const size = Buffer.byteLength(entry.text);
    if (bytes > 0 && bytes + size > most) {
      parts.push([]);
      bytes = 0;
    }
    parts.at(-1)?.push(entry);
    bytes += size;
  }
  return parts;
};

/** A FHIR Bundle of these resources, each as it is stored. References resolve against `base`. */
export const bundleFile = (
  entries: readonly CopyEntry[],
  {
    base,
    now,
    number,
  }: { readonly base: string; readonly now: string; readonly number: number },
): CopyFile => ({
  name: `record-${String(number)}.json`,
  contentType: "application/fhir+json",
  bytes: Buffer.from(
    `{"resourceType":"Bundle","type":"collection","timestamp":${JSON.stringify(now)},"entry":[${entries
      .map(
        ({ type, id, text }) =>
          `{"fullUrl":${JSON.stringify(`${base}/${type}/${id}`)},"resource":${text}}`,
      )
      .join(",\n")}]}`,
  ),
});

const extensions: Readonly<Record<string, string>> = {
  "application/pdf": "pdf",
  "application/dicom": "dcm",
  "application/xml": "xml",
  "image/jpeg": "jpg",
  "image/png": "png",
  "image/tiff": "tif",
  "text/plain": "txt",
  "text/html": "html",
};

/** Under which a file of the record is in the copy: by its id, which what refers to it says too. */
export const attachmentName = (id: string, contentType: string): string =>
  `Binary-${id}.${extensions[mediaOf(contentType)] ?? "bin"}`;

const mediaOf = (contentType: string): string =>
  contentType.split(";")[0]?.trim().toLowerCase() ?? "";

/** What a file of an answer is, by its name. */
export const contentTypeOf = (name: string): string => {
  if (name.startsWith("Binary-"))
    return (
      Object.keys(extensions).find((type) =>
        name.endsWith(`.${extensions[type] ?? ""}`),
      ) ?? "application/octet-stream"
    );
  if (name.endsWith(".html")) return "text/html; charset=utf-8";
  return name.startsWith("record-")
    ? "application/fhir+json"
    : "application/json";
};

interface Section {
  readonly heading: string;
  readonly rows: readonly (readonly string[])[];
}

/** What a person reads without any program: everything of a record by kind, oldest first. */
export const recordPage = (
  resources: readonly Resource[],
  about: {
    readonly language: Language;
    readonly organization: string;
    readonly now: string;
    /** A copy of many parts has a page for each. */
    readonly number?: number;
    /** Names of files that come along. */
    readonly attachments?: readonly string[];
  },
): CopyFile => {
  const { number = 1, attachments = [] } = about;
  const byType = Map.groupBy(resources, ({ resourceType }) => resourceType);
  const sections = [...byType]
    .toSorted(([one], [other]) => one.localeCompare(other))
    .map(([type, list]): Section => ({
      heading: type.replaceAll(/(?<=[a-z])(?=[A-Z])/gu, " "),
      rows: list
        .map((resource) => [
          dateOf(resource),
          titleOf(resource),
          statusOf(resource),
        ])
        .toSorted(([one = ""], [other = ""]) => (one < other ? -1 : 1)),
    }));
  const files = {
    heading: titles.files[about.language],
    rows: attachments.map((name) => [name]),
  };
  return {
    ...page(
      titles.record[about.language],
      attachments.length === 0 ? sections : [...sections, files],
      about,
    ),
    name: number === 1 ? "index.html" : `index-${String(number)}.html`,
  };
};

/** A page of tables. Nothing on it is loaded from anywhere, and nothing of it is read as markup. */
export const page = (
  title: string,
  sections: readonly Section[],
  {
    language,
    organization,
    now,
  }: {
    readonly language: Language;
    readonly organization: string;
    readonly now: string;
  },
): CopyFile => ({
  name: "index.html",
  contentType: "text/html; charset=utf-8",
  bytes: Buffer.from(
    [
      `<!doctype html><html lang="${language}"><head><meta charset="utf-8"><title>${escaped(title)}</title>`,
      "<style>body{font:16px/1.5 system-ui,sans-serif;max-width:60rem;margin:2rem auto;padding:0 1rem}table{border-collapse:collapse;width:100%}td{border-top:1px solid #ccc;padding:.25rem .5rem;vertical-align:top}td:first-child{white-space:nowrap}</style></head><body>",
      `<h1>${escaped(title)}</h1><p>${escaped(`${organization}, ${now.slice(0, 10)}`)}</p>`,
      ...sections.map(
        ({ heading, rows }) =>
          `<h2>${escaped(heading)}</h2><table>${rows.map((cells) => `<tr>${cells.map((cell) => `<td>${escaped(cell)}</td>`).join("")}</tr>`).join("\n")}</table>`,
      ),
      "</body></html>",
    ].join("\n"),
  ),
});

export const titles = {
  files: { en: "Files", es: "Archivos" },
  record: { en: "Your record", es: "Su expediente" },
  accounting: {
    en: "To whom your record was disclosed",
    es: "A quién se divulgó su expediente",
  },
} as const satisfies Record<string, Record<Language, string>>;

const escaped = (text: string): string =>
  text
    .replaceAll("&", "&amp;")
    .replaceAll("<", "&lt;")
    .replaceAll(">", "&gt;")
    .replaceAll('"', "&quot;");

type Loose = Readonly<Record<string, unknown>>;

const dates = [
  "start",
  "effectiveDateTime",
  "performedDateTime",
  "occurrenceDateTime",
  "onsetDateTime",
  "sent",
  "received",
  "authoredOn",
  "authored",
  "dateTime",
  "date",
  "recorded",
  "recordedDate",
  "created",
  "issued",
] as const;

const dateOf = (resource: Resource): string => {
  const values = resource as unknown as Loose;
  const period = (values.period ?? values.effectivePeriod) as
    { readonly start?: string } | undefined;
  const named = dates.map((name) => values[name]).filter(isText);
  return dayOf(...named, period?.start, resource.meta?.lastUpdated);
};

const isText = (value: unknown): value is string => typeof value === "string";

/** What it is about, in its own words. */
const titleOf = (resource: Resource): string => {
  const values = resource as unknown as Loose;
  const concept = ["code", "vaccineCode", "medicationCodeableConcept", "type"]
    .map((name) => values[name])
    .flatMap((value): readonly unknown[] =>
      Array.isArray(value) ? value : [value],
    )
    .filter((value) => typeof value === "object" && value !== null);
  const quantity = values.valueQuantity as
    { readonly value?: number; readonly unit?: string } | undefined;
  return [
    allWordsOf(concept),
    quantity === undefined
      ? ""
      : `${String(quantity.value ?? "")} ${quantity.unit ?? ""}`.trim(),
    ...[values.valueString, values.description, values.title].filter(isText),
    ...payloads(values.payload),
    ...names(values.name),
  ]
    .filter((words) => words !== "")
    .join(": ");
};

const payloads = (payload: unknown): readonly string[] =>
  Array.isArray(payload)
    ? payload
        .slice(0, 1)
        .map((one: Loose) => one.contentString)
        .filter(isText)
    : [];

const names = (name: unknown): readonly string[] => {
  if (isText(name)) return [name];
  const [first] = Array.isArray(name) ? (name as readonly Loose[]) : [];
  if (first === undefined) return [];
  const given = Array.isArray(first.given) ? first.given.filter(isText) : [];
  return [
    isText(first.text)
      ? first.text
      : [...given, first.family].filter(isText).join(" "),
  ];
};

const statusOf = (resource: Resource): string => {
  const { status, clinicalStatus } = resource as unknown as Loose;
  return isText(status) ? status : wordsOf(clinicalStatus ?? undefined);
};
