import { S3Client } from "@aws-sdk/client-s3";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { loadedLate, type Bucket } from "../../functions/store/bucket.ts";
import { s3Bucket } from "../../functions/store/s3-bucket.ts";
import { memoryBucket } from "../memory-bucket.ts";
import { s3Server, type S3Server } from "./s3-server.ts";

let server: S3Server;
beforeAll(async () => {
  server = await s3Server();
});
afterAll(() => server.close());

const bytes = (text: string): Uint8Array => Buffer.from(text);
const inS3 = (): Bucket =>
  s3Bucket(
    "files",
    new S3Client({
      endpoint: server.endpoint,
      region: "us-east-1",
      credentials: { accessKeyId: "test", secretAccessKey: "test" },
      requestChecksumCalculation: "WHEN_REQUIRED",
    }),
  );

describe.each<[string, () => Bucket]>([
  ["in memory", memoryBucket],
  ["of S3", inS3],
  ["loaded late", () => loadedLate(() => Promise.resolve(memoryBucket()))],
])("a bucket %s", (_, make) => {
  it("gives back what was put, whole or in part", async () => {
    const bucket = make();
    await bucket.put("a/1", bytes("0123456789"), "text/plain");
    const text = async (from: number, to: number) =>
      Buffer.from((await bucket.get("a/1", { from, to })) ?? []).toString();
    expect(Buffer.from((await bucket.get("a/1")) ?? []).toString()).toBe(
      "0123456789",
    );
    expect(await text(2, 5)).toBe("234");
    expect(await text(8, 50)).toBe("89");
    expect(await bucket.get("a/1", { from: 10, to: 20 })).toBeUndefined();
    expect(await bucket.get("a/2")).toBeUndefined();
    await bucket.remove(["a/1"]);
  });

  it("lists by prefix, over several pages, and removes what is there or not", async () => {
    const bucket = make();
    const keys = ["b/1", "b/2", "b/3", "b/4", "b/5"];
    for (const key of [...keys].reverse())
      await bucket.put(key, bytes(key), "text/plain");
    expect(await bucket.list("b/")).toEqual(
      keys.map((key) => ({ key, bytes: 3 })),
    );
    await bucket.remove([...keys.slice(1), "b/none"]);
    expect(await bucket.list("b/")).toEqual([{ key: "b/1", bytes: 3 }]);
    await bucket.remove(["b/1"]);
    await bucket.remove([]);
  });

  it("shows an appended file whole at its end and not before", async () => {
    const bucket = make();
    const upload = await bucket.append("c/1", "application/fhir+ndjson");
    const part = Buffer.alloc(3 * 1024 * 1024, "x");
    for (let written = 0; written < 4; written += 1) await upload.write(part);
    expect(await bucket.list("c/")).toEqual([]);
    await upload.write(bytes("end"));
    await upload.end();
    const [listed] = await bucket.list("c/");
    expect(listed?.bytes).toBe(4 * part.length + 3);
    expect(
      await bucket.get("c/1", {
        from: 4 * part.length - 1,
        to: 5 * part.length,
      }),
    ).toEqual(Uint8Array.from(bytes("xend")));
    await bucket.remove(["c/1"]);
  });

  it("forgets an appended file that was given up, short or long", async () => {
    const bucket = make();
    for (const size of [3, 9 * 1024 * 1024]) {
      const upload = await bucket.append("d/1", "text/plain");
      await upload.write(Buffer.alloc(size));
      await upload.abort();
    }
    expect(await bucket.list("d/")).toEqual([]);
    expect(server.open()).toEqual([]);
  });
});

describe("links of S3", () => {
  it("take exactly the announced content type and are bound to no checksum", async () => {
    const link = new URL(await inS3().uploadLink("e/1", 60, "text/plain"));
    expect(link.searchParams.get("X-Amz-SignedHeaders")).toBe(
      "content-type;host",
    );
    expect(link.searchParams.get("X-Amz-Expires")).toBe("60");
    expect(link.search).not.toMatch(/checksum/i);
    const { status } = await fetch(link, { method: "PUT", body: "sent" });
    expect(status).toBe(200);
    expect(await inS3().list("e/")).toEqual([{ key: "e/1", bytes: 4 }]);
  });

  it("let a browser save under a harmless name", async () => {
    const bucket = inS3();
    await bucket.put("f/1", bytes("file"), "text/plain");
    const link = await bucket.downloadLink("f/1", 60, 'a"b\r\nc.ndjson');
    expect(new URL(link).searchParams.get("response-content-disposition")).toBe(
      'attachment; filename="a_b__c.ndjson"',
    );
    expect(await (await fetch(link)).text()).toBe("file");
  });
});
