import type {
  Bundle,
  Composition,
  CompositionSection,
  Organization,
  Patient,
  Reference,
  Resource,
} from "@medplum/fhirtypes";
import { tableNarrative, textNarrative } from "./narrative.ts";
import type { OrganizationSettings } from "./settings.ts";
import { summarySections, type SummarySection } from "./summary-sections.ts";

export interface SummaryInput {
  readonly patient: Patient & { readonly id: string };
  readonly resources: readonly (Resource & { readonly id: string })[];
  /** Types that the reader may not see: their absence says nothing. */
  readonly withheld: ReadonlySet<string>;
  readonly organization: Pick<
    OrganizationSettings,
    "displayName" | "phone" | "portalUrl"
  >;
  /** The server's address, under which the resources are found. */
  readonly base: string;
  readonly now: Date;
  /** A UUID. */
  readonly newId: () => string;
}

const profile = "http://hl7.org/fhir/uv/ips/StructureDefinition/";
const mostRows = 100;

/** What a summary tells about, by which the record is read. */
export const summarizedTypes = [
  "Patient",
  ...new Set(summarySections.flatMap(({ types }) => types)),
] as const;

/** An International Patient Summary (HL7, 1.1.0, 2022): a document of what matters at an unplanned encounter. */
export const patientSummary = (input: SummaryInput): Bundle => {
  const { patient, organization, base, now, newId } = input;
  const subject = { reference: `${base}/Patient/${patient.id}` } as const;
  const sections = summarySections.flatMap(
    (section) => sectionOf(section, input, subject) ?? [],
  );
  const author = authorOf(organization, newId());
  const by: Reference<Organization> = {
    reference: author.fullUrl,
    display: organization.displayName,
  };
  const id = newId();
  const composition: Composition = {
    resourceType: "Composition",
    id,
    meta: { profile: [`${profile}Composition-uv-ips`] },
    language: "en",
    text: textNarrative(
      `Patient summary, made by ${organization.displayName} on ${now.toISOString().slice(0, 10)}.`,
    ),
    status: "final",
    type: {
      coding: [
        {
          system: "http://loinc.org",
          code: "60591-5",
          display: "Patient summary Document",
        },
      ],
    },
    subject,
    date: now.toISOString(),
    author: [by],
    title: "Patient summary",
    confidentiality: "N",
    custodian: by,
    section: sections.map(({ section }) => section),
  };
  const entries = new Map(
    [
      { fullUrl: subject.reference, resource: patient },
      ...sections.flatMap(({ entries: own }) => own),
      author,
    ].map((entry) => [entry.fullUrl, entry]),
  );
  const bundle = newId();
  return {
    resourceType: "Bundle",
    id: bundle,
    meta: { profile: [`${profile}Bundle-uv-ips`] },
    language: "en",
    identifier: {
      system: "urn:ietf:rfc:3986",
      value: `urn:uuid:${bundle}`,
    },
    type: "document",
    timestamp: now.toISOString(),
    entry: [
      { fullUrl: `urn:uuid:${id}`, resource: composition },
      ...entries.values(),
    ],
  };
};

interface Entry {
  readonly fullUrl: string;
  readonly resource: Resource;
}

/** A section with what it refers to; undefined where an optional one would be empty. */
const sectionOf = (
  {
    title,
    code,
    display,
    types,
    headings,
    select,
    row,
    unknown,
  }: SummarySection,
  { resources, withheld, base, newId }: SummaryInput,
  subject: Reference<Patient>,
):
  | { readonly section: CompositionSection; readonly entries: readonly Entry[] }
  | undefined => {
  const head = {
    title,
    code: { coding: [{ system: "http://loinc.org", code, display }] },
  };
  const all = select(resources) as SummaryInput["resources"];
  const isPartial = types.some((type) => withheld.has(type));
  if (all.length > 0) {
    const told = all.slice(0, mostRows);
    const entries = told.map((resource) => ({
      fullUrl: `${base}/${resource.resourceType}/${resource.id}`,
      resource,
    }));
    const notes = [
      ...(told.length < all.length
        ? [`The newest ${String(mostRows)} of ${String(all.length)}.`]
        : []),
      ...(isPartial ? ["Some entries are withheld from this reader."] : []),
    ];
    const text = tableNarrative({
      caption: title,
      headings,
      rows: told.map(row),
      note: notes.length > 0 ? notes.join(" ") : undefined,
    });
    return {
      section: {
        ...head,
        text,
        entry: entries.map(({ fullUrl: reference }) => ({ reference })),
      },
      entries,
    };
  }
  if (isPartial)
    return {
      section: {
        ...head,
        text: textNarrative("Withheld from this reader."),
        emptyReason: {
          coding: [
            {
              system: "http://terminology.hl7.org/CodeSystem/list-empty-reason",
              code: "withheld",
              display: "Information Withheld",
            },
          ],
        },
      },
      entries: [],
    };
  if (unknown === undefined) return undefined;
  const id = newId();
  const fullUrl = `urn:uuid:${id}`;
  return {
    section: {
      ...head,
      text: textNarrative(unknown.text),
      entry: [{ reference: fullUrl }],
    },
    entries: [{ fullUrl, resource: { ...unknown.entry(subject), id } }],
  };
};

const authorOf = (
  { displayName, phone, portalUrl }: SummaryInput["organization"],
  id: string,
): { readonly fullUrl: string; readonly resource: Organization } => ({
  fullUrl: `urn:uuid:${id}`,
  resource: {
    resourceType: "Organization",
    id,
    active: true,
    name: displayName,
    telecom: [
      { system: "phone", value: phone, use: "work" },
      { system: "url", value: portalUrl },
    ],
  },
});
