import type { MiddlewareObj } from "@middy/core";
import { Fault } from "../core/fault.ts";
import { powertoolsLog, type Log } from "./log.ts";

/** What leaves a function that is not called by HTTP: a Fault as it is, anything else logged once and stripped. */
export const failing = (log: () => Log = powertoolsLog): MiddlewareObj => ({
  onError: ({ error, context }) => {
    if (error instanceof Fault) return;
    const { awsRequestId } = context as { awsRequestId?: string };
    log().error(
      "Unexpected",
      awsRequestId === undefined ? {} : { requestId: awsRequestId },
      error,
    );
    const stripped = new Error(
      "Unexpected failure; the log has its place in the code.",
    );
    stripped.name = "Unexpected";
    stripped.stack = "";
    throw stripped;
  },
});
