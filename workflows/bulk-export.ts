import * as z from "zod";

/** The bulk export: what it is for and what its execution is told. The API starts and stops it. */
export const bulkExport = {
  name: "bulk-export",
  purpose:
    "Writes the records that a caller may read into files for that caller (FHIR Bulk Data).",
  input: z.strictObject({ export: z.string() }),
  errorImpact:
    "Whoever asked for a bulk export gets none; staff get a task. No patient is affected.",
  startsOn: [],
  endsOn: [],
} as const;
