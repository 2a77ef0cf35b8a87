import type { Bundle } from "@medplum/fhirtypes";
import { Fault } from "../../core/fault.ts";
import { isUlid } from "../../core/ids.ts";
import { rangeOf } from "../../resources/dates.ts";
import type { Request } from "../../runtime/http.ts";
import type { AuditQuestion } from "../../store/audit.ts";
import type { Fact } from "../../store/facts.ts";
import { baseOf, type Answer, type FhirDeps } from "./answers.ts";
import { actionOf, auditEvent } from "./audit-event.ts";
import { formParams } from "./searching.ts";

type Pairs = readonly (readonly [string, string])[];

export const auditSearch = ({
  records,
  organization,
  now,
}: FhirDeps): Readonly<Record<"search" | "searchPosted" | "read", Answer>> => {
  const found = async (request: Request, asked: Pairs, posted: boolean) => {
    const criteria = asked.filter(([name]) => !paging.includes(name));
    const { facts, next } = await records.audit(
      request.context,
      questionFrom(asked, now()),
    );
    const address = `${baseOf(request)}/AuditEvent`;
    const told = posted ? `${address}/_search` : address;
    const link = (params: Pairs): string =>
      params.length === 0
        ? told
        : `${told}?${params.map((pair) => pair.map(encodeURIComponent).join("=")).join("&")}`;
    const body: Bundle = {
      resourceType: "Bundle",
      type: "searchset",
      link: [
        { relation: "self", url: posted ? told : link(criteria) },
        ...(next === undefined
          ? []
          : [
              {
                relation: "next",
                url: link([...(posted ? [] : criteria), ["_cursor", next]]),
              },
            ]),
      ],
      ...(facts.length > 0 && {
        entry: facts
          .map((fact) => auditEvent(fact, organization.slug))
          .map((resource) => ({
            fullUrl: `${address}/${resource.id ?? ""}`,
            resource,
            search: { mode: "match" as const },
          })),
      }),
    };
    return { status: 200, body };
  };
  return {
    search: (request) => found(request, request.query, false),
    searchPosted: (request) =>
      found(request, [...formParams(request.text), ...request.query], true),
    read: async ({ params, context }) => {
      const fact = await records.auditEntry(context, params.id ?? "");
      return {
        status: 200,
        headers: {
          etag: 'W/"1"',
          "last-modified": new Date(fact.at).toUTCString(),
        },
        body: auditEvent(fact, organization.slug),
      };
    },
  };
};

const paging = ["_cursor"];
const mostParameters = 100;
const longest = 31 * 86_400_000;

/** Throws 400: what is not understood would make the trail look shorter than it is. */
const questionFrom = (asked: Pairs, now: Date): AuditQuestion => {
  const stretch = { from: 0, to: now.getTime() + 60_000 };
  const tests: ((fact: Fact) => boolean)[] = [];
  let [patient, cursor, count]: (string | undefined)[] = [];
  if (asked.length > mostParameters)
    throw new Fault(
      "TooCostly",
      400,
      `A search takes at most ${String(mostParameters)} parameters.`,
      { code: "too-costly" },
    );
  for (const [name, value] of asked) {
    switch (name) {
      case "patient":
        patient = patientFrom(value);
        break;
      case "date":
        narrow(stretch, value);
        break;
      case "agent":
      case "agent:identifier": {
        const agents = new Set(
          value.split(",").map((one) => agentFrom(name, one)),
        );
        tests.push(({ by }) => agents.has(by));
        break;
      }
      case "action": {
        const actions = value.split(",");
        if (actions.some((one) => !/^[CRUDE]$/.test(one)))
          throw malformed(name, "C, R, U, D or E");
        tests.push((fact) => actions.includes(actionOf(fact)));
        break;
      }
      case "entity": {
        const entities = new Set(value.split(",").map(resourceFrom));
        tests.push(
          ({ patient: about, changes }) =>
            entities.has(`Patient/${about ?? ""}`) ||
            changes.some(({ type, id }) => entities.has(`${type}/${id}`)),
        );
        break;
      }
      case "_count":
        count = /^\d{1,4}$/.exec(value)?.[0];
        if (count === undefined) throw malformed(name, "a number");
        break;
      case "_cursor":
        cursor = value;
        break;
      case "_format":
        break;
      default:
        throw new Fault(
          "UnknownParameter",
          400,
          "AuditEvent is searched by patient, date, agent, agent:identifier, action, entity and _count.",
          { code: "not-supported" },
        );
    }
  }
  if (patient === undefined && stretch.to - stretch.from > longest)
    throw new Fault(
      "TooCostly",
      400,
      "Name a patient, or dates that span at most 31 days (date=ge2026-01-01&date=lt2026-02-01).",
      { code: "too-costly", expression: ["patient", "date"] },
    );
  return {
    ...(patient !== undefined && { patient }),
    ...stretch,
    keeps: (fact) => tests.every((test) => test(fact)),
    count: Math.min(200, Math.max(1, Number(count ?? 50))),
    ...(cursor !== undefined && { cursor }),
  };
};

const patientFrom = (value: string): string => {
  const id = value.replace(/^(.*\/)?Patient\//, "");
  if (!isUlid(id)) throw malformed("patient", "Patient/id or an id");
  return id;
};

/** As facts name who acts: `staff:r.diaz`. */
const agentFrom = (name: string, value: string): string => {
  if (name === "agent") return `patient:${patientFrom(value)}`;
  const [, kind = "", id = ""] =
    /^urn:sojourn:(staff|client|system)\|(.+)$/.exec(value) ?? [];
  if (id === "")
    throw malformed(
      name,
      "urn:sojourn:staff|id, urn:sojourn:client|id or urn:sojourn:system|name",
    );
  return `${kind}:${id}`;
};

const resourceFrom = (value: string): string => {
  const name = value.split("/").slice(-2).join("/");
  if (!/^[A-Z][A-Za-z]+\/[A-Za-z0-9.-]{1,64}$/.test(name))
    throw malformed("entity", "Type/id");
  return name;
};

const narrow = (stretch: { from: number; to: number }, value: string): void => {
  const [, prefix = "eq", text = ""] =
    /^(eq|ge|gt|le|lt|sa|eb)?(.+)$/.exec(value) ?? [];
  const range = rangeOf(text, true);
  if (range === undefined)
    throw malformed("date", "a date, with eq, ge, gt, le, lt, sa or eb");
  const from = { eq: range.from, ge: range.from, gt: range.to, sa: range.to };
  const to = { eq: range.to, le: range.to, lt: range.from, eb: range.from };
  if (prefix in from)
    stretch.from = Math.max(stretch.from, from[prefix as keyof typeof from]);
  if (prefix in to)
    stretch.to = Math.min(stretch.to, to[prefix as keyof typeof to]);
};

const malformed = (name: string, expected: string): Fault =>
  new Fault("InvalidParameter", 400, `The value must be ${expected}.`, {
    code: "value",
    expression: [name],
  });
