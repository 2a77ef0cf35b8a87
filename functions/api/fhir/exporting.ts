import type { ExportLevel } from "../../core/export-request.ts";
import type { Deps } from "../../runtime/dependencies.ts";
import type { Answer, Answers, FhirDeps } from "./answers.ts";

export type ExportingDeps = Pick<Deps, "exportJobs" | "journeys">;

/** Kick-offs of Bulk Data exports; what becomes of them is answered by the area `bulk`. */
export const exporting = (
  deps: FhirDeps & ExportingDeps,
): Answers<
  | "GET /fhir/R4/$export"
  | "POST /fhir/R4/$export"
  | "GET /fhir/R4/Patient/$export"
  | "POST /fhir/R4/Patient/$export"
  | "GET /fhir/R4/Group/{id}/$export"
  | "POST /fhir/R4/Group/{id}/$export"
> => {
  const kickOff =
    (level: ExportLevel): Answer =>
    async (request) => {
      const { startExport } = await import("./export-kick-off.ts");
      return startExport(deps, request, level);
    };
  return {
    "GET /fhir/R4/$export": kickOff("system"),
    "POST /fhir/R4/$export": kickOff("system"),
    "GET /fhir/R4/Patient/$export": kickOff("patient"),
    "POST /fhir/R4/Patient/$export": kickOff("patient"),
    "GET /fhir/R4/Group/{id}/$export": kickOff("group"),
    "POST /fhir/R4/Group/{id}/$export": kickOff("group"),
  };
};
