import * as z from "zod";

/** The bulk import: what it is for and what its execution is told. The API starts and stops it. */
export const bulkImport = {
  name: "bulk-import",
  purpose:
    "Takes the records of another system from files into this one, in the name of whoever asked for it.",
  input: z.strictObject({ import: z.string() }),
  errorImpact:
    "What another system handed over is here in part only; staff get a task. Nothing that was here before is affected.",
  startsOn: [],
  endsOn: [],
} as const;
