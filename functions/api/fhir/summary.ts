import { randomUUID } from "node:crypto";
import type { Patient, Resource } from "@medplum/fhirtypes";
import { Fault } from "../../core/fault.ts";
import { patientSummary, summarizedTypes } from "../../core/summary.ts";
import { parseExact } from "../../resources/exact-json.ts";
import type { Reply, Request } from "../../runtime/http.ts";
import type { EverythingEntry } from "../../store/everything.ts";
import type { FhirDeps } from "./answers.ts";
import { operationParameters } from "./operation-parameters.ts";
import { invalid } from "./parameters.ts";

const profiles = "http://hl7.org/fhir/uv/ips/StructureDefinition/";
const mostPages = 5;

/** The International Patient Summary of a person, from all records of that person. */
export const answerSummary = async (
  deps: Pick<FhirDeps, "records" | "organization" | "now">,
  request: Pick<Request, "params" | "query" | "text" | "context">,
  base: string,
): Promise<Reply> => {
  const asked = operationParameters(request, ["profile"]);
  if (asked.some(([, value]) => !value.startsWith(profiles)))
    throw invalid(
      "profile",
      "This server makes International Patient Summaries; leave profile out.",
    );
  const { id = "" } = request.params;
  const { entries, withheld } = await recordOf(deps, request.context, id);
  const resources = resourcesIn(entries);
  const patient = resources.find(
    (one): one is Patient & { id: string } => one.resourceType === "Patient",
  );
  if (patient === undefined)
    throw new Fault("NotFound", 404, "There is no such Patient.");
  const { organization, now } = deps;
  return {
    status: 200,
    body: patientSummary({
      patient,
      resources,
      withheld,
      organization,
      base,
      now: now(),
      newId: randomUUID,
    }),
  };
};

const recordOf = async (
  { records }: Pick<FhirDeps, "records">,
  context: Request["context"],
  id: string,
): Promise<{
  readonly entries: readonly EverythingEntry[];
  readonly withheld: ReadonlySet<string>;
}> => {
  let page = await records.everything(context, id, { types: summarizedTypes });
  const [entries, withheld] = [[...page.entries], new Set(page.withheld)];
  for (let pages = 1; page.next !== undefined; pages += 1) {
    if (pages >= mostPages)
      throw new Fault(
        "TooCostly",
        413,
        "This record is too large for one document; $everything gives it in pages.",
        { code: "too-costly" },
      );
    page = await records.everything(context, id, { cursor: page.next });
    entries.push(...page.entries);
  }
  return { entries, withheld };
};

/** A document has one Patient, the surviving record: what names the others names that one. */
const resourcesIn = (
  entries: readonly EverythingEntry[],
): readonly (Resource & { readonly id: string })[] => {
  const [survivor = "", ...merged] = entries.flatMap(({ address }) =>
    address.type === "Patient" ? [address.id] : [],
  );
  return entries.map(({ text }) => {
    const told = merged.reduce(
      (words, id) =>
        words.replaceAll(
          `"reference":"Patient/${id}"`,
          `"reference":"Patient/${survivor}"`,
        ),
      text,
    );
    return parseExact(told) as Resource & { id: string };
  });
};
