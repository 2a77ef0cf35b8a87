import { readFileSync } from "node:fs";
import { bulk } from "../../functions/api/bulk.ts";
import { fhir } from "../../functions/api/fhir.ts";
import type { Caller } from "../../functions/core/caller.ts";
import { Fault } from "../../functions/core/fault.ts";
import { executionName } from "../../functions/core/journey.ts";
import {
  executionArn,
  type Journeys,
} from "../../functions/outbound/journeys.ts";
import type { HttpAnswer, HttpEvent } from "../../functions/runtime/http.ts";
import type { LogIds } from "../../functions/runtime/log.ts";
import { exportClose } from "../../functions/tasks/export-close.ts";
import { exportSlice } from "../../functions/tasks/export-slice.ts";
import { virtualClock } from "../../simulator/clock.ts";
import {
  createEngine,
  TaskFailure,
  type Engine,
} from "../../simulator/engine.ts";
import { bulkExport } from "../../workflows/bulk-export.ts";
import { aRecord } from "../record.ts";
import {
  aRequest,
  justSignedIn,
  nurse,
  type Answer,
  type Ask,
} from "./server.ts";

type Handler = (event: unknown, context: unknown) => Promise<unknown>;

const machine =
  "arn:aws:states:us-east-1:000000000000:stateMachine:bulk-export";
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
  const logged: { readonly fact: string; readonly ids: LogIds }[] = [];
  const failures: unknown[] = [];
  const log = Object.assign(
    (fact: string, ids: LogIds = {}) => void logged.push({ fact, ids }),
    {
      error: (_fact: string, _ids: LogIds, cause: unknown) =>
        void failures.push(cause),
    },
  );
  const journeys: Journeys = {
    start: (occurrence, input) => {
      const name = executionName(occurrence);
      engine.startExecution({
        stateMachineArn: machine,
        name,
        input: JSON.stringify(input),
      });
      return Promise.resolve(name);
    },
    stop: (occurrence, cause) => {
      engine.stopExecution({
        executionArn: executionArn(machine, executionName(occurrence)),
        error: "JourneyStopped",
        cause,
      });
      return Promise.resolve();
    },
  };
  const deps = { ...record, journeys, log };
  const tasks: Readonly<Record<string, Handler>> = {
    ExportSlice: exportSlice(deps, limits) as Handler,
    ExportClose: exportClose(deps) as Handler,
  };
  const calls: { readonly task: string; readonly payload: unknown }[] = [];
  const engine: Engine = createEngine({
    clock,
    random: () => 0.5,
    invoke: async ({ functionArn, payload }) => {
      const task = functionArn.split(":").at(-1) ?? "";
      calls.push({ task, payload });
      if (failing(task)) throw new TaskFailure("Unexpected", "{}");
      return tasks[task]?.(payload, {});
    },
  });
  engine.deploy({
    arn: machine,
    name: bulkExport.name,
    definition: readFileSync(
      new URL("../../workflows/bulk-export.asl.json", import.meta.url),
      "utf8",
    ).replaceAll(
      /\$\{(\w+)\}/g,
      "arn:aws:lambda:us-east-1:000000000000:function:$1",
    ),
  });
  const authenticate = (authorization: string | undefined) =>
    authorization === undefined
      ? Promise.reject(
          new Fault("Unauthenticated", 401, "This needs a bearer token."),
        )
      : Promise.resolve(
          justSignedIn(JSON.parse(authorization) as Caller, record.now()),
        );
  const areas = {
    fhir: fhir({ ...deps, authenticate }),
    bulk: bulk({ ...deps, authenticate }),
  };

  const send = async <Body>(event: HttpEvent): Promise<Answer<Body>> => {
    const area = event.path.includes("$export-status") ? "bulk" : "fhir";
    const answer: HttpAnswer = await areas[area](event, {});
    const [failure] = failures.splice(0);
    if (failure !== undefined)
      throw new Error("the server failed unexpectedly", { cause: failure });
    const { statusCode: status, headers, body: text } = answer;
    return {
      status,
      headers,
      text,
      bytes: Buffer.from(text),
      body: (text === "" ? undefined : JSON.parse(text)) as Body,
    };
  };
  const ask = <Body>(
    method: string,
    path: string,
    { headers, ...more }: Ask = {},
  ): Promise<Answer<Body>> =>
    send(
      aRequest(method, path, {
        ...more,
        headers: { ...asyncHeaders, ...headers },
      }),
    );
  const placeIn = ({ headers }: Answer<unknown>): string =>
    headers["content-location"]?.replace(/^.*\/fhir\/R4/, "") ?? "";
  /** NDJSON of links, line by line. */
  const fetched = async <Line>(
    files: readonly ManifestFile[] = [],
  ): Promise<readonly Line[]> => {
    const texts = await Promise.all(
      files.map(async ({ url }) => {
        const key = /^memory:([^?]+)/.exec(url)?.[1] ?? "";
        return Buffer.from((await record.exchange.get(key)) ?? []).toString();
      }),
    );
    return texts.flatMap((text) =>
      text
        .split("\n")
        .filter(Boolean)
        .map((line) => JSON.parse(line) as Line),
    );
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
    machine,
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
