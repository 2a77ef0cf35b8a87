import { S3Client } from "@aws-sdk/client-s3";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import type { Archive } from "../../functions/store/archive.ts";
import { s3Archive } from "../../functions/store/s3-archive.ts";
import { account } from "./aws.ts";
import { directory } from "./places.ts";
import type { World } from "./world.ts";

export interface DeployedArchive {
  readonly archive: Archive;
  readonly bucket: string;
  /** Id of the key that signs. */
  readonly key: string;
  readonly s3: S3Client;
  /** For clients of the emulator. */
  readonly client: object;
}

export const deployedArchive = async ({
  urls,
}: World): Promise<DeployedArchive> => {
  const outputs = JSON.parse(
    await readFile(join(directory, "outputs.json"), "utf8"),
  ) as Record<string, Record<string, string>>;
  const { ArchiveBucket: bucket = "", RootsKeyId: key = "" } =
    outputs["demo-audit"] ?? {};
  const client = {
    endpoint: urls.emulator,
    region: "us-east-1",
    credentials: { accessKeyId: account, secretAccessKey: "local" },
    forcePathStyle: true,
  };
  const s3 = new S3Client(client);
  return { archive: s3Archive(bucket, s3), bucket, key, s3, client };
};
