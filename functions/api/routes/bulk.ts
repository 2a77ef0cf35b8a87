import * as z from "zod";
import { importedTypes } from "../../core/import-types.ts";
import { people, care, type Routes } from "./route.ts";

const Import = z.strictObject({
  /** The system that the resources and their ids come from: the same in each import of its data. */
  source: z
    .string()
    .regex(
      /^[a-z][a-z0-9-]{1,23}$/,
      "must be 2 to 24 lower-case letters, digits or hyphens",
    ),
  /** Its FHIR address: absolute references that begin so are its own. */
  base: z
    .url({ protocol: /^https?$/ })
    .regex(/[^/]$/, "must not end with a slash")
    .max(200)
    .optional(),
  files: z
    .array(
      z.strictObject({
        type: z.enum(importedTypes),
        name: z
          .string()
          .regex(
            /^[\w.-]{1,100}$/,
            "must be a file name of letters, digits, dots, hyphens and underscores",
          ),
      }),
    )
    .min(1)
    .max(500),
});

const ImportStatus = z.object({
  id: z.string(),
  status: z.enum(["waiting", "running", "completed", "failed"]),
  source: z.string(),
  requested: z.iso.datetime(),
  /** By type of resource. */
  counts: z.record(
    z.string(),
    z.object({
      read: z.int(),
      created: z.int(),
      updated: z.int(),
      unchanged: z.int(),
      refused: z.int(),
    }),
  ),
  /** NDJSON of OperationOutcomes, each with file and line. */
  problems: z
    .object({ url: z.string(), expires: z.iso.datetime(), count: z.int() })
    .optional(),
});

export const bulkRoutes = {
  "GET /fhir/R4/$export-status/{id}": {
    area: "bulk",
    action: "follow-export",
    summary: "How far an export is, or the links to its files",
    callers: people,
    plain: true,
    success: 200,
    also: [202],
  },
  "DELETE /fhir/R4/$export-status/{id}": {
    area: "bulk",
    action: "follow-export",
    summary: "Cancel an export and remove its files",
    callers: people,
    success: 202,
  },
  "POST /v1/imports": {
    area: "bulk",
    action: "import",
    summary:
      "Announce files of another system (NDJSON, one type each); answers links for their upload",
    callers: care,
    body: Import,
    response: z.object({
      id: z.string(),
      uploads: z.array(
        z.object({
          name: z.string(),
          url: z.string(),
          contentType: z.string(),
          expires: z.iso.datetime(),
        }),
      ),
    }),
    success: 201,
  },
  "POST /v1/imports/{id}/start": {
    area: "bulk",
    action: "import",
    summary: "Import what was uploaded; from now on the files stay as they are",
    callers: care,
    response: ImportStatus,
    success: 202,
  },
  "GET /v1/imports/{id}": {
    area: "bulk",
    action: "import",
    summary: "How far an import is, and what it could not take",
    callers: care,
    response: ImportStatus,
    success: 200,
  },
  "DELETE /v1/imports/{id}": {
    area: "bulk",
    action: "import",
    summary: "Cancel an import and remove its files; what was taken stays",
    callers: care,
    success: 204,
  },
} as const satisfies Routes;
