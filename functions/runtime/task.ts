import middy from "@middy/core";
import type * as z from "zod";
import { failing } from "./failing.ts";

/**
 * A task of a journey: its input and output are checked, a Fault becomes the error of the same name that the workflow's
 * Retry and Catch speak of, anything else becomes `Unexpected` without its message: history is kept and may hold no PHI.
 */
export const task = <Input, Output>(
  input: z.ZodType<Input>,
  output: z.ZodType<Output>,
  run: (input: Input) => Promise<Output>,
) =>
  middy<unknown, Output>()
    .use(failing())
    .handler(async (payload) => output.parse(await run(input.parse(payload))));
