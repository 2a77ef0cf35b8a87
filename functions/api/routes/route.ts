import type * as z from "zod";
import type { Caller } from "../../core/caller.ts";
import type { Action, ServiceAction } from "../../core/permission.ts";

export type Method = "GET" | "HEAD" | "POST" | "PUT" | "PATCH" | "DELETE";

export interface Route {
  /** The function that answers. */
  readonly area: "fhir" | "bulk" | "engagement" | "privacy";
  /** What the policies call it. */
  readonly action: Action | ServiceAction;
  /** One sentence for the API's document. */
  readonly summary: string;
  /** Kinds of caller that may come here at all; `anyone` needs no token. Permission on the resource comes after. */
  readonly callers: readonly Caller["kind"][] | "anyone";
  readonly body?: z.ZodType;
  readonly response?: z.ZodType;
  /** Where its path fits, no route answers that has a parameter instead of its literals. */
  readonly alone?: true;
  /** Does not count as activity of the caller's session. */
  readonly passive?: true;
  /** Bodies of any content type come and go, not only JSON. */
  readonly bytes?: true;
  /** Answers plain JSON, though under /fhir. */
  readonly plain?: true;
  readonly success: 200 | 201 | 202 | 204;
  /** Other answers that are no failure. */
  readonly also?: readonly (200 | 201 | 202 | 304)[];
}

export type Routes = Readonly<Record<`${Method} /${string}`, Route>>;

/** Everybody who signs in. */
export const people = ["patient", "staff", "client"] as const;
/** Who cares for patients. */
export const care = ["staff", "client"] as const;
