import type { OperationOutcome, Resource } from "@medplum/fhirtypes";
import { bulk } from "../../functions/api/bulk.ts";
import type { Caller } from "../../functions/core/caller.ts";
import type { Counts } from "../../functions/core/import-job.ts";
import { importClose } from "../../functions/tasks/import-close.ts";
import { importSlice } from "../../functions/tasks/import-slice.ts";
import { virtualClock } from "../../simulator/clock.ts";
import { TaskFailure } from "../../simulator/engine.ts";
import {
  stagedWorkflow,
  type Handler,
} from "../../simulator/staged-workflow.ts";
import { bulkImport } from "../../workflows/bulk-import.ts";
import { keyIn, linesAt } from "../memory-bucket.ts";
import { notedLog } from "../noted-log.ts";
import { aRecord } from "../record.ts";
import {
  answered,
  aRequest,
  asClient,
  bearerIsCaller,
  type Answer,
  type Ask,
} from "./server.ts";

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
  const { log, logged, failures } = notedLog();
  const broken: unknown[] = [];
  const workflow = stagedWorkflow(
    bulkImport.name,
    clock,
    async (task, payload) => {
      if (failing(task)) throw new TaskFailure("Unexpected", "{}");
      try {
        return await tasks[task]?.(payload, {});
      } catch (error) {
        broken.push(error);
        throw error;
      }
    },
  );
  const { engine } = workflow;
  const deps = { ...record, journeys: workflow.journeys, log };
  const tasks: Readonly<Record<string, Handler>> = {
    ImportSlice: importSlice(deps, limits) as Handler,
    ImportClose: importClose(deps) as Handler,
  };
  const handler = bulk({ ...deps, authenticate: bearerIsCaller });

  const ask = async <Body>(
    method: string,
    path: string,
    more: Ask = {},
  ): Promise<Answer<Body>> => {
    const request = aRequest(method, path, { as: importer, ...more });
    return answered(await handler({ ...request, path }, {}), failures);
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
        keyIn(url),
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
  }: Status): Promise<readonly OperationOutcome[]> =>
    problems === undefined ? [] : linesAt(record.exchange, problems.url);
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
    executions: workflow.executions,
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
