import { Fault } from "../../core/fault.ts";
import type { KnownType } from "../../resources/declaration.ts";
import type { Kept, Stored, Work } from "../../store/records.ts";

type Pairs = readonly (readonly [string, string])[];

/** The criteria of `If-None-Exist`, with or without `Type?` before them. */
export const criteriaFrom = (text: string): Pairs => [
  ...new URLSearchParams(text.replace(/^(?:[A-Z][A-Za-z]*)?\?/, "")),
];

/**
 * The one resource that a conditional interaction means, undefined when there is none. Throws 412 for several or without
 * criteria, 400 for criteria that are unknown or would match too much.
 */
export const theMatch = async (
  work: Work,
  type: KnownType,
  criteria: Pairs,
): Promise<Stored<Kept> | undefined> => {
  const asked = criteria.filter(([name]) => name !== "_format");
  if (asked.length === 0)
    throw new Fault(
      "WithoutCriteria",
      412,
      "A conditional interaction needs search criteria, such as identifier=system|value.",
    );
  const [first, ...more] = await work.search(type, asked, 2);
  if (more.length > 0)
    throw new Fault(
      "ManyMatches",
      412,
      `More than one ${type} answers to the criteria. Add what tells them apart.`,
      { code: "multiple-matches" },
    );
  return first;
};

/** What is created because nothing matched: no other request creates for the same criteria at the same time. */
export const onlyOnce = (
  work: Work,
  type: KnownType,
  criteria: Pairs,
): Promise<void> =>
  work.exclude(
    `${type}?${criteria
      .map(([name, value]) => `${name}=${value}`)
      .toSorted()
      .join("&")}`,
  );
