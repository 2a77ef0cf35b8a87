import type { Resource } from "@medplum/fhirtypes";
import { isKnown } from "../../resources/all.ts";
import { valuesOf } from "../../resources/search/extract.ts";
import { referenceText } from "../../resources/search/match-reference.ts";
import type { Parameter } from "../../resources/search/parameter.ts";
import { targetOf } from "../../resources/search/target.ts";
import { addressOf, type Address } from "../keys.ts";

/** `Type/id`. */
export const nameOf = ({
  resourceType,
  id,
}: Pick<Resource, "resourceType"> & { readonly id: string }): string =>
  `${resourceType}/${id}`;

/** What a resource refers to on this server by the parameter, as `Type/id`. */
export const namesAt = (
  resource: Resource,
  parameter: Parameter,
): readonly string[] =>
  valuesOf(resource, parameter).flatMap((found) => {
    const { type, id, absolute } = targetOf(referenceText(found) ?? "");
    return type === undefined || id === undefined || absolute
      ? []
      : [`${type}/${id}`];
  });

/** The addresses that names stand for, each once; what cannot be ours is left out. */
export const addressesOf = (names: Iterable<string>): readonly Address[] =>
  [...new Set(names)].flatMap((name) => {
    const [type = "", id = ""] = name.split("/");
    return isKnown(type) ? (addressOf(type, id) ?? []) : [];
  });
