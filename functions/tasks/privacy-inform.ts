import * as z from "zod";
import { recipientsOf } from "../core/amendment-recipients.ts";
import {
  askedOf,
  informOutput,
  outputsOf,
  requestedBy,
  textDetail,
} from "../core/privacy-request.ts";
import { patientOnly } from "../core/request-kind.ts";
import { isByPatient } from "../runtime/asked-by-patient.ts";
import type { Deps } from "../runtime/dependencies.ts";
import { live } from "../runtime/live.ts";
import { task } from "../runtime/task.ts";
import { asTask } from "./ids.ts";
import { asRequester, demandRequest, RequestInput } from "./privacy-input.ts";
import { raiseOnce } from "./raise-once.ts";

/** Of a list; whoever comes after is in the disclosures of the patient. */
const most = 200;

/**
 * Asks staff to tell of an amendment: whom the patient named, and where a law says so, to whom it was disclosed. The request
 * names the task, whose completion ends the telling. Once.
 */
export const privacyInform = (
  deps: Pick<
    Deps,
    "records" | "organization" | "jurisdictions" | "disclosures"
  >,
) =>
  task(RequestInput, z.object({}), async (input) => {
    const { execution, patient, request, now } = input;
    const context = asTask("privacy-inform", execution);
    const { task: asked } = await deps.records.change(context, (work) =>
      demandRequest(work, input),
    );
    const { rulesFor } = await import("../core/rights.ts");
    const rules = rulesFor(askedOf(asked), {
      jurisdictions: deps.jurisdictions,
      zone: deps.organization.timeZone,
      received: asked.authoredOn ?? now,
    });
    const disclosures = rules.some(({ inform }) => inform !== undefined)
      ? await (
          await deps.disclosures()
        ).list(asRequester(asked, input), patient)
      : [];
    const recipients = recipientsOf(
      textDetail(asked, "resource") ?? "",
      disclosures,
      now,
    );
    const named = textDetail(asked, "inform");
    const lines = [
      ...(named === undefined
        ? []
        : [{ name: "named by the patient", text: named }]),
      ...recipients.slice(0, most).map(({ name, address, last }) => ({
        name: "disclosed to",
        text: [name, address ?? "", `(${last})`]
          .filter((part) => part !== "")
          .join(" "),
      })),
    ];
    if (lines.length === 0) return {};
    await deps.records.change(context, async (work) => {
      const { task: found } = await demandRequest(work, input);
      if (outputsOf(found, informOutput).length > 0) return;
      const id = await raiseOnce(work, `${execution}/inform`, {
        reason: "amendment-inform",
        authoredOn: now,
        patientId: patient,
        focus: `Task/${request}`,
        input: lines,
        // To whom the record went may tell what is closed to those who act for the patient.
        security: (await isByPatient(work, patient, requestedBy(found)))
          ? [patientOnly]
          : [],
      });
      await work.update({
        ...found,
        output: [
          ...(found.output ?? []),
          {
            type: { text: informOutput },
            valueReference: { reference: `Task/${id}` },
          },
        ],
      });
    });
    return {};
  });

export const handler = live(privacyInform);
