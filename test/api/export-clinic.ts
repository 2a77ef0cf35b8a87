import { bulk } from "../../functions/api/bulk.ts";
import { fhir } from "../../functions/api/fhir.ts";
import { exportClose } from "../../functions/tasks/export-close.ts";
import { exportSlice } from "../../functions/tasks/export-slice.ts";
import { virtualClock } from "../../simulator/clock.ts";
import { TaskFailure } from "../../simulator/engine.ts";
import {
  stagedWorkflow,
  type Handler,
} from "../../simulator/staged-workflow.ts";
import { bulkExport } from "../../workflows/bulk-export.ts";
import { linesAt } from "../memory-bucket.ts";
import { notedLog } from "../noted-log.ts";
import { aRecord } from "../record.ts";
import {
  answered,
  aRequest,
  bearerIsCaller,
  justSignedIn,
  nurse,
  type Answer,
  type Ask,
} from "./server.ts";

const asyncHeaders = {
  accept: "application/fhir+json",
  prefer: "respond-async",
};

export interface Manifest {
  readonly transactionTime: string;
  readonly request: string;
  readonly requiresAccessToken: boolean;
  readonly output: readonly ManifestFile[];
  readonly deleted?: readonly ManifestFile[];
  readonly error: readonly ManifestFile[];
}

interface ManifestFile {
  readonly type: string;
  readonly url: string;
  readonly count: number;
}

/** The API and the real workflow with its real tasks, on one clock that jumps while an export waits. */
export const exportClinic = ({
  limits,
  failing = () => false,
  table,
}: {
  readonly limits?: Parameters<typeof exportSlice>[1];
  /** Tasks that break instead of running. */
  readonly failing?: (task: string) => boolean;
  readonly table?: NonNullable<Parameters<typeof aRecord>[0]>["table"];
} = {}) => {
  const clock = virtualClock(Date.parse("2026-03-02T15:00:00.000Z"));
  const now = (): Date => new Date(clock.now());
  const record = aRecord({ now, ...(table !== undefined && { table }) });
  const { log, logged, failures } = notedLog();
  const calls: { readonly task: string; readonly payload: unknown }[] = [];
  const workflow = stagedWorkflow(
    bulkExport.name,
    clock,
    async (task, payload) => {
      calls.push({ task, payload });
      if (failing(task)) throw new TaskFailure("Unexpected", "{}");
      return tasks[task]?.(payload, {});
    },
  );
  const { engine } = workflow;
  const deps = { ...record, journeys: workflow.journeys, log };
  const tasks: Readonly<Record<string, Handler>> = {
    ExportSlice: exportSlice(deps, limits) as Handler,
    ExportClose: exportClose(deps) as Handler,
  };
  const signedIn = {
    ...deps,
    authenticate: async (authorization: string | undefined) =>
      justSignedIn(await bearerIsCaller(authorization), now()),
  };
  const areas = { fhir: fhir(signedIn), bulk: bulk(signedIn) };

  const ask = async <Body>(
    method: string,
    path: string,
    { headers, ...more }: Ask = {},
  ): Promise<Answer<Body>> => {
    const area = path.includes("$export-status") ? "bulk" : "fhir";
    const request = aRequest(method, path, {
      ...more,
      headers: { ...asyncHeaders, ...headers },
    });
    return answered(await areas[area](request, {}), failures);
  };
  const placeIn = ({ headers }: Answer<unknown>): string =>
    headers["content-location"]?.replace(/^.*\/fhir\/R4/, "") ?? "";
  /** NDJSON of links, line by line. */
  const fetched = async <Line>(
    files: readonly ManifestFile[] = [],
  ): Promise<readonly Line[]> => {
    const lines = await Promise.all(
      files.map(({ url }) => linesAt<Line>(record.exchange, url)),
    );
    return lines.flat();
  };
  /** Kicks off, lets time pass, and answers the manifest. */
  const exported = async (
    path: string,
    options: Ask & { readonly method?: string } = {},
  ): Promise<Manifest> => {
    const { method = "GET", ...asked } = options;
    const kickOff = await ask(method, path, asked);
    if (kickOff.status !== 202) throw new Error(kickOff.text);
    await engine.settled();
    const { status, body, text } = await ask<Manifest>(
      "GET",
      placeIn(kickOff),
      { as: asked.as ?? nurse },
    );
    if (status !== 200) throw new Error(text);
    return body;
  };
  return {
    ...record,
    clock,
    engine,
    executions: workflow.executions,
    calls,
    logged,
    deps,
    ask,
    placeIn,
    fetched,
    exported,
  };
};

export type ExportClinic = ReturnType<typeof exportClinic>;
