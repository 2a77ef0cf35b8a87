import * as z from "zod";
import type { Deps } from "../runtime/dependencies.ts";
import { live } from "../runtime/live.ts";
import { task } from "../runtime/task.ts";
import { asErasure, ErasureInput } from "./erasure-input.ts";
import { raiseOnce } from "./raise-once.ts";

const Input = ErasureInput.extend({ now: z.iso.datetime() });

const Output = z.object({ task: z.string() });

/** An erasure that failed is a person's to look after: what was shredded stays so, what was not may be asked for again. */
export const erasureClose = ({
  erasures,
  records,
  log,
}: Pick<Deps, "erasures" | "records" | "log">) =>
  task(Input, Output, async ({ execution, patient, request, now }) => {
    const context = asErasure("erasure-close", execution);
    // The patient's own compartment may be closed by now, so the Task is filed without a patient.
    const id = await records.change(context, (work) =>
      raiseOnce(work, `${execution}/failure`, {
        reason: "erasure-failed",
        authoredOn: now,
        input: [
          { name: "patient", text: patient },
          { name: "request", text: request },
        ],
      }),
    );
    const store = await erasures();
    const erasure = await store.find(patient);
    if (erasure?.request === request && erasure.status === "requested")
      await store.move(context, erasure, { status: "failed" });
    log("ErasureFailed", { patient, execution });
    return { task: id };
  });

export const handler = live(erasureClose);
