import type { Bundle, BundleEntry } from "@medplum/fhirtypes";
import { Fault } from "../../core/fault.ts";
import type { Reply, Request } from "../../runtime/http.ts";
import type { HistoryPage } from "../../store/records.ts";
import { baseOf, type FhirDeps } from "./answers.ts";
import { etag, knownType } from "./exchange.ts";

type HistoryDeps = Pick<FhirDeps, "records">;

export const changes = async (
  { records }: HistoryDeps,
  request: Request,
): Promise<Reply> => {
  const { type } = request.params;
  const asked = pageAsked(request.query);
  return answer(
    request,
    asked,
    await records.changes(request.context, {
      ...asked,
      ...(type !== undefined && { type: knownType(type) }),
    }),
  );
};

export const versions = async (
  { records }: HistoryDeps,
  request: Request,
): Promise<Reply> => {
  const { type = "", id = "" } = request.params;
  const asked = pageAsked(request.query);
  return answer(
    request,
    asked,
    await records.history(request.context, knownType(type), id, asked),
  );
};

interface PageAsked {
  readonly count: number;
  readonly cursor?: string;
  readonly since?: Date;
}

const most = 200;
const usual = 50;

/** Throws 400. */
const pageAsked = (params: Request["query"]): PageAsked => {
  const query = new Map(params);
  const count = query.get("_count") ?? String(usual);
  const since = query.get("_since");
  const cursor = query.get("_cursor");
  if (!/^\d{1,9}$/.test(count) || Number(count) < 1)
    throw wrong("_count", "is a whole number from 1");
  if (since !== undefined && !isInstant(since))
    throw wrong("_since", "is an instant, such as 2026-01-31T09:00:00Z");
  return {
    count: Math.min(most, Number(count)),
    ...(cursor !== undefined && { cursor }),
    ...(since !== undefined && { since: new Date(since) }),
  };
};

const isInstant = (text: string): boolean =>
  /^\d{4}-\d{2}-\d{2}(T\d{2}:\d{2}(:\d{2}(\.\d{1,9})?)?(Z|[+-]\d{2}:\d{2}))?$/.test(
    text,
  ) && !Number.isNaN(Date.parse(text));

const wrong = (name: string, rule: string): Fault =>
  new Fault("InvalidRequest", 400, `${name} ${rule}.`, { expression: [name] });

const answer = (
  request: Request,
  { count, since }: PageAsked,
  { entries, next }: HistoryPage,
): Reply => {
  const base = baseOf(request);
  const path = Object.values(request.params).map((part) => `${part}/`);
  const address = `${base}/${path.join("")}_history`;
  const asked = `_count=${String(count)}${since === undefined ? "" : `&_since=${encodeURIComponent(since.toISOString())}`}`;
  const body: Bundle = {
    resourceType: "Bundle",
    type: "history",
    link: [
      { relation: "self", url: `${address}?${asked}` },
      ...(next === undefined
        ? []
        : [
            {
              relation: "next",
              url: `${address}?${asked}&_cursor=${next}`,
            },
          ]),
    ],
    ...(entries.length > 0 && {
      entry: entries.map((entry) => entryOf(base, entry)),
    }),
  };
  return { status: 200, body };
};

const entryOf = (
  base: string,
  {
    type,
    id,
    version,
    updated,
    deleted,
    resource,
  }: HistoryPage["entries"][number],
): BundleEntry => {
  const isFirst = version === "1";
  return {
    fullUrl: `${base}/${type}/${id}`,
    ...(resource !== undefined && { resource }),
    request: {
      method: deleted ? "DELETE" : isFirst ? "POST" : "PUT",
      url: isFirst ? type : `${type}/${id}`,
    },
    response: {
      status: deleted ? "204" : isFirst ? "201" : "200",
      etag: etag(version),
      lastModified: updated,
    },
  };
};
