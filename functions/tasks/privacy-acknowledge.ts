import * as z from "zod";
import {
  requestKinds,
  type RequestKind,
} from "../../packs/rights/rights-pack.ts";
import {
  isReviewed,
  requestedBy,
  reviewedBy,
} from "../core/privacy-request.ts";
import type { Deps } from "../runtime/dependencies.ts";
import { live } from "../runtime/live.ts";
import { task } from "../runtime/task.ts";
import { asTask } from "./ids.ts";
import { demandRequest, RequestInput } from "./privacy-input.ts";
import { sendLetter } from "./privacy-letter.ts";

const Output = z.object({ kind: z.enum(requestKinds) });

/** What needs no judgement: the law asks for it without delay (45 CFR 164.524(b)(2); 45 CFR Part 171). */
const given: readonly RequestKind[] = ["access", "portability", "accounting"];

/**
 * Confirms that a request was received, and by when it is answered. What patients ask for in the portal and may simply have
 * is granted at once, unless a clinician has asked for a review of access (45 CFR 164.524(a)(3)).
 */
export const privacyAcknowledge = (
  deps: Pick<Deps, "records" | "organization" | "jurisdictions" | "log">,
) =>
  task(RequestInput, Output, async (input) => {
    const { patient, execution, request, now } = input;
    const { kind, status } = await deps.records.change(
      asTask("privacy-acknowledge", execution),
      async (work) => {
        const { task: found, kind } = await demandRequest(work, input);
        if (found.status !== "requested") return { kind, status: found.status };
        const isGranted =
          given.includes(kind) &&
          reviewedBy(found) === undefined &&
          requestedBy(found).startsWith("patient:") &&
          !isReviewed(await work.ofPatient("DetectedIssue", patient));
        const updated = await work.update({
          ...found,
          status: isGranted ? "accepted" : "received",
          lastModified: now,
        });
        if (!isGranted)
          await sendLetter(work, "acknowledged", {
            task: updated,
            input,
            deps,
          });
        return { kind, status: updated.status };
      },
    );
    deps.log("PrivacyRequestAcknowledged", {
      id: request,
      patient,
      execution,
      type: kind,
      reason: status,
    });
    return { kind };
  });

export const handler = live(privacyAcknowledge);
