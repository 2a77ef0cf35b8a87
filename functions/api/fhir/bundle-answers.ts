import type { BundleEntry } from "@medplum/fhirtypes";
import type { Kept, Stored } from "../../store/records.ts";
import { etag, informed, nameOf } from "./exchange.ts";

/** An entry's answer with its resource. */
export const answered = (
  base: string,
  resource: Stored<Kept>,
  status: "200" | "201",
): BundleEntry => ({
  fullUrl: `${base}/${nameOf(resource)}`,
  resource,
  response: {
    status: statusLine(Number(status)),
    etag: etag(resource.meta.versionId),
    lastModified: resource.meta.lastUpdated,
    location: `${base}/${nameOf(resource)}/_history/${resource.meta.versionId}`,
  },
});

/** Lambda answers at most 6 MB, in which each quotation mark counts twice. */
const mostBytes = 4_500_000;

/** The answers, as far as they fit with their resources; the rest say only how it went. */
export const fitting = (entries: readonly BundleEntry[]): BundleEntry[] => {
  let left = mostBytes;
  return entries.map((entry) => {
    if (entry.resource === undefined) return entry;
    left -= Buffer.byteLength(JSON.stringify(entry.resource));
    if (left >= 0) return entry;
    const { resource: _tooMuch, response, ...rest } = entry;
    return {
      ...rest,
      ...(response !== undefined && {
        response: {
          ...response,
          outcome: informed(
            "The answer is full; what this entry was answered with was left out. Read it by itself.",
          ),
        },
      }),
    };
  });
};

/** Importing `node:http` for its STATUS_CODES would load an HTTP client into every cold start. */
const phrases: Readonly<Record<number, string>> = {
  200: "OK",
  201: "Created",
  204: "No Content",
  304: "Not Modified",
  400: "Bad Request",
  403: "Forbidden",
  404: "Not Found",
  405: "Method Not Allowed",
  409: "Conflict",
  410: "Gone",
  412: "Precondition Failed",
  413: "Payload Too Large",
  415: "Unsupported Media Type",
  422: "Unprocessable Entity",
  500: "Internal Server Error",
  503: "Service Unavailable",
};

export const statusLine = (status: number): string =>
  `${String(status)} ${phrases[status] ?? ""}`.trim();
