import type { Consent } from "@medplum/fhirtypes";
import * as z from "zod";
import { onlyBy, type Means } from "../core/confidential.ts";
import { textDetail } from "../core/privacy-request.ts";
import { requestSystem } from "../core/request-kind.ts";
import type { Deps } from "../runtime/dependencies.ts";
import { live } from "../runtime/live.ts";
import { task } from "../runtime/task.ts";
import { asTask } from "./ids.ts";
import { demandRequest, RequestInput } from "./privacy-input.ts";

/** Writes how the patient is to be reached from now on, in place of what an earlier request asked for. Once. */
export const privacyConfidential = ({ records }: Pick<Deps, "records">) =>
  task(RequestInput, z.object({}), async (input) => {
    const { execution, patient, now } = input;
    await records.change(
      asTask("privacy-confidential", execution),
      async (work) => {
        const { task: found } = await demandRequest(work, input);
        const [existing] = await work.byIdentifier(
          "Consent",
          requestSystem,
          found.id,
        );
        if (existing !== undefined) return;
        const address = textDetail(found, "address");
        const consents = await work.ofPatient("Consent", patient);
        for (const earlier of consents.filter(isRequest))
          await work.update({ ...earlier, status: "inactive" });
        await work.create({
          ...onlyBy(
            patient,
            {
              means: textDetail(found, "channel") as Means,
              ...(address !== undefined && { address }),
            },
            now,
          ),
          identifier: [{ system: requestSystem, value: found.id }],
        });
      },
    );
    return {};
  });

const isRequest = ({ status, category }: Consent): boolean =>
  status === "active" &&
  category.some(({ coding = [] }) =>
    coding.some(({ code }) => code === "confidential-communications"),
  );

export const handler = live(privacyConfidential);
