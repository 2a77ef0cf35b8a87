import type { AttributeValue } from "@aws-sdk/client-dynamodb";
import { isList, type Item, type Value } from "./table.ts";

export type Attributes = Record<string, AttributeValue>;

/** An item as the API of DynamoDB has it. The few kinds of values that there are need a fraction of the time that the SDK takes for all. */
export const attributesOf = (
  item: Readonly<Record<string, Value | undefined>>,
): Attributes => {
  const attributes: Attributes = {};
  for (const [name, value] of Object.entries(item))
    if (value !== undefined) attributes[name] = attributeOf(value);
  return attributes;
};

const attributeOf = (value: Value): AttributeValue => {
  if (typeof value === "string") return { S: value };
  if (typeof value === "number") return { N: String(value) };
  if (typeof value === "boolean") return { BOOL: value };
  if (value instanceof Uint8Array) return { B: value };
  return isList(value)
    ? { L: value.map(attributeOf) }
    : { M: attributesOf(value) };
};

/** Throws for attributes of a kind that is not written here. */
export const itemOf = (attributes: Attributes): Item =>
  valuesOf(attributes) as Item;

const valuesOf = (attributes: Attributes): Record<string, Value> => {
  const values: Record<string, Value> = {};
  for (const [name, attribute] of Object.entries(attributes))
    values[name] = valueOf(attribute);
  return values;
};

const valueOf = ({ S, N, BOOL, B, L, M }: AttributeValue): Value => {
  if (S !== undefined) return S;
  if (N !== undefined) return Number(N);
  if (BOOL !== undefined) return BOOL;
  if (B !== undefined) return B;
  if (L !== undefined) return L.map(valueOf);
  if (M !== undefined) return valuesOf(M);
  throw new Error("an attribute is of a kind that the record does not have");
};
