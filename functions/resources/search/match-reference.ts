import type { Reference } from "@medplum/fhirtypes";
import type { Found } from "./extract.ts";
import type { Parameter } from "./parameter.ts";
import type { Value } from "./query.ts";
import { targetOf } from "./target.ts";

type Asked = Extract<Value, { kind: "reference" | "uri" }>;

/** The literal text of a reference, canonical or URI. */
export const referenceText = ({ value }: Found): string | undefined => {
  const text =
    typeof value === "string" ? value : (value as Reference).reference;
  return typeof text === "string" ? text : undefined;
};

export const matchesReference = (
  asked: Asked,
  found: Found,
  { targets }: Parameter,
): boolean => {
  const own = referenceText(found);
  if (own === undefined) return false;
  if (asked.kind === "uri")
    return (
      own === asked.uri ||
      (found.datatype === "canonical" && own.split("|", 1)[0] === asked.uri)
    );
  const { type, id, absolute } = targetOf(own);
  if (absolute || id !== asked.id || type === undefined) return false;
  return asked.type === undefined
    ? (targets?.has(type) ?? true)
    : type === asked.type;
};
