import { release } from "../core/release.ts";
import { area, http, type AreaDeps, type Endpoint } from "../runtime/http.ts";
import { parseJson } from "../runtime/json.ts";
import { liveAuthenticate, liveSignIn } from "../runtime/authenticate.ts";
import { live } from "../runtime/live.ts";
import {
  baseOf,
  type Answer,
  type Answers,
  type FhirDeps,
  type FhirRoute,
} from "./fhir/answers.ts";
import { auditing } from "./fhir/auditing.ts";
import { binary } from "./fhir/binary.ts";
import { everything } from "./fhir/everything.ts";
import { checkMedia } from "./fhir/exchange.ts";
import { exporting, type ExportingDeps } from "./fhir/exporting.ts";
import { matching } from "./fhir/match.ts";
import { history } from "./fhir/history.ts";
import { merge } from "./fhir/merge.ts";
import { reading } from "./fhir/reading.ts";
import { scheduling } from "./fhir/scheduling.ts";
import { compartmentSearching, searching } from "./fhir/searching.ts";
import { smart, type SmartDeps } from "./fhir/smart.ts";
import { subscribing } from "./fhir/subscribing.ts";
import { validation } from "./fhir/validation.ts";
import { withNotice } from "./fhir/with-notice.ts";
import { writing } from "./fhir/writing.ts";
import { fhirRoutes } from "./routes/fhir.ts";

/** The FHIR R4 server: its own route table, REST semantics and bundle processor on the record. */
export const fhir = (deps: FhirDeps & AreaDeps & SmartDeps & ExportingDeps) => {
  const answers: Answers<FhirRoute> = {
    "GET /fhir/R4/metadata": async (request) => {
      const { capabilityStatement } =
        await import("../resources/capability.ts");
      const { routes } = await import("./routes.ts");
      return {
        status: 200,
        body: await capabilityStatement({
          base: baseOf(request),
          ...release,
          routes: Object.keys(routes),
          signIn: deps.signIn,
        }),
      };
    },
    ...smart(deps),
    "POST /fhir/R4": async (request) => {
      const { runBundle } = await import("./fhir/bundle.ts");
      return runBundle(
        deps,
        request.context,
        baseOf(request),
        parseJson(request.text),
      );
    },
    ...searching(deps),
    ...reading(deps),
    ...history(deps),
    ...everything(deps),
    ...writing(deps),
    ...validation(deps),
    ...scheduling(deps),
    ...matching(deps),
    ...merge(deps),
    ...binary(deps),
    ...auditing(deps),
    ...exporting(deps),
    ...subscribing(deps),
    ...compartmentSearching(deps),
  };
  const endpoints = Object.fromEntries(
    Object.entries(answers).map(([name, answer]) => [
      name,
      endpoint(name as FhirRoute, answer),
    ]),
  );
  return area(endpoints, deps);
};

const endpoint = (name: FhirRoute, answer: Answer): Endpoint =>
  http(fhirRoutes[name], async (request) => {
    if (!("bytes" in fhirRoutes[name]))
      checkMedia({
        method: request.method,
        contentType: request.header("content-type"),
        accept: request.header("accept"),
        format: request.query.find(([key]) => key === "_format")?.[1],
      });
    return withNotice(request.context.by, await answer(request));
  });

export const handler = live(fhir, {
  authenticate: liveAuthenticate,
  signIn: liveSignIn,
});
