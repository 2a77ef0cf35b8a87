import { declarations, isKnown } from "../resources/all.ts";
import type { KnownType } from "../resources/declaration.ts";
import { Fault } from "./fault.ts";

export type ExportLevel = "system" | "patient" | "group";

/** What is to be exported, its parameters understood (FHIR Bulk Data Access IG 2.0.0). */
export interface ExportRequest {
  readonly level: ExportLevel;
  readonly types: readonly KnownType[];
  /** UTC instant: only what has changed after it. */
  readonly since?: string;
  /** Ids; absent means all that the level holds. */
  readonly patients?: readonly string[];
  /** What the caller asked for and does not get. */
  readonly notes: readonly string[];
}

interface Kind {
  readonly level: ExportLevel;
  /** `Prefer: handling=`; without it what is not supported is ignored, what is wrong refused. */
  readonly handling: "strict" | "lenient" | undefined;
  readonly now: Date;
}

type Pairs = readonly (readonly [string, string])[];

/** A patient's Binary goes out within its DocumentReference, if at all (IG, attachments). */
const known: readonly KnownType[] = (
  Object.keys(declarations) as KnownType[]
).filter((type) => type !== "Binary");
const isOfPatients = (type: KnownType): boolean =>
  declarations[type].home === "self" || Array.isArray(declarations[type].home);

const understood = ["_outputFormat", "_since", "_type", "patient"];
/** Known to the IG, unlike whatever else somebody may write there. */
const optional = [
  "_elements",
  "_typeFilter",
  "_until",
  "allowPartialManifests",
  "includeAssociatedData",
  "organizeOutputBy",
];
const formats = ["application/fhir+ndjson", "application/ndjson", "ndjson"];

/** Reads the parameters of `$export`; lists may be repeated or comma-separated. Throws 400 naming the parameter. */
export const exportRequest = (params: Pairs, kind: Kind): ExportRequest => {
  const valuesOf = (name: string): readonly string[] =>
    params.flatMap(([key, value]) => (key === name ? value.split(",") : []));
  const foreign = [
    ...new Set(
      params.flatMap(([name]) => (understood.includes(name) ? [] : name)),
    ),
  ];
  if (foreign.length > 0 && kind.handling === "strict")
    throw refused("Some parameters of $export are not supported here.", {
      code: "not-supported",
      expression: foreign.filter((name) => optional.includes(name)),
    });
  for (const format of valuesOf("_outputFormat"))
    if (!formats.includes(format.trim().replace(" ", "+")))
      throw refused(`_outputFormat is one of ${formats.join(", ")}.`, {
        expression: ["_outputFormat"],
      });
  const since = sinceOf(valuesOf("_since"), kind.now);
  const { types, unknown } = typesOf(valuesOf("_type"), kind);
  const patients = patientsOf(valuesOf("patient"), kind);
  return {
    level: kind.level,
    types,
    ...(since !== undefined && { since }),
    ...(patients !== undefined && { patients }),
    notes: [
      ...new Set(
        foreign.map(
          (name) =>
            `${optional.includes(name) ? name : "A parameter that is none of $export"} is not supported and had no effect.`,
        ),
      ),
      ...(unknown
        ? ["_type names resource types that this server does not keep."]
        : []),
    ],
  };
};

const refused = (
  text: string,
  options: ConstructorParameters<typeof Fault>[3],
): Fault => new Fault("InvalidRequest", 400, text, options);

const instant =
  /^[1-9]\d{3}-(?:0[1-9]|1[0-2])-(?:0[1-9]|[12]\d|3[01])T(?:[01]\d|2[0-3]):[0-5]\d:[0-5]\d(?:\.\d{1,9})?(?:Z|[+-](?:0\d|1[0-4]):[0-5]\d)$/;

/** A plus sign that was not encoded arrives as a space. */
const sinceOf = (values: readonly string[], now: Date): string | undefined => {
  const [value] = values;
  if (value === undefined) return undefined;
  const text = value.trim().replace(" ", "+");
  const time = instant.test(text) ? Date.parse(text) : NaN;
  if (values.length > 1 || Number.isNaN(time))
    throw refused(
      "_since is one instant, such as 2026-03-02T15:00:00Z: date, time to the second and zone.",
      { expression: ["_since"] },
    );
  if (time > now.getTime())
    throw refused("_since lies in the future.", { expression: ["_since"] });
  return new Date(time).toISOString();
};

const typesOf = (
  values: readonly string[],
  { level, handling }: Kind,
): { readonly types: readonly KnownType[]; readonly unknown: boolean } => {
  const all = level === "system" ? known : known.filter(isOfPatients);
  if (values.length === 0) return { types: all, unknown: false };
  const names = [...new Set(values.map((value) => value.trim()))];
  const types = names.filter(isKnown).filter((type) => known.includes(type));
  const unknown = types.length < names.length;
  if (unknown && handling !== "lenient")
    throw refused(
      "_type names resource types that this server does not keep; GET metadata lists those it keeps.",
      { code: "not-supported", expression: ["_type"] },
    );
  if (types.length === 0 || !types.some((type) => all.includes(type)))
    throw refused(
      "_type names nothing that this export could hold; $export of the whole system holds every type.",
      { code: "not-supported", expression: ["_type"] },
    );
  return { types, unknown };
};

const patientsOf = (
  values: readonly string[],
  { level }: Kind,
): readonly string[] | undefined => {
  if (values.length === 0) return undefined;
  if (level === "system")
    throw refused("patient is for exports of patients or of a group.", {
      code: "not-supported",
      expression: ["patient"],
    });
  return [
    ...new Set(
      values.map((value) => {
        const id = /^(?:Patient\/)?([A-Za-z0-9.-]{1,64})$/.exec(
          value.trim(),
        )?.[1];
        if (id === undefined)
          throw refused("patient is a reference to a Patient of this server.", {
            expression: ["patient"],
          });
        return id;
      }),
    ),
  ];
};
