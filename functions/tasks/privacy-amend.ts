import * as z from "zod";
import type { Provenance } from "@medplum/fhirtypes";
import { outputsOf, textDetail } from "../core/privacy-request.ts";
import type { Deps } from "../runtime/dependencies.ts";
import { live } from "../runtime/live.ts";
import { task } from "../runtime/task.ts";
import { asTask } from "./ids.ts";
import { demandRequest, RequestInput } from "./privacy-input.ts";

/**
 * Links an amendment with what it is about: the version that staff made, or, denied, what stays as it was
 * (45 CFR 164.526(c)(1), (d)(4)). Once.
 */
export const privacyAmend = ({ records }: Pick<Deps, "records">) =>
  task(RequestInput, z.object({}), async (input) => {
    const { execution, request, now } = input;
    await records.change(asTask("privacy-amend", execution), async (work) => {
      const { task: found } = await demandRequest(work, input);
      const [existing] = outputsOf(found, "provenance");
      const target =
        outputsOf(found, "amended")[0]?.reference ??
        textDetail(found, "resource");
      if (existing !== undefined || target === undefined) return;
      const { id } = await work.create(
        linked(target, request, {
          now,
          activity:
            found.status === "rejected" ? "amendment-denied" : "amended",
        }),
      );
      await work.update({
        ...found,
        output: [
          ...(found.output ?? []),
          {
            type: { text: "provenance" },
            valueReference: { reference: `Provenance/${id}` },
          },
        ],
      });
    });
    return {};
  });

const linked = (
  target: string,
  request: string,
  { now, activity }: { readonly now: string; readonly activity: string },
): Provenance => ({
  resourceType: "Provenance",
  target: [{ reference: target }],
  recorded: now,
  activity: { coding: [{ system: "urn:sojourn:activity", code: activity }] },
  agent: [
    {
      who: {
        identifier: {
          system: "urn:sojourn:caller",
          value: "system:privacy-amend",
        },
      },
    },
  ],
  entity: [{ role: "source", what: { reference: `Task/${request}` } }],
});

export const handler = live(privacyAmend);
