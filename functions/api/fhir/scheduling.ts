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
    "POST /fhir/R4/Appointment/$find": async (request) => {
      const { askedIn } = await import("./finding.ts");
      return find(request, askedIn(request.text));
    },
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
