import * as z from "zod";
import { ActivityFact, activityOf } from "../core/access-review.ts";
import { archiveKeys } from "../core/audit-root.ts";
import type { Deps } from "../runtime/dependencies.ts";
import { environment } from "../runtime/environment.ts";
import { event } from "../runtime/event.ts";
import { live } from "../runtime/live.ts";
import { patientDigest } from "../store/activity.ts";
import { lateArchive, type Archive } from "../store/archive.ts";

interface SummingUp extends Pick<Deps, "activity" | "now" | "log"> {
  readonly archive: Pick<Archive, "get" | "list">;
}

const dayLength = 86_400_000;
/** Days that were missed are made up for, so many of them. */
const mostDays = 14;
const readAtOnce = 8;

/** Sums up, once a day, what members of staff did on the days that are over and have not been summed up, for access reviews. */
export const sumUpActivity = ({ activity, archive, now, log }: SummingUp) =>
  event(z.unknown(), async () => {
    const store = await activity();
    for (let ago = mostDays; ago >= 1; ago -= 1) {
      const day = new Date(now().getTime() - ago * dayLength)
        .toISOString()
        .slice(0, 10);
      if (await store.isKept(day)) continue;
      const found = activityOf(await factsOf(archive, day), patientDigest);
      await store.keep(day, found);
      log("ActivitySummedUp", { id: day, count: found.length });
    }
  });

/** A day's objects are those written on it; what happened just before midnight counts for the next day. */
const factsOf = async (
  archive: SummingUp["archive"],
  day: string,
): Promise<readonly ActivityFact[]> => {
  const keys: string[] = [];
  for await (const { key } of archive.list(archiveKeys.factsOfDay(day)))
    keys.push(key);
  const facts: ActivityFact[] = [];
  for (let from = 0; from < keys.length; from += readAtOnce) {
    const objects = await Promise.all(
      keys.slice(from, from + readAtOnce).map((key) => archive.get(key)),
    );
    for (const object of objects)
      for (const line of textOf(object?.body).split("\n")) {
        const fact = ActivityFact.safeParse(parsed(line));
        if (fact.success && fact.data.by.startsWith("staff:"))
          facts.push(fact.data);
      }
  }
  return facts;
};

const textOf = (body: Uint8Array | undefined): string =>
  Buffer.from(body ?? []).toString("utf8");

/** The verifier of the archive complains of a line that is no JSON; here it is passed over. */
const parsed = (line: string): unknown => {
  try {
    return JSON.parse(line);
  } catch {
    return undefined;
  }
};

export const handler = live(({ activity, now, log }: Deps) =>
  sumUpActivity({
    ...{ activity, now, log },
    archive: lateArchive(async () =>
      (await import("../store/s3-archive.ts")).s3Archive(
        environment("ARCHIVE_BUCKET"),
      ),
    ),
  }),
);
