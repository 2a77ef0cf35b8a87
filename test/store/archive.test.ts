import { S3Client } from "@aws-sdk/client-s3";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { ReadableArchive } from "../../audit/archive-reading.ts";
import { folderArchive } from "../../audit/folder.ts";
import type { Archive } from "../../functions/store/archive.ts";
import { s3Archive } from "../../functions/store/s3-archive.ts";
import { memoryArchive } from "../memory-archive.ts";
import { s3Server, type S3Server } from "./s3-server.ts";

let server: S3Server;
const folder = mkdtempSync(join(tmpdir(), "sojourn-archive-"));
beforeAll(async () => {
  server = await s3Server();
});
afterAll(async () => {
  await server.close();
  rmSync(folder, { recursive: true });
});

const inS3 = (): Archive =>
  s3Archive(
    "archive",
    new S3Client({
      endpoint: server.endpoint,
      region: "us-east-1",
      credentials: { accessKeyId: "test", secretAccessKey: "test" },
      forcePathStyle: true,
    }),
  );

const names = async (
  archive: ReadableArchive,
  ...given: Parameters<ReadableArchive["list"]>
): Promise<readonly string[]> => {
  const keys: string[] = [];
  for await (const { key } of archive.list(...given)) keys.push(key);
  return keys;
};

const stored = {
  "facts/2026/03/02/14/b.ndjson": "b\n",
  "facts/2026/03/02/15/a.ndjson": "a\n",
  "facts/2026/03/02/15/c.ndjson": "c\n",
  "facts/2026/03/03/00/d.ndjson": "d\n",
  "roots/2026/03/02/14.json": "{}",
} as const;

describe.each<[string, () => Archive]>([
  ["in memory", memoryArchive],
  ["in S3", inS3],
])("an archive %s", (_, make) => {
  it("keeps what was added first", async () => {
    const archive = make();
    expect(await archive.add("x/1", "one", "text/plain")).toBe(true);
    expect(await archive.add("x/1", "two", "text/plain")).toBe(false);
    expect(Buffer.from((await archive.get("x/1"))?.body ?? []).toString()).toBe(
      "one",
    );
    expect(await archive.get("x/2")).toBeUndefined();
  });
});

describe.each<[string, () => Promise<ReadableArchive>]>([
  ["in memory", () => filled(memoryArchive())],
  ["in S3", () => filled(inS3())],
  [
    "on a disk",
    () => {
      for (const [key, body] of Object.entries(stored)) {
        mkdirSync(dirname(join(folder, key)), { recursive: true });
        writeFileSync(join(folder, key), body);
      }
      return Promise.resolve(folderArchive(folder));
    },
  ],
])("what lies %s", (_, make) => {
  it("is listed in order, by prefix, and behind a name", async () => {
    const archive = await make();
    const facts = Object.keys(stored).slice(0, 4);
    expect(await names(archive, "facts/")).toEqual(facts);
    expect(await names(archive, "facts/2026/03/02/15/")).toEqual(
      facts.slice(1, 3),
    );
    expect(await names(archive, "facts/", "facts/2026/03/02/14/~")).toEqual(
      facts.slice(1),
    );
    expect(await names(archive, "facts/", facts[1])).toEqual(facts.slice(2));
    expect(await names(archive, "nothing/")).toEqual([]);
    expect(await archive.get("facts/2026")).toBeUndefined();
  });
});

const filled = async (archive: Archive): Promise<ReadableArchive> => {
  for (const [key, body] of Object.entries(stored))
    await archive.add(key, body, "text/plain");
  return archive;
};
