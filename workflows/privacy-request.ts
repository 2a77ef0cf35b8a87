import * as z from "zod";

/** A request under a privacy right: what it is for, what starts it, what its execution is told. */
export const privacyRequest = {
  name: "privacy-request",
  purpose:
    "Sees that a patient who uses a privacy right is answered before the day that the law sets.",
  input: z.strictObject({ patient: z.string(), request: z.string() }),
  errorImpact:
    "A patient who used a privacy right waits for what was decided; the privacy officer gets a task, and the clock of the law goes on.",
  startsOn: ["PrivacyRequestReceived"],
  endsOn: [],
} as const;
