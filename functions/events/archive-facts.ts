import * as z from "zod";
import { archiveKeys, hourOf } from "../core/audit-root.ts";
import { canonical, ordered, readLine } from "../core/fact-chain.ts";
import type { Deps } from "../runtime/dependencies.ts";
import { environment } from "../runtime/environment.ts";
import { batch } from "../runtime/event.ts";
import { live } from "../runtime/live.ts";
import { lateArchive, type Archive } from "../store/archive.ts";

/** Whatever the table holds as a fact is archived as it stands: nothing is judged here, so nothing can be kept back. */
const FactItem = z.record(z.string(), z.unknown());

/**
 * Adds each batch of new facts to the archive as one object under the hour in which it is written. The name is the
 * content's hash: a batch that comes again adds nothing.
 */
export const archiveFacts = ({
  archive,
  now,
}: { readonly archive: Archive } & Pick<Deps, "now">) =>
  batch(FactItem, async (messages) => {
    const body = factsObject(messages.map(({ body: item }) => item));
    await archive.add(
      archiveKeys.object(hourOf(now()), body),
      body,
      "application/x-ndjson",
    );
    return [];
  });

/** Facts as an object of the archive has them: a line each, in order. */
export const factsObject = (items: readonly object[]): string =>
  ordered(items.map((item) => readLine(canonical(item))))
    .map(({ text }) => `${text}\n`)
    .join("");

export const handler = live(({ now }: Deps) =>
  archiveFacts({
    now,
    archive: lateArchive(async () =>
      (await import("../store/s3-archive.ts")).s3Archive(
        environment("ARCHIVE_BUCKET"),
      ),
    ),
  }),
);
