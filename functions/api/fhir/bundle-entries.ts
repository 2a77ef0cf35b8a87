import type { Bundle, BundleEntry } from "@medplum/fhirtypes";
import { Fault } from "../../core/fault.ts";
import { declarations, isKnown } from "../../resources/all.ts";
import type { KnownType } from "../../resources/declaration.ts";

/** An entry of a batch or transaction, its request understood. */
export interface Entry {
  readonly index: number;
  readonly method: string;
  readonly type: KnownType;
  readonly id: string | undefined;
  /** Of a search, and of a conditional update, patch or delete. */
  readonly criteria: readonly (readonly [string, string])[] | undefined;
  readonly fullUrl: string | undefined;
  readonly resource: unknown;
  readonly ifMatch: string | undefined;
  readonly ifNoneExist: string | undefined;
}

const mostEntries = 500;
export const order = ["DELETE", "POST", "PUT", "PATCH", "GET"];

/** Throws 400, or TooCostly (413). */
export const checked = (input: unknown): Bundle => {
  const bundle = input as Partial<Bundle> | null;
  if (typeof bundle !== "object" || bundle?.resourceType !== "Bundle")
    throw invalid("The body must be a Bundle.", "Bundle");
  if (bundle.type !== "batch" && bundle.type !== "transaction")
    throw invalid("Only batch and transaction bundles are run.", "Bundle.type");
  if (bundle.entry !== undefined && !Array.isArray(bundle.entry))
    throw invalid("Bundle.entry is a list.", "Bundle.entry");
  if ((bundle.entry?.length ?? 0) > mostEntries) {
    throw new Fault(
      "TooCostly",
      413,
      `A bundle may have ${String(mostEntries)} entries, a transaction about 95 creates. Split it, or use the bulk import (POST /v1/imports).`,
      { code: "too-costly" },
    );
  }
  return bundle as Bundle;
};

export const invalid = (text: string, expression: string): Fault =>
  new Fault("InvalidRequest", 400, text, { expression: [expression] });

/** Throws 400 naming the entry. */
export const parsed = (
  entry: BundleEntry | null,
  index: number,
  base: string,
): Entry => {
  const at = `Bundle.entry[${String(index)}]`;
  const { request } = entry ?? {};
  if (typeof request?.url !== "string" || typeof request.method !== "string")
    throw invalid(
      "Every entry needs a request with method and url.",
      `${at}.request`,
    );
  const { ifMatch, ifNoneExist } = request;
  const fullUrl = entry?.fullUrl;
  const odd = Object.entries({ ifMatch, ifNoneExist, fullUrl }).find(
    ([, value]) => value !== undefined && typeof value !== "string",
  );
  if (odd !== undefined)
    throw invalid("This must be a text.", `${at}.${odd[0]}`);
  const url = (
    request.url.startsWith(`${base}/`)
      ? request.url.slice(base.length)
      : request.url
  ).replace(/^\//, "");
  const [path = "", ...rest] = url.split("?");
  const query = rest.length === 0 ? undefined : rest.join("?");
  const [type = "", id, ...more] = path.split("/");
  if (!order.includes(request.method))
    throw invalid(
      `An entry's method is one of ${order.join(", ")}.`,
      `${at}.request.method`,
    );
  if (
    more.length > 0 ||
    (request.method === "POST" && id !== undefined) ||
    (isChange(request.method) && id === undefined && query === undefined) ||
    (isChange(request.method) && id !== undefined && query !== undefined)
  ) {
    throw new Fault(
      "InvalidRequest",
      400,
      "An entry's url is Type, Type/id or Type?criteria.",
      { code: "not-supported", expression: [`${at}.request.url`] },
    );
  }
  if (!isKnown(type))
    throw new Fault(
      "UnknownType",
      404,
      "This server does not keep this resource type; GET metadata lists those it keeps.",
      { code: "not-supported", expression: [`${at}.request.url`] },
    );
  return {
    index,
    method: request.method,
    type,
    id,
    criteria:
      request.method !== "POST" && id === undefined
        ? [...new URLSearchParams(query)]
        : undefined,
    fullUrl,
    resource: entry?.resource,
    ifMatch,
    ifNoneExist,
  };
};

const isChange = (method: string): boolean =>
  method === "PUT" || method === "PATCH" || method === "DELETE";

/** What others are filed under comes first: a patient's key must be there before the patient's resources. */
export const stage = ({ type }: Entry): number => {
  const { home, homeByResource } = declarations[type];
  if (homeByResource === true || home === "schedule") return 2;
  return home === "self" || home === "directory" ? 0 : 1;
};

/** A fault names the entry it comes from. */
export const located = async <T>(
  index: number,
  run: () => Promise<T>,
): Promise<T> => {
  try {
    return await run();
  } catch (error) {
    if (!(error instanceof Fault)) throw error;
    const issues = error.issues.map((issue) => ({
      ...issue,
      expression: (issue.expression ?? ["resource"]).map(
        (place) => `Bundle.entry[${String(index)}].${place}`,
      ),
    }));
    throw new Fault(error.name, error.status, error.message, {
      code: error.code,
      issues,
      cause: error,
      ...(error.policy !== undefined && { policy: error.policy }),
    });
  }
};
