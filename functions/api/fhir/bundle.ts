import type { Binary, Bundle, BundleEntry } from "@medplum/fhirtypes";
import type { Context } from "../../core/caller.ts";
import { Fault } from "../../core/fault.ts";
import type { Deps } from "../../runtime/dependencies.ts";
import type { Reply } from "../../runtime/http.ts";
import { parseJson } from "../../runtime/json.ts";
import { operationOutcome } from "../../runtime/problem.ts";
import type { Work } from "../../store/records.ts";
import { answered, fitting, statusLine } from "./bundle-answers.ts";
import {
  checked,
  invalid,
  located,
  order,
  parsed,
  stage,
  type Entry,
} from "./bundle-entries.ts";
import { named } from "./bundle-names.ts";
import { resourceFrom, versionFrom } from "./exchange.ts";
import { searchset } from "./searching.ts";
import { createOn, patchOn, removeOn, updateOn, type Aim } from "./changing.ts";

type BundleDeps = Pick<Deps, "records" | "organization" | "log">;

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
          entry: fitting(await batch(deps, context, base, bundle.entry ?? [])),
        }
      : {
          resourceType: "Bundle",
          type: "transaction-response",
          entry: fitting(
            await transaction(deps, context, base, bundle.entry ?? []),
          ),
        };
  return { status: 200, body };
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

/** One answer per entry, in their order; either all of them are written or nothing is. */
const transaction = async (
  deps: BundleDeps,
  context: Context,
  base: string,
  raw: readonly BundleEntry[],
): Promise<BundleEntry[]> => {
  const entries = raw.map((entry, index) => parsed(entry, index, base));
  const writes = entries.filter(({ method }) => method !== "GET");
  onceEach(writes);
  namedOnce(writes);
  const reads = entries.filter(({ method }) => method === "GET");
  const searches = reads.filter(({ criteria }) => criteria !== undefined);
  const search = (entry: Entry) =>
    located(entry.index, () => got(deps, context, base, entry));
  // A search that cannot be answered is found out before anything is written.
  if (writes.length > 0) for (const entry of searches) await search(entry);
  const answers = await deps.records.change(context, async (work) => {
    const { resolved, reserved, found, rewrite } = await named(
      work,
      writes,
      base,
    );
    onceEach(resolved);
    const results = new Map<number, BundleEntry>();
    for (const entry of resolved.toSorted(
      (one, other) =>
        order.indexOf(one.method) - order.indexOf(other.method) ||
        stage(one) - stage(other) ||
        one.index - other.index,
    )) {
      const { index } = entry;
      const match = found.get(index);
      const resource =
        entry.method === "PATCH" ? entry.resource : rewrite(entry.resource);
      const run = () =>
        match !== undefined
          ? Promise.resolve(answered(base, match, "200"))
          : changed(
              work,
              base,
              { ...entry, resource, ifNoneExist: undefined },
              reserved.get(index),
            );
      results.set(index, await located(index, run));
    }
    for (const { index, type, id, criteria } of reads)
      if (criteria === undefined)
        results.set(
          index,
          await located(index, async () => {
            return answered(base, await work.demand(type, id ?? ""), "200");
          }),
        );
    return results;
  });
  for (const entry of searches) answers.set(entry.index, await search(entry));
  return entries.map(({ index }) => answers.get(index) ?? {});
};

const changed = async (
  work: Work,
  base: string,
  entry: Entry,
  reserved?: string,
): Promise<BundleEntry> => {
  const { method, type, id, criteria } = entry;
  const aim: Aim = id === undefined ? { criteria: criteria ?? [] } : { id };
  if (method === "DELETE") {
    // A conditional delete that found nothing has no aim.
    if (id !== undefined || criteria !== undefined)
      await removeOn(work, type, aim, ifVersion(entry.ifMatch));
    return { response: { status: statusLine(204) } };
  }
  if (method === "PATCH") {
    const { resource } = await patchOn(
      work,
      type,
      patchIn(entry.resource),
      aim,
      ifVersion(entry.ifMatch),
    );
    return answered(base, resource, "200");
  }
  const resource = resourceFrom(entry.resource, type);
  const { status, resource: written } =
    method === "PUT"
      ? await updateOn(work, type, resource, aim, ifVersion(entry.ifMatch))
      : await createOn(work, type, resource, {
          ifNoneExist: entry.ifNoneExist,
          reserved,
        });
  return answered(base, written, status === 201 ? "201" : "200");
};

/** A JSON Patch travels in a Binary, as base64. Throws 400. */
const patchIn = (resource: unknown): unknown => {
  const { resourceType, contentType, data } = (resource ??
    {}) as Partial<Binary>;
  if (
    resourceType !== "Binary" ||
    contentType !== "application/json-patch+json" ||
    typeof data !== "string"
  )
    throw new Fault(
      "InvalidRequest",
      400,
      "A patch in a bundle is a Binary with contentType application/json-patch+json and the patch as data.",
      { code: "not-supported", expression: ["resource"] },
    );
  return parseJson(Buffer.from(data, "base64").toString("utf8"));
};

/** Throws 400 when two entries change one resource. */
const onceEach = (writes: readonly Entry[]): void => {
  const seen = new Set<string>();
  for (const { type, id, index } of writes) {
    if (id === undefined) continue;
    if (seen.has(`${type}/${id}`))
      throw invalid(
        "A transaction may change a resource once.",
        `Bundle.entry[${String(index)}]`,
      );
    seen.add(`${type}/${id}`);
  }
};

/** Throws 400 when a reference to a `fullUrl` could mean two entries. */
const namedOnce = (writes: readonly Entry[]): void => {
  const seen = new Set<string>();
  for (const { fullUrl, index } of writes) {
    if (fullUrl === undefined) continue;
    if (seen.has(fullUrl))
      throw invalid(
        "Two entries of a transaction have the same fullUrl.",
        `Bundle.entry[${String(index)}].fullUrl`,
      );
    seen.add(fullUrl);
  }
};

const ifVersion = (ifMatch: string | undefined): { ifVersion?: string } => {
  const version = versionFrom(ifMatch);
  return version === undefined ? {} : { ifVersion: version };
};

const got = async (
  deps: BundleDeps,
  context: Context,
  base: string,
  { type, id, criteria }: Entry,
): Promise<BundleEntry> => {
  if (criteria !== undefined) {
    const resource = await searchset(deps, context, {
      type,
      params: criteria,
      prefer: undefined,
      base,
      posted: false,
    });
    return { resource, response: { status: statusLine(200) } };
  }
  const resource = await deps.records.read(context, type, id ?? "");
  return answered(base, resource, "200");
};
