import {
  DeleteObjectCommand,
  ListObjectVersionsCommand,
  PutObjectCommand,
} from "@aws-sdk/client-s3";
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
import { until } from "../../local/until.ts";
import { demo } from "../../organizations/demo.ts";
import { deployedArchive, type DeployedArchive } from "./archive.ts";
import { named, queueUrl } from "./aws.ts";
import { directory } from "./places.ts";
import { theWorld, type World } from "./world.ts";

const hour = 3_600_000;
let world: World;
let deployed: DeployedArchive;

beforeAll(async () => {
  world = await theWorld();
  deployed = await deployedArchive(world);
});

const objects = async (): Promise<readonly string[]> => {
  const keys: string[] = [];
  for await (const listed of deployed.archive.list(archiveKeys.facts))
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
  const agreed = async () => {
    const { code, text } = await told(verify, "--table");
    // Nothing is signed yet, so nothing is shown either.
    const isWell = code === 2 && text.includes("Nothing is wrong");
    if (!isWell || text !== last) since = performance.now();
    last = text;
    return performance.now() - since > 8_000 ? true : undefined;
  };
  const what = "the archive to hold every fact of the table";
  await until(what, agreed, { seconds: 900 });
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
    const { Versions = [] } = await deployed.s3.send(
      new ListObjectVersionsCommand({ Bucket: deployed.bucket, Prefix: first }),
    );
    await expect(
      deployed.s3.send(
        new DeleteObjectCommand({
          Bucket: deployed.bucket,
          Key: first,
          VersionId: Versions[0]?.VersionId,
        }),
      ),
    ).rejects.toThrow("object lock");
    expect(await deployed.archive.add(first, "other", "text/plain")).toBe(
      false,
    );
  });

  it("is signed by the deployed function for the hours that are over", async () => {
    const over = hourAfter(hourOf(new Date()), -2);
    const [first = ""] = await objects();
    const body = Buffer.from((await deployed.archive.get(first))?.body ?? []);
    const text = body.toString();
    await deployed.archive.add(
      archiveKeys.object(over, text),
      text,
      "text/plain",
    );
    await world.call("sqs", "AmazonSQS.SendMessage", {
      QueueUrl: queueUrl(world.urls.emulator, named("sign-roots")),
      MessageBody: "{}",
    });
    const root = await until(`the root of ${over}`, async () => {
      const found = await deployed.archive.get(archiveKeys.root(over));
      return found && readRoot(found.body)?.root;
    });
    expect(root).toMatchObject({
      hour: over,
      previous: null,
      key: deployed.key,
    });
    expect(root.count).toBe(text.trimEnd().split("\n").length);
  });

  it("is whole once this hour is signed, and says so offline from KMS's key", async () => {
    await signDueRoots({
      archive: deployed.archive,
      signer: kmsRootSigner(deployed.key, deployed.client),
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
    const before = Buffer.from((await deployed.archive.get(first))?.body ?? []);
    await deployed.s3.send(
      new PutObjectCommand({
        Bucket: deployed.bucket,
        Key: first,
        Body: before.toString().replace(/"by":"[^"]*"/, '"by":"staff:nobody"'),
      }),
    );
    const { code, text } = await told(verify);
    expect(code).toBe(1);
    expect(text).toContain(`REPLACED  ${first}`);
    expect(text).toContain("the original is still there as version");
    expect(text).toContain("CHANGED   fact ");
    await deployed.s3.send(
      new PutObjectCommand({
        Bucket: deployed.bucket,
        Key: first,
        Body: before,
      }),
    );
    expect((await told(verify)).code).toBe(0);
  });

  it("shows an object that somebody hid", async () => {
    const first = (await objects()).at(-1) ?? "";
    const { VersionId } = await deployed.s3.send(
      new DeleteObjectCommand({ Bucket: deployed.bucket, Key: first }),
    );
    const { code, text } = await told(verify);
    expect(code).toBe(1);
    expect(text).toContain(`MISSING  ${first}`);
    expect(text).toContain("the original is still there as version");
    await deployed.s3.send(
      new DeleteObjectCommand({
        Bucket: deployed.bucket,
        Key: first,
        VersionId,
      }),
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
