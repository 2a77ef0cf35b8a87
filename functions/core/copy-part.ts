import type { Resource } from "@medplum/fhirtypes";
import type { Language } from "../../packs/messages/message-pack.ts";
import { copyLabel } from "./privacy-request.ts";
import {
  attachmentName,
  bundleFile,
  partsOf,
  recordPage,
  type CopyEntry,
  type CopyFile,
} from "./record-copy.ts";

/** A file of the record that comes along as it lies: a version of a Binary, and its name in the copy. */
export interface Attachment {
  readonly reference: string;
  readonly name: string;
}

/** Psychotherapy notes are no part of what is accessed (45 CFR 164.524(a)(1)(i)); v3 ActCode. Earlier copies are none of the record. */
const withheld: readonly (string | undefined)[] = ["PSYTHPN", copyLabel.code];

/** A stretch of a record in files: pages, Bundles, and what is a file itself. `number` is that of its first page. */
export const copyPart = (
  entries: readonly (CopyEntry & { readonly version: number })[],
  {
    number,
    base,
    ...about
  }: {
    readonly number: number;
    readonly base: string;
    readonly language: Language;
    readonly organization: string;
    readonly now: string;
  },
): {
  readonly files: readonly CopyFile[];
  readonly attachments: readonly Attachment[];
} => {
  // What is referred to from several pages may have been brought along by each.
  const kept = [
    ...new Map(
      entries.map((entry) => [`${entry.type}/${entry.id}`, entry]),
    ).values(),
  ]
    .map((entry) => ({
      ...entry,
      resource: JSON.parse(entry.text) as Resource,
    }))
    .filter(
      ({ resource }) =>
        resource.meta?.security?.some(({ code }) => withheld.includes(code)) !==
        true,
    );
  const attachments = kept.flatMap(({ id, version, resource }) =>
    resource.resourceType === "Binary"
      ? [
          {
            reference: `Binary/${id}/_history/${String(version)}`,
            name: attachmentName(id, resource.contentType),
          },
        ]
      : [],
  );
  const parts = partsOf(kept.filter(({ type }) => type !== "Binary"));
  const files = parts.flatMap((part, index) => [
    recordPage(
      part.map(({ resource }) => resource),
      {
        ...about,
        number: number + index,
        attachments:
          index === parts.length - 1 ? attachments.map(({ name }) => name) : [],
      },
    ),
    bundleFile(part, { base, now: about.now, number: number + index }),
  ]);
  return { files, attachments };
};
