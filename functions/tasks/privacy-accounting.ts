import * as z from "zod";
import { languageOf } from "../core/message.ts";
import {
  outputsOf,
  resultOutput,
  textDetail,
} from "../core/privacy-request.ts";
import { page, titles, type CopyFile } from "../core/record-copy.ts";
import type { Deps } from "../runtime/dependencies.ts";
import { live } from "../runtime/live.ts";
import { task } from "../runtime/task.ts";
import type { Accounted } from "../store/disclosures.ts";
import { asTask } from "./ids.ts";
import { asRequester, demandRequest, RequestInput } from "./privacy-input.ts";
import { fileResult } from "./privacy-files.ts";

/** Writes the accounting of disclosures: date, to whom, what, why (45 CFR 164.528(b)(2)). Once. */
export const privacyAccounting = (
  deps: Pick<Deps, "records" | "organization" | "disclosures">,
) =>
  task(RequestInput, z.object({}), async (input) => {
    const { patient, execution, now } = input;
    const context = asTask("privacy-accounting", execution);
    const { task: found } = await deps.records.change(context, (work) =>
      demandRequest(work, input),
    );
    const [from, until = now] = [
      textDetail(found, "from"),
      textDetail(found, "until"),
    ];
    const disclosures = await deps.disclosures();
    const accounted = (
      await disclosures.account(
        asRequester(found, input),
        patient,
        from === undefined ? undefined : `${from}T00:00:00Z`,
      )
    ).filter(({ at }) => at.slice(0, 10) <= until.slice(0, 10));
    await deps.records.change(context, async (work) => {
      const person = await work.demand("Patient", patient);
      const { task: current } = await demandRequest(work, input);
      if (outputsOf(current, resultOutput).length > 0) return;
      const language = languageOf(person, deps.organization);
      const about = {
        language,
        organization: deps.organization.displayName,
        now,
      };
      await fileResult(work, current, {
        patient,
        files: [
          page(
            titles.accounting[language],
            [{ heading: "", rows: accounted.map(rowOf) }],
            about,
          ),
          listOf(accounted),
        ],
      });
    });
    return {};
  });

const whatOf = ({ what, types = [] }: Accounted): string =>
  types.length > 0 ? types.join(", ") : what;

const rowOf = (one: Accounted): readonly string[] => [
  one.at.slice(0, 10),
  [one.recipient.name, one.recipient.address ?? ""].join(" ").trim(),
  whatOf(one),
  one.purpose,
];

const listOf = (accounted: readonly Accounted[]): CopyFile => ({
  name: "accounting.json",
  contentType: "application/json",
  bytes: Buffer.from(
    JSON.stringify(
      accounted.map((one) => ({
        at: one.at,
        recipient: one.recipient,
        what: whatOf(one),
        purpose: one.purpose,
      })),
    ),
  ),
});

export const handler = live(privacyAccounting);
