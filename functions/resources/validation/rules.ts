import {
  evalFhirPathTyped,
  parseFhirPath,
  type FhirPathAtom,
  type TypedValue,
} from "@medplum/core";
import { rangeOf } from "../dates.ts";
import { isNarrative } from "./narrative.ts";

/** An invariant of the definitions. */
export interface Rule {
  readonly key: string;
  readonly human: string;
  readonly holds: (subject: Subject) => boolean;
}

export interface Subject {
  readonly type: string;
  readonly value: Readonly<Record<string, unknown>>;
  readonly resource: Readonly<Record<string, unknown>>;
}

type Value = Subject["value"];

export const rule = (key: string, expression: string, human: string): Rule => {
  const native = natively[key];
  return {
    key,
    human,
    holds: native ? ({ value }) => native(value) : evaluating(expression),
  };
};

const evaluating = (expression: string): Rule["holds"] => {
  let parsed: FhirPathAtom | undefined;
  return ({ type, value, resource }) => {
    parsed ??= parseFhirPath(expression);
    const variables: Record<string, TypedValue> = {
      "%context": { type, value },
      "%resource": { type: String(resource.resourceType), value: resource },
      "%ucum": ucum,
    };
    const [result] = evalFhirPathTyped(parsed, [{ type, value }], variables);
    return result?.value === true;
  };
};

const ucum: TypedValue = { type: "uri", value: "http://unitsofmeasure.org" };

/** What the FHIRPath engine has no types for (dates of unequal precision) or no function (htmlChecks). */
const natively: Readonly<Record<string, (value: Value) => boolean>> = {
  "per-1": ({ start, end }) => !isAfter(start, end),
  "inv-1": ({ authoredOn, lastModified }) => !isAfter(authoredOn, lastModified),
  "txt-1": ({ div }) => typeof div !== "string" || isNarrative(div),
  "txt-2": () => true,
  // References to contained resources are checked with the walk, which knows them.
  "ref-1": () => true,
};

/** Whether the first is certainly later than the second. */
const isAfter = (first: unknown, second: unknown): boolean => {
  if (typeof first !== "string" || typeof second !== "string") return false;
  const [earlier, later] = [rangeOf(first), rangeOf(second)];
  return (
    earlier !== undefined && later !== undefined && earlier.from >= later.to
  );
};
