import type { OperationOutcome, Resource } from "@medplum/fhirtypes";
import { readFileSync } from "node:fs";
import { bulk } from "../../functions/api/bulk.ts";
import { Fault } from "../../functions/core/fault.ts";
import type { Caller } from "../../functions/core/caller.ts";
import type { Counts } from "../../functions/core/import-job.ts";
import { executionName } from "../../functions/core/journey.ts";
import {
  executionArn,
  type Journeys,
} from "../../functions/outbound/journeys.ts";
import type { LogIds } from "../../functions/runtime/log.ts";
import { importClose } from "../../functions/tasks/import-close.ts";
import { importSlice } from "../../functions/tasks/import-slice.ts";
import { virtualClock } from "../../simulator/clock.ts";
import {
  createEngine,
  TaskFailure,
  type Engine,
} from "../../simulator/engine.ts";
import { bulkImport } from "../../workflows/bulk-import.ts";
import { aRecord } from "../record.ts";
import { aRequest, asClient, type Answer, type Ask } from "./server.ts";

type Handler = (event: unknown, context: unknown) => Promise<unknown>;

const machine =
  "arn:aws:states:us-east-1:000000000000:stateMachine:bulk-import";

export const importer = asClient("system/*.cud");

export interface Status {
  readonly id: string;
  readonly status: string;
  readonly counts: Readonly<Record<string, Counts>>;
  readonly problems?: { readonly url: string; readonly count: number };
}

/** Lines of a file: resources, or text as it is. */
export type Lines = readonly (Resource | string)[];

/** A file to hand over: its type and its lines, or its bytes. */
export type Handed = readonly [type: string, lines: Lines | Buffer];

export const bytesOf = (lines: Lines | Buffer): Buffer =>
  Buffer.isBuffer(lines)
    ? lines
    : Buffer.from(
        lines
          .map((line) =>
            typeof line === "string" ? line : JSON.stringify(line),
          )
          .join("\n"),
      );

/** The API and the real workflow with its real tasks, on a virtual clock. */
export const importClinic = ({
  limits,
  failing = () => false,
  isBreaking = false,
  table,
}: {
  readonly limits?: Parameters<typeof importSlice>[1];
  /** Tasks that break instead of running. */
  readonly failing?: (task: string) => boolean;
  /** Tasks are expected to break unexpectedly. */
  readonly isBreaking?: boolean;
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
    ImportSlice: importSlice(deps, limits) as Handler,
    ImportClose: importClose(deps) as Handler,
  };
  const broken: unknown[] = [];
  const engine: Engine = createEngine({
    clock,
    random: () => 0.5,
    invoke: async ({ functionArn, payload }) => {
      const task = functionArn.split(":").at(-1) ?? "";
      if (failing(task)) throw new TaskFailure("Unexpected", "{}");
      try {
        return await tasks[task]?.(payload, {});
      } catch (error) {
        broken.push(error);
        throw error;
      }
    },
  });
  engine.deploy({
    arn: machine,
    name: bulkImport.name,
    definition: readFileSync(
      new URL("../../workflows/bulk-import.asl.json", import.meta.url),
      "utf8",
    ).replaceAll(
      /\$\{(\w+)\}/g,
      "arn:aws:lambda:us-east-1:000000000000:function:$1",
    ),
  });
  const handler = bulk({
    ...deps,
    authenticate: (authorization) =>
      authorization === undefined
        ? Promise.reject(
            new Fault("Unauthenticated", 401, "This needs a bearer token."),
          )
        : Promise.resolve(JSON.parse(authorization) as Caller),
  });

  const ask = async <Body>(
    method: string,
    path: string,
    more: Ask = {},
  ): Promise<Answer<Body>> => {
    const request = aRequest(method, path, { as: importer, ...more });
    const answer = await handler({ ...request, path }, {});
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

  /** Announces files and uploads them; the import's path. */
  const announced = async (
    files: readonly Handed[],
    {
      as = importer,
      ...more
    }: { as?: Caller; base?: string; source?: string } = {},
  ): Promise<string> => {
    const { status, body, text } = await ask<{
      id: string;
      uploads: readonly { url: string }[];
    }>("POST", "/v1/imports", {
      as,
      body: {
        source: "old-ehr",
        ...more,
        files: files.map(([type], index) => ({
          type,
          name: `${type}-${String(index)}.ndjson`,
        })),
      },
    });
    if (status !== 201) throw new Error(text);
    for (const [index, { url }] of body.uploads.entries())
      await record.exchange.put(
        /^memory:([^?]+)/.exec(url)?.[1] ?? "",
        bytesOf(files[index]?.[1] ?? []),
        "application/fhir+ndjson",
      );
    return `/v1/imports/${body.id}`;
  };
  const statusOf = async (path: string, as = importer): Promise<Status> => {
    const { status, body, text } = await ask<Status>("GET", path, { as });
    if (status !== 200) throw new Error(text);
    return body;
  };
  /** The problems that an import names, with file and line. */
  const problemsIn = async ({
    problems,
  }: Status): Promise<readonly OperationOutcome[]> => {
    if (problems === undefined) return [];
    const key = /^memory:([^?]+)/.exec(problems.url)?.[1] ?? "";
    const text = Buffer.from((await record.exchange.get(key)) ?? []).toString();
    return text
      .split("\n")
      .filter(Boolean)
      .map((line) => JSON.parse(line) as OperationOutcome);
  };
  /** Announces, uploads, starts, and waits for the end. */
  const imported = async (
    files: readonly Handed[],
    options: { as?: Caller; base?: string } = {},
  ) => {
    const path = await announced(files, options);
    const begun = await ask("POST", `${path}/start`, {
      as: options.as ?? importer,
    });
    if (begun.status !== 202) throw new Error(begun.text);
    await engine.settled();
    const [error] = broken.splice(0);
    if (error !== undefined && !isBreaking)
      throw new Error("the import failed unexpectedly", { cause: error });
    const status = await statusOf(path, options.as);
    return { ...status, path, outcomes: await problemsIn(status) };
  };
  return {
    ...record,
    clock,
    engine,
    machine,
    logged,
    deps,
    ask,
    announced,
    imported,
    statusOf,
    problemsIn,
  };
};

export type ImportClinic = ReturnType<typeof importClinic>;
