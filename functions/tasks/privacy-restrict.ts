import * as z from "zod";
import { requestSystem } from "../core/request-kind.ts";
import { restriction } from "../core/restriction.ts";
import type { Deps } from "../runtime/dependencies.ts";
import { live } from "../runtime/live.ts";
import { task } from "../runtime/task.ts";
import { asTask } from "./ids.ts";
import { demandRequest, RequestInput } from "./privacy-input.ts";

/** Writes the Consent that denies what a restriction names. Once. */
export const privacyRestrict = ({ records }: Pick<Deps, "records">) =>
  task(RequestInput, z.object({}), async (input) => {
    await records.change(
      asTask("privacy-restrict", input.execution),
      async (work) => {
        const { task: found } = await demandRequest(work, input);
        const [existing] = await work.byIdentifier(
          "Consent",
          requestSystem,
          found.id,
        );
        if (existing === undefined)
          await work.create(restriction(found, input.now));
      },
    );
    return {};
  });

export const handler = live(privacyRestrict);
