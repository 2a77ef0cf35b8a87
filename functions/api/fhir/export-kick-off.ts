import type { Group } from "@medplum/fhirtypes";
import { exportOccurrence } from "../../core/export-job.ts";
import {
  exportRequest,
  type ExportLevel,
  type ExportRequest,
} from "../../core/export-request.ts";
import { Fault } from "../../core/fault.ts";
import type { Reply, Request } from "../../runtime/http.ts";
import { parseJson } from "../../runtime/json.ts";
import { localReference } from "../../store/records.ts";
import { baseOf, preferOf, type FhirDeps } from "./answers.ts";
import { informed } from "./exchange.ts";
import type { ExportingDeps } from "./exporting.ts";
import { invalid, parametersIn, pointed } from "./parameters.ts";

type Pairs = Request["query"];

/** Starts an export and says where to ask for it (Bulk Data Access IG 2.0.0, kick-off request). */
export const startExport = async (
  deps: FhirDeps & ExportingDeps,
  request: Request,
  level: ExportLevel,
): Promise<Reply> => {
  const { journeys, log, now } = deps;
  checkHeaders(request);
  const { context, query } = request;
  if (query.some(([name]) => name === "patient"))
    throw new Fault(
      "InvalidRequest",
      400,
      "patient is a parameter of POST $export, in the body.",
      { code: "not-supported", expression: ["patient"] },
    );
  const given = request.method === "POST" ? askedIn(request.text) : [];
  const handling = handlingOf(preferOf(request));
  const asked = exportRequest([...query, ...given], {
    level,
    handling,
    now: now(),
  });
  const jobs = await deps.exportJobs();
  await jobs.permit(context, asked);
  const patients = await patientsOf(deps, request, asked);
  const job = await jobs.create(
    context,
    {
      ...asked,
      ...(patients !== undefined && {
        patients: await jobs.persons(
          patients,
          handling === "lenient" || asked.patients === undefined,
        ),
      }),
    },
    addressOf(request),
  );
  const execution = await journeys
    .start(exportOccurrence(job.id), { export: job.id })
    .catch(async (error: unknown) => {
      await jobs.end(job, context, { status: "failed" });
      throw error;
    });
  log("ExportRequested", { id: job.id, execution });
  return {
    status: 202,
    headers: {
      "content-location": `${baseOf(request)}/$export-status/${job.id}`,
    },
    body: informed("The export has begun; ask at Content-Location."),
  };
};

const checkHeaders = (request: Request): void => {
  const accept = request.header("accept") ?? "";
  if (!/\bapplication\/(?:fhir\+)?json\b/i.test(accept))
    throw new Fault(
      "InvalidRequest",
      400,
      "$export needs the header Accept: application/fhir+json.",
      { code: "required", expression: ["Accept"] },
    );
  const wishes = (preferOf(request) ?? "")
    .split(/[,;]/)
    .map((wish) => wish.trim().toLowerCase());
  if (!wishes.includes("respond-async"))
    throw new Fault(
      "InvalidRequest",
      400,
      "$export needs the header Prefer: respond-async.",
      { code: "required", expression: ["Prefer"] },
    );
};

const handlingOf = (
  prefer: string | undefined,
): "strict" | "lenient" | undefined => {
  const wish = /handling=(strict|lenient)/i.exec(prefer ?? "")?.[1];
  return wish?.toLowerCase() as "strict" | "lenient" | undefined;
};

/** The address as it was called, which the manifest repeats. */
const addressOf = ({ origin, path, query }: Request): string => {
  const text = new URLSearchParams(
    query.map(([name, value]): [string, string] => [name, value]),
  ).toString();
  return `${origin}${path}${text === "" ? "" : `?${text}`}`;
};

/** Texts and references of a Parameters resource. Throws 400. */
const askedIn = (text: string): Pairs =>
  text.trim() === ""
    ? []
    : parametersIn(parseJson(text)).map(({ name, value }) => {
        const simple = pointed(value);
        if (typeof simple !== "string")
          throw invalid(
            "Parameters.parameter",
            "A parameter of $export has a name and a text or a reference.",
          );
        return [name, simple];
      });

/** Ids that the export is limited to; undefined when it is not. Throws 400, 403, 404. */
const patientsOf = async (
  { records }: Pick<FhirDeps, "records">,
  { context, params }: Request,
  { level, patients }: ExportRequest,
): Promise<readonly string[] | undefined> => {
  if (level === "group") {
    const group = await records.read(context, "Group", params.id ?? "");
    const members = membersOf(group);
    if (patients?.some((id) => !members.includes(id)) === true)
      throw new Fault(
        "UnknownPatient",
        400,
        "Some of these patients are not members of the group.",
        { code: "not-found", expression: ["patient"] },
      );
    return patients ?? members;
  }
  return context.by.kind === "patient" ? [context.by.id] : patients;
};

const membersOf = ({ member = [] }: Group): readonly string[] =>
  member.flatMap(({ entity, inactive }) => {
    const [type, id] = (localReference(entity) ?? "").split("/");
    return type === "Patient" && id !== undefined && inactive !== true
      ? [id]
      : [];
  });
