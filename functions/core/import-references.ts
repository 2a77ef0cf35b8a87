import { isKnown } from "../resources/all.ts";
import { writtenAs } from "../resources/exact-json.ts";

/** A reference in a resource of another system: as it stands there, and where. */
export interface ForeignReference {
  readonly text: string;
  /** `Observation.subject` */
  readonly place: string;
}

/** What a reference's text says: a resource of the source by its name there, something that stays as it is, or nothing known. */
export type Meaning =
  | { readonly kind: "named"; readonly name: string }
  | { readonly kind: "kept" }
  | { readonly kind: "unknown"; readonly why: string };

const named =
  /^(?<name>(?<type>[A-Z][A-Za-z]+)\/[A-Za-z0-9.-]{1,64})(?:\/_history\/[A-Za-z0-9.-]{1,64})?$/u;

export const meaningOf = (text: string, base?: string): Meaning => {
  if (text.startsWith("#")) return { kind: "kept" };
  const own =
    base !== undefined && text.startsWith(`${base}/`)
      ? text.slice(base.length + 1)
      : text;
  const { name = "", type = "" } = named.exec(own)?.groups ?? {};
  if (isKnown(type)) return { kind: "named", name };
  const alias = aliasIn(own);
  if (alias !== undefined) return { kind: "named", name: alias };
  if (type !== "")
    return { kind: "unknown", why: "names a type that is not kept here" };
  if (/^https?:\/\//u.test(text)) return { kind: "kept" };
  return {
    kind: "unknown",
    why: text.startsWith("urn:")
      ? "means something inside a bundle only: it must name Type/id"
      : "must name Type/id",
  };
};

/** The name of whatever carries the identifier: `Practitioner?identifier=<system>|<value>`. */
export const aliasOf = (type: string, system: string, value: string): string =>
  `${type}?identifier=${system}|${value}`;

/** A conditional reference by an identifier with its system; other criteria are not understood. */
const aliasIn = (text: string): string | undefined => {
  const [type = "", query = ""] = text.split("?", 2);
  const [[name, value] = [], ...more] = [...new URLSearchParams(query)];
  const [system = "", code = "", ...rest] = value?.split("|") ?? [];
  return isKnown(type) &&
    name === "identifier" &&
    more.length + rest.length === 0 &&
    system !== "" &&
    code !== ""
    ? aliasOf(type, system, code)
    : undefined;
};

/** Every literal reference, those of contained resources, extensions and attachments included. */
export const referencesIn = (
  value: unknown,
  place: string,
): readonly ForeignReference[] => {
  if (Array.isArray(value))
    return value.flatMap((each, index) =>
      referencesIn(each, `${place}[${String(index)}]`),
    );
  if (typeof value !== "object" || value === null) return [];
  return Object.entries(value).flatMap(([name, each]: [string, unknown]) =>
    isReference(name, each)
      ? { text: each, place }
      : referencesIn(each, `${place}.${name}`),
  );
};

const isReference = (name: string, value: unknown): value is string =>
  typeof value === "string" &&
  (name === "reference" || (name === "url" && value.startsWith("Binary/")));

/** The same with each reference that has an answer replaced by it. */
export const referring = (
  value: unknown,
  answers: ReadonlyMap<string, string>,
): unknown => {
  if (Array.isArray(value))
    return value.map((each) => referring(each, answers));
  if (typeof value !== "object" || value === null) return value;
  return writtenAs(
    value,
    Object.fromEntries(
      Object.entries(value).map(([name, each]: [string, unknown]) => [
        name,
        isReference(name, each)
          ? (answers.get(each) ?? each)
          : referring(each, answers),
      ]),
    ),
  );
};
