import { bulk } from "../../functions/api/bulk.ts";
import { engagement } from "../../functions/api/engagement.ts";
import { fhir } from "../../functions/api/fhir.ts";
import { privacy } from "../../functions/api/privacy.ts";
import { routes } from "../../functions/api/routes.ts";
import type { Route } from "../../functions/api/routes/route.ts";
import type { Journeys } from "../../functions/outbound/journeys.ts";
import type { Authenticate } from "../../functions/runtime/authenticate.ts";
import type { HttpAnswer, HttpEvent } from "../../functions/runtime/http.ts";
import { notedLog } from "../noted-log.ts";
import { aRecord } from "../record.ts";
import { bearerIsCaller } from "./server.ts";

export interface Hostile {
  readonly status: number;
  readonly headers: HttpAnswer["headers"];
  readonly text: string;
  /** How long the processor worked on it, in milliseconds: what others do on the machine does not count. */
  readonly took: number;
  /** Why the server failed, where it did. */
  readonly failure: unknown;
}

const startNothing: Journeys = {
  start: () => Promise.resolve("execution"),
  stop: () => Promise.resolve(),
};

/** Every area of the API behind one address, as API Gateway lays it; what fails is told instead of thrown. */
export const hostileServer = (authenticate: Authenticate = bearerIsCaller) => {
  const record = aRecord();
  const { log, logged, failures } = notedLog();
  const deps = {
    ...record,
    log,
    journeys: startNothing,
    authenticate,
  };
  const areas = {
    fhir: fhir(deps),
    bulk: bulk(deps),
    engagement: engagement(deps),
    privacy: privacy(deps),
  };
  const own = Object.entries<Route>(routes)
    .filter(([, { area }]) => area !== "fhir")
    .map(([name, { area }]) => ({
      area,
      path: new RegExp(
        `^${(name.split(" ")[1] ?? "").replaceAll(/[.$]/g, String.raw`\$&`).replaceAll(/\{\w+\}/g, "[^/]+")}$`,
      ),
    }));

  const send = async (event: HttpEvent): Promise<Hostile> => {
    const { area } = own.find(({ path }) => path.test(event.path)) ?? {
      area: event.path.startsWith("/v1/") ? "engagement" : "fhir",
    };
    const started = process.threadCpuUsage();
    const { statusCode, headers, body, isBase64Encoded } = await areas[area](
      event,
      {},
    );
    const { user, system } = process.threadCpuUsage(started);
    const [failure] = failures.splice(0);
    return {
      status: statusCode,
      headers,
      text:
        isBase64Encoded === true
          ? Buffer.from(body, "base64").toString()
          : body,
      took: (user + system) / 1000,
      failure,
    };
  };
  return { ...record, logged, send };
};
