import * as z from "zod";
import {
  archiveKeys,
  hourAfter,
  hourIn,
  hourOf,
  linksFile,
  readRoot,
  rootFile,
  rootHash,
  rootText,
  startOf,
  type Root,
} from "../core/audit-root.ts";
import {
  beginningOf,
  chained,
  linesOf,
  ordered,
  sha256,
} from "../core/fact-chain.ts";
import type { Deps } from "../runtime/dependencies.ts";
import { environment } from "../runtime/environment.ts";
import { batch } from "../runtime/event.ts";
import { live } from "../runtime/live.ts";
import {
  lateArchive,
  type Archive,
  type RootSigner,
} from "../store/archive.ts";
import { kmsRootSigner } from "../store/root-signer.ts";

/** No writer works longer than a minute, so nothing more comes into an hour that ended so long ago. */
const settlingMinutes = 15;
const readAtOnce = 16;

interface SigningDeps extends Pick<Deps, "now" | "organization" | "log"> {
  readonly archive: Archive;
  readonly signer: RootSigner;
}

/** Signs a root for every hour that has settled and has none, the oldest first. What stops half way goes on the next time. */
export const signRoots = (deps: SigningDeps) =>
  batch(z.unknown(), async () => {
    await signDueRoots(deps);
    return [];
  });

export const signDueRoots = async (deps: SigningDeps): Promise<void> => {
  const { archive, now, log } = deps;
  const settled = hourAfter(
    hourOf(new Date(now().getTime() - settlingMinutes * 60_000)),
    -1,
  );
  let last = await lastRoot(archive, settled);
  let hour =
    last === undefined
      ? await firstHour(archive, settled)
      : hourAfter(last.hour);
  for (; hour <= settled; hour = hourAfter(hour)) {
    last = await signHour(deps, hour, last);
    log("RootSigned", { id: hour, count: last.count });
  }
};

const signHour = async (
  { archive, signer, organization: { slug } }: SigningDeps,
  hour: string,
  previous: Root | undefined,
): Promise<Root> => {
  const objects = await objectsOf(archive, hour);
  const lines = ordered(objects.flatMap(({ body }) => linesOf(body)));
  const start = previous?.head ?? beginningOf(slug);
  const links = chained(start, lines);
  const list = linksFile(links);
  const [first, last] = [links.at(0), links.at(-1)];
  const root: Root = {
    v: 1,
    organization: slug,
    hour,
    previous: previous === undefined ? null : rootHash(previous),
    start,
    head: last?.hash ?? start,
    count: links.length,
    late: lines.filter(({ at }) => at < startOf(hour).toISOString()).length,
    ...(first !== undefined &&
      last !== undefined && { first: first.id, last: last.id }),
    objects: objects.map(({ key, body, version }) => ({
      key,
      sha256: sha256(body),
      bytes: body.byteLength,
      ...(version !== undefined && { version }),
    })),
    ...(links.length > 0 && { links: sha256(list) }),
    key: signer.key,
  };
  if (root.links !== undefined)
    await archive.add(archiveKeys.links(hour, root.links), list, "text/plain");
  if (previous?.key !== signer.key)
    await archive.add(
      archiveKeys.publicKey(signer.key),
      await signer.publicKey(),
      "application/x-pem-file",
    );
  const file = rootFile(root, await signer.sign(rootText(root)));
  const added = await archive.add(
    archiveKeys.root(hour),
    file,
    "application/json",
  );
  // Another run was faster; the chain goes on from what is there.
  return added ? root : rootAt(archive, archiveKeys.root(hour));
};

const objectsOf = async (archive: Archive, hour: string) => {
  const keys: string[] = [];
  for await (const { key } of archive.list(archiveKeys.factsOfHour(hour)))
    keys.push(key);
  const objects = [];
  for (let from = 0; from < keys.length; from += readAtOnce)
    objects.push(
      ...(await Promise.all(
        keys.slice(from, from + readAtOnce).map(async (key) => {
          const found = await archive.get(key);
          if (found === undefined)
            throw new Error("an object that was listed is not there");
          return { key, ...found };
        }),
      )),
    );
  return objects;
};

/**
 * Of this month or the one before; only after a longer silence the whole list is read. What claims to be of an hour to come
 * is none, and stops nobody from signing.
 */
const lastRoot = async (
  archive: Archive,
  settled: string,
): Promise<Root | undefined> => {
  const month = startOf(settled).toISOString().slice(0, 7);
  const before = new Date(`${month}-01T00:00:00.000Z`);
  before.setUTCMonth(before.getUTCMonth() - 1);
  for (const prefix of [
    archiveKeys.rootsOfMonth(month),
    archiveKeys.rootsOfMonth(before.toISOString().slice(0, 7)),
    archiveKeys.roots,
  ]) {
    let last: string | undefined;
    for await (const { key } of archive.list(prefix))
      if ((hourIn(key) ?? "~") <= settled) last = key;
    if (last !== undefined) return rootAt(archive, last);
  }
  return undefined;
};

const rootAt = async (archive: Archive, key: string): Promise<Root> => {
  const found = await archive.get(key);
  const signed = found && readRoot(found.body);
  if (signed === undefined)
    throw new Error("the last root of the archive cannot be read");
  return signed.root;
};

/** Where the archive begins: with its first object, or now. */
const firstHour = async (
  archive: Archive,
  settled: string,
): Promise<string> => {
  for await (const { key } of archive.list(archiveKeys.facts)) {
    const hour = hourIn(key);
    if (hour !== undefined) return hour;
  }
  return settled;
};

export const handler = live(({ now, organization, log }: Deps) =>
  signRoots({
    ...{ now, organization, log },
    archive: lateArchive(async () =>
      (await import("../store/s3-archive.ts")).s3Archive(
        environment("ARCHIVE_BUCKET"),
      ),
    ),
    signer: kmsRootSigner(environment("ROOTS_KEY_ID")),
  }),
);
