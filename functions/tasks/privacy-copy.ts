import * as z from "zod";
import type { Resource } from "@medplum/fhirtypes";
import { languageOf } from "../core/message.ts";
import { textDetail } from "../core/privacy-request.ts";
import { bundleFiles, recordPage, type CopyFile } from "../core/record-copy.ts";
import type { Deps } from "../runtime/dependencies.ts";
import { live } from "../runtime/live.ts";
import { task } from "../runtime/task.ts";
import type { EverythingEntry } from "../store/everything.ts";
import { asTask } from "./ids.ts";
import { asRequester, demandRequest, RequestInput } from "./privacy-input.ts";
import { fileResult } from "./privacy-files.ts";

/** Psychotherapy notes are no part of what is accessed (45 CFR 164.524(a)(1)(i)); v3 ActCode. */
const withheld = "PSYTHPN";

/** Writes a copy of the record: FHIR Bundles for programs and a page for people, of what whoever asked may see. Once. */
export const privacyCopy = (
  deps: Pick<Deps, "records" | "organization" | "log">,
) =>
  task(RequestInput, z.object({}), async (input) => {
    const { patient, execution, request } = input;
    const context = asTask("privacy-copy", execution);
    const { task: found } = await deps.records.change(context, (work) =>
      demandRequest(work, input),
    );
    const entries: EverythingEntry[] = [];
    const asker = asRequester(found, input);
    const [start, end] = [
      textDetail(found, "from"),
      textDetail(found, "until"),
    ];
    let asked: Parameters<typeof deps.records.everything>[2] = {
      ...(start !== undefined && { start }),
      ...(end !== undefined && { end }),
    };
    for (;;) {
      const page = await deps.records.everything(asker, patient, asked);
      entries.push(...page.entries);
      if (page.next === undefined) break;
      asked = { cursor: page.next };
    }
    const files = copyOf(entries, {
      now: input.now,
      organization: deps.organization,
    });
    await deps.records.change(context, async (work) => {
      const { task: now } = await demandRequest(work, input);
      await fileResult(work, now, { patient, files });
    });
    deps.log("RecordCopied", {
      id: request,
      patient,
      execution,
      count: entries.length,
    });
    return {};
  });

const copyOf = (
  entries: readonly EverythingEntry[],
  { now, organization }: { now: string } & Pick<Deps, "organization">,
): readonly CopyFile[] => {
  const kept = entries
    .map(({ address: { type, id }, text }) => ({
      type,
      id,
      text,
      resource: JSON.parse(text) as Resource,
    }))
    .filter(
      ({ type, resource }) =>
        // Files are fetched at their own address, and earlier copies are none of the record.
        type !== "Binary" &&
        resource.meta?.security?.some(({ code }) => code === withheld) !== true,
    );
  const resources = kept.map(({ resource }) => resource);
  const patient = resources.find(
    (resource) => resource.resourceType === "Patient",
  );
  return [
    recordPage(resources, {
      language: languageOf(patient ?? {}, organization),
      organization: organization.displayName,
      now,
    }),
    ...bundleFiles(kept, {
      base: `${organization.portalUrl.replace(/\/$/, "")}/fhir/R4`,
      now,
    }),
  ];
};

export const handler = live(privacyCopy);
