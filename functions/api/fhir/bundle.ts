import type { Bundle, BundleEntry, Resource } from "@medplum/fhirtypes";
import type { Context } from "../../core/caller.ts";
import { Fault } from "../../core/fault.ts";
import { declarations } from "../../resources/all.ts";
import type { KnownType } from "../../resources/declaration.ts";
import type { Deps } from "../../runtime/dependencies.ts";
import type { Reply } from "../../runtime/http.ts";
import { operationOutcome } from "../../runtime/problem.ts";
import type { Kept, Stored, Work } from "../../store/records.ts";
import {
  etag,
  knownType,
  nameOf,
  resourceFrom,
  versionFrom,
} from "./exchange.ts";
import { searchset } from "./searching.ts";
import { existing, identified, unlessGone } from "./writing.ts";

type BundleDeps = Pick<Deps, "records" | "organization" | "log">;

interface Entry {
  readonly index: number;
  readonly method: string;
  readonly type: KnownType;
  readonly id: string | undefined;
  readonly search: readonly (readonly [string, string])[] | undefined;
  readonly fullUrl: string | undefined;
  readonly resource: unknown;
  readonly ifMatch: string | undefined;
  readonly ifNoneExist: string | undefined;
}

const mostEntries = 500;
const order = ["DELETE", "POST", "PUT", "GET"];

/** Runs a batch (each entry for itself) or a transaction (all or nothing); the answers stand in the order of the entries. */
export const runBundle = async (
  deps: BundleDeps,
  context: Context,
  base: string,
  input: unknown,
): Promise<Reply> => {
  const bundle = checked(input);
  const body: Bundle =
    bundle.type === "batch"
      ? {
          resourceType: "Bundle",
          type: "batch-response",
          entry: await batch(deps, context, base, bundle.entry ?? []),
        }
      : {
          resourceType: "Bundle",
          type: "transaction-response",
          entry: await transaction(deps, context, base, bundle.entry ?? []),
        };
  return { status: 200, body };
};

const checked = (input: unknown): Bundle => {
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
      `A bundle may have ${String(mostEntries)} entries, a transaction about 95 creates. Split it, or use the bulk import.`,
      { code: "too-costly" },
    );
  }
  return bundle as Bundle;
};

const invalid = (text: string, expression: string): Fault =>
  new Fault("InvalidRequest", 400, text, { expression: [expression] });

const parsed = (
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
  const url = request.url.replace(`${base}/`, "").replace(/^\//, "");
  const [path = "", query] = url.split("?", 2);
  const [type = "", id, ...more] = path.split("/");
  if (!order.includes(request.method))
    throw invalid(
      `An entry's method is one of ${order.join(", ")}.`,
      `${at}.request.method`,
    );
  if (
    more.length > 0 ||
    (request.method === "POST" && id !== undefined) ||
    ((request.method === "PUT" || request.method === "DELETE") &&
      (id === undefined || query !== undefined))
  ) {
    throw new Fault(
      "InvalidRequest",
      400,
      "An entry's url is Type, Type/id or, to read, Type?criteria.",
      { code: "not-supported", expression: [`${at}.request.url`] },
    );
  }
  return {
    index,
    method: request.method,
    type: knownType(type),
    id,
    search:
      request.method === "GET" && id === undefined
        ? [...new URLSearchParams(query)]
        : undefined,
    fullUrl,
    resource: entry?.resource,
    ifMatch,
    ifNoneExist,
  };
};

const batch = async (
  deps: BundleDeps,
  context: Context,
  base: string,
  entries: readonly BundleEntry[],
): Promise<BundleEntry[]> => {
  const answers: BundleEntry[] = [];
  for (const [index, raw] of entries.entries()) {
    try {
      const entry = parsed(raw, index, base);
      answers.push(
        entry.method === "GET"
          ? await got(deps, context, base, entry)
          : await deps.records.change(context, (work) =>
              changed(work, base, entry),
            ),
      );
    } catch (error) {
      const fault =
        error instanceof Fault
          ? error
          : new Fault(
              "Unexpected",
              503,
              "Something went wrong on our side with this entry; it was not written.",
            );
      if (!(error instanceof Fault))
        deps.log.error(
          "RequestFailed",
          { requestId: context.requestId },
          error,
        );
      answers.push({
        response: {
          status: statusLine(fault.status),
          outcome: operationOutcome(fault),
        },
      });
    }
  }
  return answers;
};

const transaction = async (
  deps: BundleDeps,
  context: Context,
  base: string,
  raw: readonly BundleEntry[],
): Promise<BundleEntry[]> => {
  const entries = raw.map((entry, index) => parsed(entry, index, base));
  const writes = entries.filter(({ method }) => method !== "GET");
  const twice = writes.find(
    ({ type, id }, index) =>
      id !== undefined &&
      writes.findIndex((other) => other.type === type && other.id === id) !==
        index,
  );
  if (twice !== undefined)
    throw invalid(
      "A transaction may change a resource once.",
      `Bundle.entry[${String(twice.index)}]`,
    );
  const answers = new Map<number, BundleEntry>();
  if (writes.length > 0) {
    const done = await deps.records.change(context, async (work) => {
      const { reserved, found, rewrite } = await named(work, writes);
      const results = new Map<number, BundleEntry>();
      for (const entry of writes.toSorted(
        (one, other) =>
          order.indexOf(one.method) - order.indexOf(other.method) ||
          stage(one) - stage(other) ||
          one.index - other.index,
      )) {
        const match = found.get(entry.index);
        const resource = rewrite(entry.resource);
        results.set(
          entry.index,
          await located(entry.index, () =>
            match !== undefined
              ? Promise.resolve(answered(base, match, "200"))
              : changed(
                  work,
                  base,
                  { ...entry, resource, ifNoneExist: undefined },
                  reserved.get(entry.index),
                ),
          ),
        );
      }
      return results;
    });
    for (const [index, answer] of done) answers.set(index, answer);
  }
  for (const entry of entries.filter(({ method }) => method === "GET"))
    answers.set(
      entry.index,
      await located(entry.index, () => got(deps, context, base, entry)),
    );
  return entries.map(({ index }) => answers.get(index) ?? {});
};

/** A fault names the entry it comes from. */
const located = async <T>(index: number, run: () => Promise<T>): Promise<T> => {
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
    });
  }
};

/** Ids for all creates, those others refer to first, and a function that puts them in place of `fullUrl`s. */
const named = async (work: Work, entries: readonly Entry[]) => {
  const ids = new Map<string, string>();
  const reserved = new Map<number, string>();
  const found = new Map<number, Stored<Kept>>();
  for (const { fullUrl, method, type, id } of entries)
    if (method === "PUT" && fullUrl !== undefined && id !== undefined)
      ids.set(fullUrl, `${type}/${id}`);
  const creates = entries.filter(({ method }) => method === "POST");
  for (const { index, type, ifNoneExist, fullUrl } of creates) {
    const match = await located(index, () => existing(work, type, ifNoneExist));
    if (match === undefined) continue;
    found.set(index, match);
    if (fullUrl !== undefined) ids.set(fullUrl, nameOf(match));
  }
  const rewrite = (resource: unknown): unknown => rewritten(resource, ids);
  for (const entry of creates
    .filter(({ index }) => !found.has(index))
    .toSorted((one, other) => stage(one) - stage(other))) {
    const { index, type, fullUrl } = entry;
    await located(index, () => {
      const id = work.reserve(resourceFrom(rewrite(entry.resource), type));
      reserved.set(index, id);
      if (fullUrl !== undefined) ids.set(fullUrl, `${type}/${id}`);
      return Promise.resolve();
    });
  }
  return { reserved, found, rewrite };
};

/** What others are filed under comes first: a patient's key must be there before the patient's resources. */
const stage = ({ type }: Entry): number => {
  const { home } = declarations[type];
  return home === "self" || home === "directory"
    ? 0
    : home === "schedule"
      ? 2
      : 1;
};

const rewritten = (
  value: unknown,
  ids: ReadonlyMap<string, string>,
): unknown => {
  if (Array.isArray(value)) return value.map((each) => rewritten(each, ids));
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).map(([name, each]) => [
      name,
      typeof each === "string" &&
      (name === "reference" || name.endsWith("Uri") || name === "url")
        ? (ids.get(each) ?? each)
        : rewritten(each, ids),
    ]),
  );
};

const changed = async (
  work: Work,
  base: string,
  entry: Entry,
  reserved?: string,
): Promise<BundleEntry> => {
  const { method, type, id = "" } = entry;
  if (method === "DELETE") {
    await work.remove(type, id, ifVersion(entry.ifMatch)).catch(unlessGone);
    return { response: { status: statusLine(204) } };
  }
  const resource = resourceFrom(entry.resource, type);
  if (method === "PUT")
    return answered(
      base,
      await work.update(identified(resource, id), ifVersion(entry.ifMatch)),
      "200",
    );
  const match = await existing(work, type, entry.ifNoneExist);
  if (match !== undefined) return answered(base, match, "200");
  return answered(
    base,
    await work.create(resource, reserved === undefined ? {} : { reserved }),
    "201",
  );
};

const ifVersion = (ifMatch: string | undefined): { ifVersion?: string } => {
  const version = versionFrom(ifMatch);
  return version === undefined ? {} : { ifVersion: version };
};

const got = async (
  deps: BundleDeps,
  context: Context,
  base: string,
  { type, id, search }: Entry,
): Promise<BundleEntry> => {
  if (search !== undefined) {
    const resource = await searchset(deps, context, {
      type,
      params: search,
      prefer: undefined,
      base,
      posted: false,
    });
    return { resource, response: { status: statusLine(200) } };
  }
  const resource = await deps.records.read(context, type, id ?? "");
  return { ...answered(base, resource, "200"), resource: resource as Resource };
};

const answered = (
  base: string,
  resource: Stored<Kept>,
  status: "200" | "201",
): BundleEntry => ({
  fullUrl: `${base}/${nameOf(resource)}`,
  resource,
  response: {
    status: statusLine(Number(status)),
    etag: etag(resource.meta.versionId),
    lastModified: resource.meta.lastUpdated,
    location: `${base}/${nameOf(resource)}/_history/${resource.meta.versionId}`,
  },
});

/** Importing `node:http` for its STATUS_CODES would load an HTTP client into every cold start. */
const phrases: Readonly<Record<number, string>> = {
  200: "OK",
  201: "Created",
  204: "No Content",
  304: "Not Modified",
  400: "Bad Request",
  403: "Forbidden",
  404: "Not Found",
  405: "Method Not Allowed",
  409: "Conflict",
  410: "Gone",
  412: "Precondition Failed",
  413: "Payload Too Large",
  415: "Unsupported Media Type",
  422: "Unprocessable Entity",
  500: "Internal Server Error",
  503: "Service Unavailable",
};

const statusLine = (status: number): string =>
  `${String(status)} ${phrases[status] ?? ""}`.trim();
