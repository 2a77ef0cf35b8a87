import type { Resource } from "@medplum/fhirtypes";
import type { CountryCode } from "../normalise.ts";
import { matchesDate } from "./match-date.ts";
import { matchesNumber } from "./match-number.ts";
import { matchesReference } from "./match-reference.ts";
import { matchesString } from "./match-string.ts";
import { matchesText, matchesToken } from "./match-token.ts";
import { valuesOf, type Found } from "./extract.ts";
import type { Criterion, Filter, Value } from "./query.ts";

/** Whether the resource, of the filter's type, answers all its criteria. Chains and referrers are for the store to follow. */
export const matches = (
  { type, criteria, country }: Pick<Filter, "type" | "criteria" | "country">,
  resource: Resource,
): boolean =>
  resource.resourceType === type &&
  criteria.every((criterion) => holds(criterion, resource, country));

const holds = (
  criterion: Criterion,
  resource: Resource,
  country: CountryCode | undefined,
): boolean => {
  const found = valuesOf(resource, criterion.parameter);
  const any = criterion.values.some((value) =>
    value.kind === "missing"
      ? value.missing === (found.length === 0)
      : found.some((each) => answers(criterion, value, each, country)),
  );
  // R4 3.1.1.4.5: `:not` also finds what has no value at all.
  return criterion.modifier === "not" ? !any : any;
};

const answers = (
  { modifier, parameter }: Criterion,
  value: Value,
  found: Found,
  country: CountryCode | undefined,
): boolean => {
  switch (value.kind) {
    case "missing":
      return false;
    case "string":
      return modifier === "text"
        ? matchesText(value.text, found)
        : matchesString(value.text, modifier, found);
    case "token":
      return modifier === "identifier"
        ? matchesToken(
            value,
            {
              datatype: "Identifier",
              value: (found.value as { identifier?: unknown }).identifier,
            },
            country,
          )
        : matchesToken(value, found, country);
    case "date":
      return matchesDate(value, found);
    case "number":
      return matchesNumber(value, found);
    case "reference":
    case "uri":
      return matchesReference(value, found, parameter);
  }
};
