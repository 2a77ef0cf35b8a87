import {
  DeleteObjectsCommand,
  ListObjectVersionsCommand,
  S3Client,
  type ObjectIdentifier,
} from "@aws-sdk/client-s3";
import type { ObjectVersions } from "./object-versions.ts";

/** Of a bucket of S3. */
export const s3ObjectVersions = (
  name: string,
  client = new S3Client({ maxAttempts: 4 }),
): ObjectVersions => {
  const page = async (
    prefix: string,
    from?: { readonly key: string | undefined; readonly version?: string },
  ) => {
    const {
      Versions = [],
      DeleteMarkers = [],
      IsTruncated = false,
      NextKeyMarker,
      NextVersionIdMarker,
    } = await client.send(
      new ListObjectVersionsCommand({
        Bucket: name,
        Prefix: prefix,
        KeyMarker: from?.key,
        VersionIdMarker: from?.version,
      }),
    );
    const objects = [...Versions, ...DeleteMarkers].flatMap(
      ({ Key, VersionId }): ObjectIdentifier[] =>
        Key === undefined ? [] : [{ Key, VersionId }],
    );
    return {
      objects,
      ...(IsTruncated && {
        next: {
          key: NextKeyMarker,
          ...(NextVersionIdMarker !== undefined && {
            version: NextVersionIdMarker,
          }),
        },
      }),
    };
  };

  return {
    count: async (prefix) => {
      let count = 0;
      let from: Parameters<typeof page>[1];
      do {
        const { objects, next } = await page(prefix, from);
        count += objects.length;
        from = next;
      } while (from !== undefined);
      return count;
    },
    remove: async (prefix) => {
      let removed = 0;
      for (;;) {
        const { objects } = await page(prefix);
        if (objects.length === 0) return removed;
        const { Errors = [] } = await client.send(
          new DeleteObjectsCommand({
            Bucket: name,
            Delete: { Quiet: true, Objects: objects },
          }),
        );
        if (Errors.length > 0)
          throw new Error(
            `${String(Errors.length)} versions were not removed: ${Errors[0]?.Code ?? "unknown"}`,
          );
        removed += objects.length;
      }
    },
  };
};
