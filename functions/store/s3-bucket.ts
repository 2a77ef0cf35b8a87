import {
  AbortMultipartUploadCommand,
  CompleteMultipartUploadCommand,
  CreateMultipartUploadCommand,
  DeleteObjectsCommand,
  GetObjectCommand,
  ListObjectsV2Command,
  PutObjectCommand,
  S3Client,
  S3ServiceException,
  UploadPartCommand,
  type CompletedPart,
} from "@aws-sdk/client-s3";
import { getSignedUrl } from "@aws-sdk/s3-request-presigner";
import type { Appending, Bucket, Listed } from "./bucket.ts";

/** S3 takes parts of at least 5 MB, but for the last. */
const partSize = 8 * 1024 * 1024;
const removedAtOnce = 1000;

/** A bucket of S3. Endpoint and region are the SDK's: an address given by number is asked in path style. */
export const s3Bucket = (
  name: string,
  client = new S3Client({
    maxAttempts: 4,
    requestHandler: { connectionTimeout: 1_000, requestTimeout: 20_000 },
    // A link for an upload would else be bound to the checksum of an empty body.
    requestChecksumCalculation: "WHEN_REQUIRED",
  }),
): Bucket => {
  const at = (key: string) => ({ Bucket: name, Key: key });
  const put: Bucket["put"] = async (key, body, contentType) => {
    await client.send(
      new PutObjectCommand({
        ...at(key),
        Body: body,
        ContentType: contentType,
      }),
    );
  };
  return {
    put,
    get: async (key, range) => {
      const asked = new GetObjectCommand({
        ...at(key),
        ...(range !== undefined && {
          Range: `bytes=${String(range.from)}-${String(range.to - 1)}`,
        }),
      });
      const found = await client.send(asked).catch(unlessAbsent);
      return found?.Body?.transformToByteArray();
    },
    list: async (prefix) => {
      const listed: Listed[] = [];
      let after: string | undefined;
      do {
        const page = await client.send(
          new ListObjectsV2Command({
            Bucket: name,
            Prefix: prefix,
            ContinuationToken: after,
          }),
        );
        for (const { Key, Size = 0 } of page.Contents ?? [])
          if (Key !== undefined) listed.push({ key: Key, bytes: Size });
        after = page.NextContinuationToken;
      } while (after !== undefined);
      return listed;
    },
    remove: async (keys) => {
      for (let from = 0; from < keys.length; from += removedAtOnce) {
        const { Errors = [] } = await client.send(
          new DeleteObjectsCommand({
            Bucket: name,
            Delete: {
              Quiet: true,
              Objects: keys
                .slice(from, from + removedAtOnce)
                .map((key) => ({ Key: key })),
            },
          }),
        );
        if (Errors.length > 0)
          throw new Error(
            `${String(Errors.length)} objects were not removed: ${Errors[0]?.Code ?? "unknown"}`,
          );
      }
    },
    downloadLink: (key, seconds, fileName) =>
      getSignedUrl(
        client,
        new GetObjectCommand({
          ...at(key),
          ResponseContentDisposition: `attachment; filename="${fileName.replaceAll(/[^\w.-]/g, "_")}"`,
        }),
        { expiresIn: seconds },
      ),
    uploadLink: (key, seconds, contentType) =>
      getSignedUrl(
        client,
        new PutObjectCommand({ ...at(key), ContentType: contentType }),
        { expiresIn: seconds, signableHeaders: new Set(["content-type"]) },
      ),
    append: (key, contentType) =>
      Promise.resolve(
        appending(client, at(key), contentType, (body) =>
          put(key, body, contentType),
        ),
      ),
  };
};

/** What fits into one part is put whole; a multipart upload begins with the second. */
const appending = (
  client: S3Client,
  target: { readonly Bucket: string; readonly Key: string },
  contentType: string,
  putWhole: (body: Uint8Array) => Promise<void>,
): Appending => {
  let waiting: Uint8Array[] = [];
  let bytes = 0;
  let upload: string | undefined;
  const parts: CompletedPart[] = [];

  const taken = (): Uint8Array => {
    const whole = Buffer.concat(waiting);
    waiting = [];
    bytes = 0;
    return whole;
  };
  const send = async (): Promise<void> => {
    upload ??= (
      await client.send(
        new CreateMultipartUploadCommand({
          ...target,
          ContentType: contentType,
        }),
      )
    ).UploadId;
    const PartNumber = parts.length + 1;
    const { ETag } = await client.send(
      new UploadPartCommand({
        ...target,
        UploadId: upload,
        PartNumber,
        Body: taken(),
      }),
    );
    parts.push({ PartNumber, ETag });
  };
  return {
    write: async (part) => {
      waiting.push(part);
      bytes += part.byteLength;
      if (bytes >= partSize) await send();
    },
    end: async () => {
      if (upload === undefined) {
        await putWhole(taken());
        return;
      }
      if (bytes > 0) await send();
      await client.send(
        new CompleteMultipartUploadCommand({
          ...target,
          UploadId: upload,
          MultipartUpload: { Parts: parts },
        }),
      );
    },
    abort: async () => {
      taken();
      if (upload !== undefined)
        await client.send(
          new AbortMultipartUploadCommand({ ...target, UploadId: upload }),
        );
    },
  };
};

const unlessAbsent = (error: unknown): undefined => {
  if (
    error instanceof S3ServiceException &&
    (error.name === "NoSuchKey" || error.$metadata.httpStatusCode === 416)
  )
    return undefined;
  throw error;
};
