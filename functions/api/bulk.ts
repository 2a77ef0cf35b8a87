import {
  exportFolder,
  exportOccurrence,
  mayFollow,
  type ExportFile,
  type ExportJob,
} from "../core/export-job.ts";
import { Fault } from "../core/fault.ts";
import { redisclosureNotice } from "../core/redisclosure.ts";
import { liveAuthenticate } from "../runtime/authenticate.ts";
import type { Deps } from "../runtime/dependencies.ts";
import {
  area,
  http,
  type AreaDeps,
  type Endpoint,
  type Reply,
  type Request,
} from "../runtime/http.ts";
import { live } from "../runtime/live.ts";
import { operationOutcome } from "../runtime/problem.ts";
import { importing, type ImportingDeps } from "./importing.ts";
import { bulkRoutes as routes } from "./routes/bulk.ts";

type BulkDeps = Pick<Deps, "exportJobs" | "exchange" | "journeys" | "log"> &
  ImportingDeps &
  AreaDeps;
type BulkRoute = Extract<keyof typeof routes, `${string}/$export-status/{id}`>;

/** Seconds for which the link to a file is valid; each poll makes new ones. */
const linkSeconds = 900;
const linksAtOnce = 100;

/** What becomes of bulk exports: progress, links to the files, removal; and bulk imports. */
export const bulk = (deps: BulkDeps) => {
  const { exchange, journeys, log } = deps;

  const followed = async ({
    params,
    context,
  }: Pick<Request, "params" | "context">): Promise<ExportJob> => {
    const jobs = await deps.exportJobs();
    const job = await jobs.find(params.id ?? "");
    if (
      job === undefined ||
      job.status === "cancelled" ||
      !mayFollow(job, context.by)
    )
      throw new Fault("NotFound", 404, "There is no such export.");
    return job;
  };

  /** Twice, for it may end at this moment. */
  const cancelled = async (request: Request): Promise<ExportJob> => {
    const jobs = await deps.exportJobs();
    for (let attempt = 1; attempt <= 2; attempt += 1) {
      const job = await followed(request);
      const end = { status: "cancelled" } as const;
      if (await jobs.end(job, request.context, end)) return job;
    }
    throw new Fault(
      "Conflict",
      409,
      "The export changed at this moment. Try again.",
    );
  };

  const linked = async (
    files: readonly ExportFile[],
  ): Promise<readonly object[]> => {
    const links: object[] = [];
    for (let from = 0; from < files.length; from += linksAtOnce)
      links.push(
        ...(await Promise.all(
          files
            .slice(from, from + linksAtOnce)
            .map(async ({ type, key, count }, index) => ({
              type,
              url: await exchange.downloadLink(
                key,
                linkSeconds,
                `${type}-${String(from + index + 1)}.ndjson`,
              ),
              count,
            })),
        )),
      );
    return links;
  };

  const manifest = async (job: ExportJob): Promise<Reply> => {
    const jobs = await deps.exportJobs();
    const files = (await jobs.slices(job.id)).flatMap((slice) => slice.files);
    const isDeletion = ({ type }: ExportFile): boolean => type === "Bundle";
    const deleted = files.filter(isDeletion);
    return {
      status: 200,
      headers: {
        "content-type": "application/json; charset=utf-8",
        expires: new Date(job.expires * 1000).toUTCString(),
      },
      body: {
        transactionTime: job.transactionTime,
        request: job.request,
        requiresAccessToken: false,
        output: await linked(files.filter((file) => !isDeletion(file))),
        ...(deleted.length > 0 && { deleted: await linked(deleted) }),
        error: await linked(job.outcomes === undefined ? [] : [job.outcomes]),
        // Nobody looks through the files for labels, so it speaks of whatever is in them.
        ...(job.by.kind === "client" && {
          extension: {
            redisclosureNotice: `Where labelled so: ${redisclosureNotice}`,
          },
        }),
      },
    };
  };

  const endpoints: Readonly<Record<BulkRoute, Endpoint>> = {
    "GET /fhir/R4/$export-status/{id}": http(
      routes["GET /fhir/R4/$export-status/{id}"],
      async (request) => {
        const job = await followed(request);
        if (job.status === "completed") return manifest(job);
        if (job.status === "failed")
          return { status: 500, body: operationOutcome(failure()) };
        const jobs = await deps.exportJobs();
        const patients = (await jobs.slices(job.id)).reduce(
          (sum, slice) => sum + slice.patients,
          0,
        );
        return {
          status: 202,
          headers: {
            "retry-after": "5",
            "x-progress": `in progress, ${String(patients)} patients exported`,
          },
        };
      },
    ),
    "DELETE /fhir/R4/$export-status/{id}": http(
      routes["DELETE /fhir/R4/$export-status/{id}"],
      async (request) => {
        const job = await cancelled(request);
        await journeys.stop(exportOccurrence(job.id), "ExportCancelled");
        const files = await exchange.list(exportFolder(job.id));
        await exchange.remove(files.map(({ key }) => key));
        log("ExportCancelled", { id: job.id });
        return { status: 202 };
      },
    ),
  };
  return area({ ...endpoints, ...importing(deps) }, deps);
};

const failure = (): Fault =>
  new Fault(
    "ExportFailed",
    503,
    "The export failed on our side and left nothing behind; staff have been told. Start a new one.",
    { code: "exception" },
  );

export const handler = live(bulk, { authenticate: liveAuthenticate });
