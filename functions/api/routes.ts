import { bulkRoutes } from "./routes/bulk.ts";
import { engagementRoutes } from "./routes/engagement.ts";
import { fhirRoutes } from "./routes/fhir.ts";
import { privacyRoutes } from "./routes/privacy.ts";
import type { Routes } from "./routes/route.ts";

/** The whole HTTP surface: the deployed API, the OpenAPI document, the handlers and the authorization matrix come from it. */
export const routes = {
  ...fhirRoutes,
  ...bulkRoutes,
  ...engagementRoutes,
  ...privacyRoutes,
} as const satisfies Routes;

export type RouteName = keyof typeof routes;
