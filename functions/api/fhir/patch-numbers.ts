import { rawJson } from "../../resources/exact-json.ts";

type Reviver = (
  name: string,
  value: unknown,
  context: { readonly source?: string },
) => unknown;

/** JSON.parse that makes each number a symbol of its text: whoever copies a value keeps it, and no text can pass for one. */
export const numbersAsSymbols = (text: string): unknown =>
  (JSON.parse as (text: string, reviver: Reviver) => unknown)(
    text,
    (_name, value, { source }) =>
      typeof value === "number" ? Symbol(source) : value,
  );

/** The JSON text of such a value. */
export const symbolsAsNumbers = (value: unknown): string =>
  JSON.stringify(value, (_name, each: unknown) =>
    typeof each === "symbol" ? rawJson(each.description ?? "") : each,
  );
