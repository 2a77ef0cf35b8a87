import type { Context } from "../../core/caller.ts";
import { Fault } from "../../core/fault.ts";
import type { KnownType } from "../../resources/declaration.ts";
import type { Kept, Stored, Work } from "../../store/records.ts";

/** `If-None-Exist` on create: the one match, or undefined when there is none. Throws 412 for several, 400 for other criteria. */
export const existing = async (
  work: Work,
  type: KnownType,
  ifNoneExist: string | undefined,
): Promise<Stored<Kept> | undefined> => {
  if (ifNoneExist === undefined) return undefined;
  const [pair, ...more] = [
    ...new URLSearchParams(ifNoneExist.replace(/^.*\?/, "")),
  ];
  const [, system, value] =
    /^([^|]*)\|(.+)$/.exec(pair?.[0] === "identifier" ? pair[1] : "") ?? [];
  if (system === undefined || value === undefined || more.length > 0) {
    throw new Fault(
      "InvalidRequest",
      400,
      "A conditional create is decided by identifier=system|value alone.",
      { code: "not-supported", expression: ["If-None-Exist"] },
    );
  }
  const found = await work.byIdentifier(type, system, value);
  if (found.length > 1)
    throw new Fault(
      "ManyMatches",
      412,
      "More than one resource has this identifier.",
      { code: "multiple-matches" },
    );
  return found[0];
};

/** To delete what is deleted is harmless. */
export const unlessGone = (error: unknown): void => {
  if (!(error instanceof Fault && error.status === 410)) throw error;
};

/** The resource of an update, its id checked against the address. Throws 400. */
export const identified = (
  resource: Kept,
  id: string,
): Kept & { id: string } => {
  if (resource.id !== id)
    throw new Fault(
      "InvalidRequest",
      400,
      "The resource's id must be the one of the address.",
      { expression: [`${resource.resourceType}.id`] },
    );
  return resource as Kept & { id: string };
};

/** Contexts in which the clinic's own API acts; nothing of the request's text goes in. */
export const forOperation = (
  context: Context,
  operation: NonNullable<Context["operation"]>,
): Context => ({ ...context, operation });
