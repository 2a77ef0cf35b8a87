import type { Parameters } from "@medplum/fhirtypes";
import { Fault } from "../../core/fault.ts";
import { parseJson } from "../../runtime/json.ts";
import type { Request } from "../../runtime/http.ts";
import { baseOf, type Answers, type FhirDeps } from "./answers.ts";

/** Finding, booking, cancelling and moving appointments. */
export const scheduling = (
  deps: FhirDeps,
): Answers<
  | "GET /fhir/R4/Appointment/$find"
  | "POST /fhir/R4/Appointment/$find"
  | "POST /fhir/R4/Appointment/$book"
  | "POST /fhir/R4/Appointment/{id}/$cancel"
  | "POST /fhir/R4/Appointment/{id}/$reschedule"
> => {
  // Calendars and time zones are loaded with the first question.
  const find = async (request: Request, asked: Request["query"]) => {
    const { findTimes, questionFrom } = await import("./finding.ts");
    return {
      status: 200,
      body: await findTimes(
        deps,
        request.context,
        baseOf(request),
        questionFrom(asked),
      ),
    };
  };
  return {
    "GET /fhir/R4/Appointment/$find": (request) => find(request, request.query),
    "POST /fhir/R4/Appointment/$find": (request) =>
      find(request, asPairs(parseJson(request.text))),
    "POST /fhir/R4/Appointment/$book": async (request) => {
      const { book } = await import("./booking.ts");
      return book(deps, request, baseOf(request));
    },
    "POST /fhir/R4/Appointment/{id}/$cancel": async (request) => {
      const { cancel } = await import("./booking.ts");
      return cancel(deps, request, baseOf(request));
    },
    "POST /fhir/R4/Appointment/{id}/$reschedule": async (request) => {
      const { reschedule } = await import("./booking.ts");
      return reschedule(deps, request, baseOf(request));
    },
  };
};

/** Simple parameters of a Parameters resource as name and text. Throws 400. */
const asPairs = (input: unknown): readonly (readonly [string, string])[] => {
  const { resourceType, parameter = [] } = (input ?? {}) as Partial<Parameters>;
  if (resourceType !== "Parameters" || !Array.isArray(parameter))
    throw new Fault(
      "InvalidRequest",
      400,
      "The body must be a Parameters resource.",
      { expression: ["resourceType"] },
    );
  return parameter.map((one) => {
    const [, value] =
      Object.entries<unknown>({ ...one }).find(([key]) =>
        key.startsWith("value"),
      ) ?? [];
    const text = isObject(value) ? value.reference : value;
    if (typeof text !== "string" && typeof text !== "number") {
      throw new Fault(
        "InvalidRequest",
        400,
        "A parameter of $find has a simple value or a reference.",
        { expression: ["Parameters.parameter"] },
      );
    }
    return [one.name, `${text}`] as const;
  });
};

const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === "object" && value !== null;
