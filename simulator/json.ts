export type Json =
  null | boolean | number | string | readonly Json[] | JsonObject;
export interface JsonObject {
  readonly [key: string]: Json;
}

/** A JSON value together with its text, made once: values are never changed, so both travel together. */
export interface Data {
  readonly value: Json;
  readonly text: string;
}

export const data = (value: Json): Data => ({
  value,
  text: JSON.stringify(value),
});

export const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === "object" && value !== null && !Array.isArray(value);
