import type * as z from "zod";
import {
  allProblemsOf,
  importFolder,
  importOccurrence,
  mayFollow,
  total,
  uploadsOf,
  type ImportJob,
} from "../core/import-job.ts";
import { Fault } from "../core/fault.ts";
import type { Deps } from "../runtime/dependencies.ts";
import { http, type Endpoint, type Request } from "../runtime/http.ts";
import { bulkRoutes as routes } from "./routes/bulk.ts";

export type ImportingDeps = Pick<
  Deps,
  "importJobs" | "exchange" | "journeys" | "log" | "now"
>;
export type ImportingRoute = Extract<
  keyof typeof routes,
  `${string} /v1/imports${string}`
>;

/** Seconds for which a link takes an upload, and the file of problems can be fetched. */
const linkSeconds = 3600;
const contentType = "application/fhir+ndjson";

/** Bulk imports: uploads, start, progress, removal. */
export const importing = (
  deps: ImportingDeps,
): Readonly<Record<ImportingRoute, Endpoint>> => {
  const { exchange, journeys, log, now } = deps;
  const expiry = (): string =>
    new Date(now().getTime() + linkSeconds * 1000).toISOString();

  const followed = async ({
    params,
    context,
  }: Pick<Request, "params" | "context">): Promise<ImportJob> => {
    const jobs = await deps.importJobs();
    const job = await jobs.find(params.id ?? "");
    if (
      job === undefined ||
      job.status === "cancelled" ||
      !mayFollow(job, context.by)
    )
      throw new Fault("NotFound", 404, "There is no such import.");
    return job;
  };

  /** The files with their sizes. Throws NotUploaded (409). */
  const uploaded = async ({
    id,
    files,
  }: ImportJob): Promise<ImportJob["files"]> => {
    const sizes = new Map(
      (await exchange.list(uploadsOf(id))).map(({ key, bytes }) => [
        key,
        bytes,
      ]),
    );
    const missing = files.flatMap(({ key }, index) =>
      sizes.has(key) ? [] : [`files[${String(index)}]`],
    );
    if (missing.length > 0)
      throw new Fault(
        "NotUploaded",
        409,
        "Some files are not there yet. Upload them, then start.",
        { expression: missing },
      );
    return files.map((file) => ({ ...file, bytes: sizes.get(file.key) ?? 0 }));
  };

  const told = async (job: ImportJob) => {
    const jobs = await deps.importJobs();
    const slices = await jobs.slices(job.id);
    const [problems] = await exchange.list(allProblemsOf(job.id));
    return {
      id: job.id,
      status: job.status,
      source: job.source,
      requested: job.requested,
      counts: total(slices.map(({ counts }) => counts)),
      ...(problems !== undefined && {
        problems: {
          url: await exchange.downloadLink(
            problems.key,
            linkSeconds,
            "problems.ndjson",
          ),
          expires: expiry(),
          count: slices.reduce((sum, slice) => sum + slice.problems, 0),
        },
      }),
    };
  };

  return {
    "POST /v1/imports": http<
      z.infer<(typeof routes)["POST /v1/imports"]["body"]>
    >(routes["POST /v1/imports"], async ({ body, context }) => {
      const jobs = await deps.importJobs();
      const job = await jobs.create(context, body);
      log("ImportRequested", { id: job.id });
      return {
        status: 201,
        headers: { location: `/v1/imports/${job.id}` },
        body: {
          id: job.id,
          uploads: await Promise.all(
            job.files.map(async ({ name, key }) => ({
              name,
              url: await exchange.uploadLink(key, linkSeconds, contentType),
              contentType,
              expires: expiry(),
            })),
          ),
        },
      };
    }),
    "POST /v1/imports/{id}/start": http(
      routes["POST /v1/imports/{id}/start"],
      async (request) => {
        const { context } = request;
        const job = await followed(request);
        const jobs = await deps.importJobs();
        const begun =
          job.status === "running"
            ? job
            : await jobs.begin(job, context, await uploaded(job));
        const execution = await journeys
          .start(importOccurrence(job.id), { import: job.id })
          .catch(async (error: unknown) => {
            await jobs.end(begun, context, "failed");
            throw error;
          });
        log("ImportStarted", { id: job.id, execution });
        return { status: 202, body: await told(begun) };
      },
    ),
    "GET /v1/imports/{id}": http(
      routes["GET /v1/imports/{id}"],
      async (request) => ({
        status: 200,
        body: await told(await followed(request)),
      }),
    ),
    "DELETE /v1/imports/{id}": http(
      routes["DELETE /v1/imports/{id}"],
      async (request) => {
        const job = await followed(request);
        const jobs = await deps.importJobs();
        if (!(await jobs.end(job, request.context, "cancelled")))
          throw new Fault(
            "Conflict",
            409,
            "The import went on at this moment. Try again to cancel it.",
          );
        if (job.status === "running")
          await journeys.stop(importOccurrence(job.id), "ImportCancelled");
        const files = await exchange.list(importFolder(job.id));
        await exchange.remove(files.map(({ key }) => key));
        log("ImportCancelled", { id: job.id });
        return { status: 204 };
      },
    ),
  };
};
