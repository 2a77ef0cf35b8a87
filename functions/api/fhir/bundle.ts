import type { Bundle, BundleEntry } from "@medplum/fhirtypes";
import type { Context } from "../../core/caller.ts";
import { Fault } from "../../core/fault.ts";
import type { Deps } from "../../runtime/dependencies.ts";
import type { Reply } from "../../runtime/http.ts";
import { operationOutcome } from "../../runtime/problem.ts";
import type { Work } from "../../store/records.ts";
import { notFound } from "../../store/work.ts";
import { answered, statusLine } from "./bundle-answers.ts";
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
import { existing, identified, unlessGone } from "./writing.ts";

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
          entry: await batch(deps, context, base, bundle.entry ?? []),
        }
      : {
          resourceType: "Bundle",
          type: "transaction-response",
          entry: await transaction(deps, context, base, bundle.entry ?? []),
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
  const reads = entries.filter(({ method }) => method === "GET");
  const searches = reads.filter(({ search }) => search !== undefined);
  const search = (entry: Entry) =>
    located(entry.index, () => got(deps, context, base, entry));
  // A search that cannot be answered is found out before anything is written.
  if (writes.length > 0) for (const entry of searches) await search(entry);
  const answers = await deps.records.change(context, async (work) => {
    const { reserved, found, rewrite } = await named(work, writes);
    const results = new Map<number, BundleEntry>();
    for (const entry of writes.toSorted(
      (one, other) =>
        order.indexOf(one.method) - order.indexOf(other.method) ||
        stage(one) - stage(other) ||
        one.index - other.index,
    )) {
      const { index } = entry;
      const match = found.get(index);
      const resource = rewrite(entry.resource);
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
    for (const { index, type, id, search: criteria } of reads)
      if (criteria === undefined)
        results.set(
          index,
          await located(index, async () => {
            const resource = await work.read(type, id ?? "");
            if (resource === undefined) throw notFound(type);
            return answered(base, resource, "200");
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
  return answered(base, resource, "200");
};
