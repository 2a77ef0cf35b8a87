import type { OperationOutcome } from "@medplum/fhirtypes";
import { isKnown } from "../../resources/all.ts";
import { rangeOf } from "../../resources/dates.ts";
import type { KnownType } from "../../resources/declaration.ts";
import type { Reply, Request } from "../../runtime/http.ts";
import type {
  EverythingEntry,
  EverythingPage,
} from "../../store/everything.ts";
import type { EverythingQuestion } from "../../store/everything-cursor.ts";
import type { FhirDeps } from "./answers.ts";
import {
  operationParameters,
  type OperationParameters,
} from "./operation-parameters.ts";
import { invalid } from "./parameters.ts";

/** A searchset of stored resources. The next page's address holds a cursor and none of what was asked. */
export const answerEverything = async (
  { records }: Pick<FhirDeps, "records">,
  request: Pick<Request, "method" | "params" | "query" | "text" | "context">,
  base: string,
): Promise<Reply> => {
  const { id = "" } = request.params;
  const given = operationParameters(request, [
    "start",
    "end",
    "_since",
    "_type",
    "_count",
    "_cursor",
  ]);
  const asked = questionFrom(given);
  const page = await records.everything(request.context, id, asked);
  const address = `${base}/Patient/${id}/$everything`;
  const isFirst = !("cursor" in asked);
  const link = [
    {
      relation: "self",
      url: request.method === "GET" ? withQuery(address, given) : address,
    },
    ...(page.next === undefined
      ? []
      : [
          {
            relation: "next",
            url: withQuery(address, [["_cursor", page.next]]),
          },
        ]),
  ];
  return { status: 200, json: bundleText(page, link, base, isFirst) };
};

/** Reads what is asked. Throws 400 naming the wrong parameter. */
const questionFrom = (
  given: OperationParameters,
): EverythingQuestion | { readonly cursor: string } => {
  const one = (name: string): string | undefined => {
    const values = given.filter(([key]) => key === name);
    if (values.length > 1) throw invalid(name, `${name} may be given once.`);
    return values[0]?.[1];
  };
  const date = (name: string): string | undefined => {
    const text = one(name);
    if (text !== undefined && rangeOf(text) === undefined)
      throw invalid(name, `${name} must be a FHIR date, such as 2026-03-01.`);
    return text;
  };
  const cursor = one("_cursor");
  if (cursor !== undefined) {
    if (given.length > 1)
      throw invalid("_cursor", "A next link is followed as it is.");
    return { cursor };
  }
  const [start, end, since] = [date("start"), date("end"), date("_since")];
  const count = one("_count");
  if (count !== undefined && !/^[1-9]\d{0,8}$/.test(count))
    throw invalid("_count", "_count must be a whole number from 1.");
  const types = typesIn(given);
  return {
    ...(start !== undefined && { start }),
    ...(end !== undefined && { end }),
    ...(since !== undefined && {
      since: new Date(rangeOf(since)?.from ?? 0).toISOString(),
    }),
    ...(types.length > 0 && { types }),
    ...(count !== undefined && { count: Number(count) }),
  };
};

const typesIn = (given: OperationParameters): readonly KnownType[] =>
  given
    .filter(([name]) => name === "_type")
    .flatMap(([, value]) => value.split(","))
    .map((name) => {
      const type = name.trim();
      if (!isKnown(type))
        throw invalid(
          "_type",
          "_type lists resource types that this server keeps; GET metadata names them.",
        );
      return type;
    });

const withQuery = (address: string, params: OperationParameters): string =>
  params.length === 0
    ? address
    : `${address}?${params.map(([name, value]) => `${encodeURIComponent(name)}=${encodeURIComponent(value)}`).join("&")}`;

/** The stored texts go into the answer as they are, which spares parsing and writing them. */
const bundleText = (
  { entries, withheld, total }: EverythingPage,
  link: readonly { readonly relation: string; readonly url: string }[],
  base: string,
  isFirst: boolean,
): string => {
  const head = JSON.stringify({
    resourceType: "Bundle",
    type: "searchset",
    ...(total !== undefined && { total }),
    link,
  });
  const all = [
    ...entries.map((entry) => entryText(entry, base)),
    ...(isFirst && withheld.length > 0
      ? [
          JSON.stringify({
            resource: leftOut(withheld),
            search: { mode: "outcome" },
          }),
        ]
      : []),
  ];
  return all.length === 0
    ? head
    : `${head.slice(0, -1)},"entry":[${all.join(",")}]}`;
};

const entryText = (
  { address: { type, id }, mode, text }: EverythingEntry,
  base: string,
): string =>
  `{"fullUrl":${JSON.stringify(`${base}/${type}/${id}`)},"resource":${text},"search":{"mode":"${mode}"}}`;

const leftOut = (types: readonly KnownType[]): OperationOutcome => ({
  resourceType: "OperationOutcome",
  issue: [
    {
      severity: "information",
      code: "suppressed",
      details: {
        text: `Not permitted to this caller and left out: ${types.join(", ")}.`,
      },
    },
  ],
});
