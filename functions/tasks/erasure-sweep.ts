import * as z from "zod";
import type { Deps } from "../runtime/dependencies.ts";
import { live } from "../runtime/live.ts";
import { task } from "../runtime/task.ts";
import { asErasure, erasureOf, ErasureInput } from "./erasure-input.ts";

const Output = z.object({ isMore: z.boolean() });

/** Half of the time that the function has. */
const longest = 60_000;

/** Removes what is left of an erased person, until its time is over. */
export const erasureSweep = (
  { erasures, erasing, now }: Pick<Deps, "erasures" | "erasing" | "now">,
  milliseconds = longest,
) =>
  task(ErasureInput, Output, async ({ execution, patient, request }) => {
    const { set = [] } = await erasureOf(await erasures(), {
      patient,
      request,
    });
    const end = now().getTime() + milliseconds;
    return {
      isMore: await (
        await erasing()
      ).sweep(
        asErasure("erasure-sweep", execution),
        set,
        () => now().getTime() >= end,
      ),
    };
  });

export const handler = live((deps: Deps) => erasureSweep(deps));
