import {
  DeleteObjectCommand,
  ListObjectVersionsCommand,
  PutObjectCommand,
  S3Client,
} from "@aws-sdk/client-s3";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { beforeAll, describe, expect, it } from "vitest";
import { complete, verify } from "../../audit/run.ts";
import {
  archiveKeys,
  hourAfter,
  hourOf,
  readRoot,
} from "../../functions/core/audit-root.ts";
import { signDueRoots } from "../../functions/events/sign-roots.ts";
import { kmsRootSigner } from "../../functions/store/root-signer.ts";
import { s3Archive } from "../../functions/store/s3-archive.ts";
import { until } from "../../local/until.ts";
import { demo } from "../../organizations/demo.ts";
import { account, named, queueUrl } from "./aws.ts";
import { directory } from "./places.ts";
import { theWorld, type World } from "./world.ts";

const hour = 3_600_000;
let world: World;
let bucket: string;
let key: string;
let client: object;
let s3: S3Client;

beforeAll(async () => {
  world = await theWorld();
  const outputs = JSON.parse(
    await readFile(join(directory, "outputs.json"), "utf8"),
  ) as Record<string, Record<string, string>>;
  bucket = outputs["demo-audit"]?.ArchiveBucket ?? "";
  key = outputs["demo-audit"]?.RootsKeyId ?? "";
  client = {
    endpoint: world.urls.emulator,
    region: "us-east-1",
    credentials: { accessKeyId: account, secretAccessKey: "local" },
    forcePathStyle: true,
  };
  s3 = new S3Client(client);
});

const archive = () => s3Archive(bucket, s3);

const objects = async (): Promise<readonly string[]> => {
  const keys: string[] = [];
  for await (const listed of archive().list(archiveKeys.facts))
    keys.push(listed.key);
  return keys;
};

const told = async (
  run: typeof verify,
  ...args: readonly string[]
): Promise<{ code: number; text: string }> => {
  const said: string[] = [];
  const code = await run(
    [
      "--demo",
      ...["--endpoint", world.urls.emulator],
      ...["--outputs", join(directory, "outputs.json")],
      ...args,
    ],
    {
      print: (text) => said.push(text),
      progress: () => undefined,
      // Facts of the last quarter of an hour are not compared.
      now: () => new Date(Date.now() + hour),
    },
  );
  return { code, text: said.join("\n") };
};

/** The table and the archive have come to rest: for seconds they agree, and nothing more arrives. */
const settled = async (): Promise<void> => {
  let last = "";
  let since = performance.now();
  await until("the archive to hold every fact of the table", async () => {
    const { code, text } = await told(verify, "--table");
    if (code !== 0 || text !== last) since = performance.now();
    last = text;
    return performance.now() - since > 8_000 ? true : undefined;
  });
};

describe("the archive of facts", () => {
  it("receives every fact of the table, byte for byte", async () => {
    await settled();
    const { text } = await told(verify, "--table");
    expect(text).toMatch(/[1-9]\d* facts of the table compared/);
    expect(await objects()).not.toHaveLength(0);
  });

  it("locks what it has", async () => {
    const [first = ""] = await objects();
    const { Versions = [] } = await s3.send(
      new ListObjectVersionsCommand({ Bucket: bucket, Prefix: first }),
    );
    await expect(
      s3.send(
        new DeleteObjectCommand({
          Bucket: bucket,
          Key: first,
          VersionId: Versions[0]?.VersionId,
        }),
      ),
    ).rejects.toThrow("object lock");
    expect(await archive().add(first, "other", "text/plain")).toBe(false);
  });

  it("is signed by the deployed function for the hours that are over", async () => {
    const over = hourAfter(hourOf(new Date()), -2);
    const [first = ""] = await objects();
    const body = Buffer.from((await archive().get(first))?.body ?? []);
    const text = body.toString();
    await archive().add(archiveKeys.object(over, text), text, "text/plain");
    await world.call("sqs", "AmazonSQS.SendMessage", {
      QueueUrl: queueUrl(world.urls.emulator, named("sign-roots")),
      MessageBody: "{}",
    });
    const root = await until(`the root of ${over}`, async () => {
      const found = await archive().get(archiveKeys.root(over));
      return found && readRoot(found.body)?.root;
    });
    expect(root).toMatchObject({ hour: over, previous: null, key });
    expect(root.count).toBe(text.trimEnd().split("\n").length);
  });

  it("is whole once this hour is signed, and says so offline from KMS's key", async () => {
    await signDueRoots({
      archive: archive(),
      signer: kmsRootSigner(key, client),
      organization: demo.settings,
      log: Object.assign(() => undefined, { error: () => undefined }),
      now: () => new Date(Date.now() + 1.5 * hour),
    });
    const { code, text } = await told(verify);
    expect(text).toContain("The archive is whole");
    expect(code).toBe(0);
  });

  it("shows a fact that somebody changed, whatever S3 allowed", async () => {
    const first = (await objects()).at(-1) ?? "";
    const before = Buffer.from((await archive().get(first))?.body ?? []);
    await s3.send(
      new PutObjectCommand({
        Bucket: bucket,
        Key: first,
        Body: before.toString().replace(/"by":"[^"]*"/, '"by":"staff:nobody"'),
      }),
    );
    const { code, text } = await told(verify);
    expect(code).toBe(1);
    expect(text).toContain(`REPLACED  ${first}`);
    expect(text).toContain("the original is still there as version");
    expect(text).toContain("CHANGED   fact ");
    await s3.send(
      new PutObjectCommand({ Bucket: bucket, Key: first, Body: before }),
    );
    expect((await told(verify)).code).toBe(0);
  });

  it("shows an object that somebody hid", async () => {
    const first = (await objects()).at(-1) ?? "";
    const { VersionId } = await s3.send(
      new DeleteObjectCommand({ Bucket: bucket, Key: first }),
    );
    const { code, text } = await told(verify);
    expect(code).toBe(1);
    expect(text).toContain(`MISSING  ${first}`);
    expect(text).toContain("the original is still there as version");
    await s3.send(
      new DeleteObjectCommand({ Bucket: bucket, Key: first, VersionId }),
    );
    expect((await told(verify)).code).toBe(0);
  });

  it("has nothing to be completed", async () => {
    const { code, text } = await told(complete);
    expect([code, text]).toEqual([
      0,
      "The archive has every fact of the table.",
    ]);
  });
});
