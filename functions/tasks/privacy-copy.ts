import * as z from "zod";
import type { Task } from "@medplum/fhirtypes";
import { copyPart } from "../core/copy-part.ts";
import { languageOf } from "../core/message.ts";
import {
  cursorOf,
  outputsOf,
  resultOutput,
  textDetail,
} from "../core/privacy-request.ts";
import type { CopyEntry } from "../core/record-copy.ts";
import type { Deps } from "../runtime/dependencies.ts";
import { live } from "../runtime/live.ts";
import { task } from "../runtime/task.ts";
import type { EverythingPage } from "../store/everything.ts";
import { asTask } from "./ids.ts";
import { asRequester, demandRequest, RequestInput } from "./privacy-input.ts";
import { fileResult } from "./privacy-files.ts";

const Output = z.object({ isMore: z.boolean() });

/** A run ends with the first page after half of the time that the function has, or after 24 MB. */
const full = { milliseconds: 60_000, bytes: 24_000_000 } as const;
type Limits = { readonly [Limit in keyof typeof full]: number };

/**
 * Writes the next part of a copy of the record: FHIR Bundles for programs, pages for people, and the files of the record
 * themselves, of what whoever asked may see. Where it goes on is in the request, so each part is written once.
 */
export const privacyCopy = (
  deps: Pick<Deps, "records" | "organization" | "log" | "now">,
  limits: Limits = full,
) =>
  task(RequestInput, Output, async (input) => {
    const { records, organization } = deps;
    const { patient, execution, request, now } = input;
    const context = asTask("privacy-copy", execution);
    const { found, person } = await records.change(context, async (work) => ({
      found: (await demandRequest(work, input)).task,
      person: await work.demand("Patient", patient),
    }));
    const before = copyState(found);
    if (before.isWhole) return { isMore: false };
    const asker = asRequester(found, input);
    const { entries, next } = await stretch(
      (asked) => records.everything(asker, patient, asked),
      firstQuestion(found),
      { limits, now: deps.now },
    );
    const part = copyPart(entries, {
      number: before.pages + 1,
      base: `${organization.portalUrl.replace(/\/$/, "")}/fhir/R4`,
      language: languageOf(person, organization),
      organization: organization.displayName,
      now,
    });
    const after = await records.change(context, async (work) => {
      const { task: current } = await demandRequest(work, input);
      const state = copyState(current);
      // Another try was faster.
      if (state.pages !== before.pages) return state;
      return copyState(
        await fileResult(work, current, { patient, ...part, next }),
      );
    });
    deps.log("RecordCopied", {
      id: request,
      patient,
      execution,
      count: entries.length,
    });
    return { isMore: !after.isWhole };
  });

/** How much of the copy there is. */
const copyState = (task: Task) => {
  const pages = outputsOf(task, resultOutput).filter(({ display = "" }) =>
    display.startsWith("index"),
  ).length;
  return { pages, isWhole: pages > 0 && cursorOf(task) === undefined };
};

type Asked = Parameters<Deps["records"]["everything"]>[2];

const firstQuestion = (task: Task): Asked => {
  const cursor = cursorOf(task);
  if (cursor !== undefined) return { cursor };
  const [start, end] = [textDetail(task, "from"), textDetail(task, "until")];
  return {
    ...(start !== undefined && { start }),
    ...(end !== undefined && { end }),
  };
};

/** As many pages as one run writes, and where the next one goes on. */
const stretch = async (
  read: (asked: Asked) => Promise<EverythingPage>,
  first: Asked,
  { limits, now }: { readonly limits: Limits } & Pick<Deps, "now">,
) => {
  const end = now().getTime() + limits.milliseconds;
  const entries: (CopyEntry & { readonly version: number })[] = [];
  let bytes = 0;
  let asked = first;
  for (;;) {
    const page = await read(asked);
    for (const { address, version, text } of page.entries) {
      entries.push({ type: address.type, id: address.id, version, text });
      bytes += text.length;
    }
    if (page.next === undefined) return { entries };
    if (bytes >= limits.bytes || now().getTime() >= end)
      return { entries, next: page.next };
    asked = { cursor: page.next };
  }
};

export const handler = live(privacyCopy);
