import { readdir, readFile, stat } from "node:fs/promises";
import { join } from "node:path";
import type { ReadableArchive } from "./archive-reading.ts";

/** A copy of an archive on a disk: no versions, and nothing that guards it but its own links. */
export const folderArchive = (folder: string): ReadableArchive => ({
  get: async (key) => {
    try {
      return { body: await readFile(join(folder, key)) };
    } catch (error) {
      if (isAbsent(error)) return undefined;
      throw error;
    }
  },
  list: (prefix, after = "") => filesIn(folder, prefix, after),
});

async function* filesIn(
  folder: string,
  prefix: string,
  after: string,
): AsyncIterable<{ key: string; bytes: number }> {
  const directory = prefix.slice(0, prefix.lastIndexOf("/") + 1);
  let entries;
  try {
    entries = await readdir(join(folder, directory), { withFileTypes: true });
  } catch (error) {
    if (isAbsent(error)) return;
    throw error;
  }
  const names = entries
    .map((entry) => `${entry.name}${entry.isDirectory() ? "/" : ""}`)
    .sort((one, other) => (one < other ? -1 : 1));
  for (const name of names) {
    const key = `${directory}${name}`;
    if (!key.startsWith(prefix)) continue;
    if (name.endsWith("/")) {
      if (`${key}~` > after || after.startsWith(key))
        yield* filesIn(folder, key, after);
    } else if (key > after)
      yield { key, bytes: (await stat(join(folder, key))).size };
  }
}

const isAbsent = (error: unknown): boolean =>
  error instanceof Error &&
  "code" in error &&
  ["ENOENT", "ENOTDIR", "EISDIR"].includes(String(error.code));
