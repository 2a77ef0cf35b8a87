import type { Bucket } from "../functions/store/bucket.ts";
import type { ObjectVersions } from "../functions/store/object-versions.ts";

export interface MemoryBucket extends Bucket {
  readonly objects: ReadonlyMap<
    string,
    { readonly body: Uint8Array; readonly contentType: string }
  >;
  /** All that was ever written, until it is removed with its versions. */
  readonly versions: ObjectVersions & { readonly bodies: () => Uint8Array[] };
}

/** A bucket in memory; its links are `memory:` addresses. */
export const memoryBucket = (): MemoryBucket => {
  const objects = new Map<string, { body: Uint8Array; contentType: string }>();
  let written: { readonly key: string; readonly body: Uint8Array }[] = [];
  const put: Bucket["put"] = (key, body, contentType) => {
    written.push({ key, body: Uint8Array.from(body) });
    objects.set(key, { body: Uint8Array.from(body), contentType });
    return Promise.resolve();
  };
  return {
    objects,
    versions: {
      bodies: () => written.map(({ body }) => body),
      count: (prefix) =>
        Promise.resolve(
          written.filter(({ key }) => key.startsWith(prefix)).length,
        ),
      remove: (prefix) => {
        const before = written.length;
        written = written.filter(({ key }) => !key.startsWith(prefix));
        for (const key of objects.keys())
          if (key.startsWith(prefix)) objects.delete(key);
        return Promise.resolve(before - written.length);
      },
    },
    put,
    get: (key, range) => {
      const body = objects.get(key)?.body;
      if (body === undefined || range === undefined)
        return Promise.resolve(body);
      return Promise.resolve(
        range.from >= body.byteLength
          ? undefined
          : body.slice(range.from, range.to),
      );
    },
    list: (prefix) =>
      Promise.resolve(
        [...objects]
          .filter(([key]) => key.startsWith(prefix))
          .map(([key, { body }]) => ({ key, bytes: body.byteLength }))
          .sort((one, other) => (one.key < other.key ? -1 : 1)),
      ),
    remove: (keys) => {
      for (const key of keys) objects.delete(key);
      return Promise.resolve();
    },
    downloadLink: (key, seconds, fileName) =>
      Promise.resolve(
        `memory:${key}?seconds=${String(seconds)}&as=${fileName}`,
      ),
    uploadLink: (key, seconds) =>
      Promise.resolve(`memory:${key}?seconds=${String(seconds)}`),
    append: (key, contentType) => {
      let parts: Uint8Array[] = [];
      return Promise.resolve({
        write: (part) => {
          parts.push(Uint8Array.from(part));
          return Promise.resolve();
        },
        end: () => put(key, Buffer.concat(parts), contentType),
        abort: () => {
          parts = [];
          return Promise.resolve();
        },
      });
    },
  };
};

/** The key that a link of such a bucket names. */
export const keyIn = (link: string): string =>
  /^memory:([^?]+)/.exec(link)?.[1] ?? "";

/** The lines of NDJSON at a link. */
export const linesAt = async <Line>(
  { get }: Bucket,
  link: string,
): Promise<readonly Line[]> =>
  Buffer.from((await get(keyIn(link))) ?? [])
    .toString()
    .split("\n")
    .filter(Boolean)
    .map((line) => JSON.parse(line) as Line);
