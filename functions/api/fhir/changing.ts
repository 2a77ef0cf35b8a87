import { Fault } from "../../core/fault.ts";
import type { KnownType } from "../../resources/declaration.ts";
import type { Kept, Stored, Work } from "../../store/records.ts";
import { criteriaFrom, onlyOnce, theMatch } from "./conditional.ts";
import { notFound } from "../../store/work.ts";

/** The resource an interaction means: by its id, or conditionally by criteria. */
export type Aim =
  | { readonly id: string }
  | { readonly criteria: readonly (readonly [string, string])[] };

export interface Changed {
  readonly status: 200 | 201;
  readonly resource: Stored<Kept>;
}

/** Create, unless `ifNoneExist` finds it there already. */
export const createOn = async (
  work: Work,
  type: KnownType,
  resource: Kept,
  {
    ifNoneExist,
    reserved,
  }: {
    readonly ifNoneExist?: string | undefined;
    readonly reserved?: string | undefined;
  } = {},
): Promise<Changed> => {
  if (ifNoneExist !== undefined) {
    const criteria = criteriaFrom(ifNoneExist);
    const match = await theMatch(work, type, criteria);
    if (match !== undefined) return { status: 200, resource: match };
    await onlyOnce(work, type, criteria);
  }
  return {
    status: 201,
    resource: await work.create(
      resource,
      reserved === undefined ? {} : { reserved },
    ),
  };
};

/** Update; conditionally it creates what is not there. Throws 400 when the resource's id is not the one aimed at. */
export const updateOn = async (
  work: Work,
  type: KnownType,
  resource: Kept,
  aim: Aim,
  options: { readonly ifVersion?: string } = {},
): Promise<Changed> => {
  if ("id" in aim)
    return {
      status: 200,
      resource: await work.update(identified(resource, aim.id), options),
    };
  const match = await theMatch(work, type, aim.criteria);
  if (match !== undefined)
    return {
      status: 200,
      resource: await work.update(
        identified({ ...resource, id: resource.id ?? match.id }, match.id),
        options,
      ),
    };
  if (resource.id !== undefined)
    throw new Fault(
      "InvalidRequest",
      400,
      "Nothing answers to the criteria, and this server gives ids itself: leave the id out to create it.",
      { expression: [`${type}.id`] },
    );
  await onlyOnce(work, type, aim.criteria);
  return { status: 201, resource: await work.create(resource) };
};

/** JSON Patch (RFC 6902). Throws 404 when nothing answers, 422 when the patch does not fit the resource. */
export const patchOn = async (
  work: Work,
  type: KnownType,
  patch: unknown,
  aim: Aim,
  options: { readonly ifVersion?: string } = {},
): Promise<Changed> => {
  const { patched } = await import("./patching.ts");
  const current =
    "id" in aim
      ? await work.demand(type, aim.id)
      : await theMatch(work, type, aim.criteria);
  if (current === undefined) throw notFound(type);
  const resource = identified(patched(current, patch), current.id);
  return { status: 200, resource: await work.update(resource, options) };
};

/** To delete what is not there is harmless. */
export const removeOn = async (
  work: Work,
  type: KnownType,
  aim: Aim,
  options: { readonly ifVersion?: string } = {},
): Promise<void> => {
  const id =
    "id" in aim ? aim.id : (await theMatch(work, type, aim.criteria))?.id;
  if (id === undefined) return;
  await work.remove(type, id, options).catch((error: unknown) => {
    if (!(error instanceof Fault && error.status === 410)) throw error;
  });
};

/** The resource of an update, its id checked against the address. Throws 400. */
const identified = (resource: Kept, id: string): Kept & { id: string } => {
  if (resource.id !== id)
    throw new Fault(
      "InvalidRequest",
      400,
      "The resource's id must be the one of the address.",
      { expression: [`${resource.resourceType}.id`] },
    );
  return resource as Kept & { id: string };
};
