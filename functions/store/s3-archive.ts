import {
  GetObjectCommand,
  ListObjectsV2Command,
  PutObjectCommand,
  S3Client,
  S3ServiceException,
  type GetObjectCommandOutput,
} from "@aws-sdk/client-s3";
import { createHash } from "node:crypto";
import type { Archive } from "./archive.ts";

/** A bucket with Object Lock, which takes nothing without a checksum and, by its policy, nothing twice. */
export const s3Archive = (
  name: string,
  client = new S3Client({
    maxAttempts: 4,
    requestHandler: { connectionTimeout: 1_000, requestTimeout: 20_000 },
  }),
): Archive => ({
  add: async (key, body, contentType) => {
    try {
      await client.send(
        new PutObjectCommand({
          Bucket: name,
          Key: key,
          Body: body,
          ContentType: contentType,
          IfNoneMatch: "*",
          ChecksumSHA256: createHash("sha256").update(body).digest("base64"),
        }),
      );
      return true;
    } catch (error) {
      if (statusOf(error) === 412) return false;
      throw error;
    }
  },
  get: async (key, version) => {
    const found = await client
      .send(
        new GetObjectCommand({ Bucket: name, Key: key, VersionId: version }),
      )
      .catch(unlessAbsent);
    const body = await found?.Body?.transformToByteArray();
    if (found === undefined || body === undefined) return undefined;
    return {
      body,
      ...(found.VersionId !== undefined && { version: found.VersionId }),
    };
  },
  list: async function* (prefix, behind) {
    let after: string | undefined;
    do {
      const page = await client.send(
        new ListObjectsV2Command({
          Bucket: name,
          Prefix: prefix,
          StartAfter: behind,
          ContinuationToken: after,
        }),
      );
      for (const { Key, Size = 0 } of page.Contents ?? [])
        if (Key !== undefined) yield { key: Key, bytes: Size };
      after = page.NextContinuationToken;
    } while (after !== undefined);
  },
});

const statusOf = (error: unknown): number | undefined =>
  error instanceof S3ServiceException
    ? error.$metadata.httpStatusCode
    : undefined;

/** 405 is a delete marker that was asked for by its version. */
const unlessAbsent = (error: unknown): GetObjectCommandOutput | undefined => {
  if ([404, 405].includes(statusOf(error) ?? 0)) return undefined;
  throw error;
};
