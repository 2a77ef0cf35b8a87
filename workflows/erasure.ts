import * as z from "zod";

/** The erasure of a person: what it is for and what its execution is told. The API and requests of patients start it. */
export const erasure = {
  name: "erasure",
  purpose:
    "Erases a person: destroys the keys of the record, removes what is left of it, and signs a certificate of that.",
  input: z.strictObject({ patient: z.string(), request: z.string() }),
  errorImpact:
    "A person who is to be erased is so in part only, or not yet; the privacy officer gets a task. Nobody else is affected.",
  startsOn: [],
  endsOn: [],
} as const;
