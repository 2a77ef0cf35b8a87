import * as z from "zod";
import type { Deps } from "../runtime/dependencies.ts";
import { live } from "../runtime/live.ts";
import { task } from "../runtime/task.ts";
import { asTask } from "./ids.ts";
import { RequestInput } from "./privacy-input.ts";
import { raiseOnce } from "./raise-once.ts";

/** A step kept failing: the privacy officer answers the request by hand, for its clock goes on. */
export const privacyStuck = ({ records, log }: Pick<Deps, "records" | "log">) =>
  task(
    RequestInput,
    z.object({}),
    async ({ execution, patient, request, now }) => {
      await records.change(asTask("privacy-stuck", execution), (work) =>
        raiseOnce(work, `${execution}/failure`, {
          reason: "privacy-request-stuck",
          authoredOn: now,
          patientId: patient,
          focus: `Task/${request}`,
        }),
      );
      log("PrivacyRequestStuck", { id: request, patient, execution });
      return {};
    },
  );

export const handler = live(privacyStuck);
