import { createHash } from "node:crypto";
import { createServer, type IncomingHttpHeaders } from "node:http";
import type { AddressInfo } from "node:net";
import { buffer } from "node:stream/consumers";

export interface S3Server {
  readonly endpoint: string;
  /** Names of the multipart uploads that were begun and neither completed nor given up. */
  readonly open: () => readonly string[];
  readonly close: () => Promise<void>;
}

/** As much of S3's HTTP API as a bucket and an archive use, with pages of two; signatures are not checked. */
export const s3Server = async (): Promise<S3Server> => {
  const objects = new Map<string, Buffer>();
  const uploads = new Map<string, Map<number, Buffer>>();
  let begun = 0;

  const answer = (
    method: string,
    url: URL,
    body: Buffer,
    { range, ...headers }: IncomingHttpHeaders,
  ): Answer => {
    const key = decodeURIComponent(url.pathname).split("/").slice(2).join("/");
    const upload = url.searchParams.get("uploadId");
    const [, from, to] = /^bytes=(\d+)-(\d+)$/.exec(range ?? "") ?? [];
    if (method === "POST" && url.searchParams.has("delete")) {
      for (const [, name = ""] of body
        .toString()
        .matchAll(/<Key>(.*?)<\/Key>/g))
        objects.delete(name);
      return xml("<DeleteResult/>");
    }
    if (method === "POST" && url.searchParams.has("uploads")) {
      begun += 1;
      uploads.set(String(begun), new Map());
      return xml(
        `<InitiateMultipartUploadResult><UploadId>${String(begun)}</UploadId></InitiateMultipartUploadResult>`,
      );
    }
    if (method === "POST" && upload !== null) {
      const parts = [...(uploads.get(upload) ?? [])].sort(
        ([one], [other]) => one - other,
      );
      if (parts.slice(0, -1).some(([, part]) => part.length < 5 * 1024 * 1024))
        return error(400, "EntityTooSmall");
      objects.set(key, Buffer.concat(parts.map(([, part]) => part)));
      uploads.delete(upload);
      return xml("<CompleteMultipartUploadResult/>");
    }
    if (method === "PUT" && upload !== null) {
      uploads
        .get(upload)
        ?.set(Number(url.searchParams.get("partNumber")), body);
      return { status: 200, headers: { etag: '"part"' }, body: "" };
    }
    if (method === "PUT") {
      if (headers["if-none-match"] === "*") {
        if (objects.has(key)) return error(412, "PreconditionFailed");
        // Object Lock takes nothing that could have been damaged on its way.
        const sum = createHash("sha256").update(body).digest("base64");
        if (headers["x-amz-checksum-sha256"] !== sum)
          return error(400, "BadDigest");
      }
      objects.set(key, body);
      return { status: 200, headers: { etag: '"whole"' }, body: "" };
    }
    if (method === "DELETE" && upload !== null) {
      uploads.delete(upload);
      return { status: 204, headers: {}, body: "" };
    }
    if (url.searchParams.has("list-type")) {
      const names = [...objects.keys()]
        .filter((name) => name.startsWith(url.searchParams.get("prefix") ?? ""))
        .sort()
        .filter(
          (name) =>
            name > (url.searchParams.get("continuation-token") ?? "") &&
            name > (url.searchParams.get("start-after") ?? ""),
        );
      const page = names.slice(0, 2);
      return xml(
        `<ListBucketResult>${page.map((name) => `<Contents><Key>${name}</Key><Size>${String(objects.get(name)?.length)}</Size></Contents>`).join("")}${
          names.length > 2
            ? `<NextContinuationToken>${page.at(-1) ?? ""}</NextContinuationToken>`
            : ""
        }</ListBucketResult>`,
      );
    }
    const found = objects.get(key);
    if (found === undefined) return error(404, "NoSuchKey");
    if (from === undefined || to === undefined)
      return { status: 200, headers: {}, body: found };
    return Number(from) >= found.length
      ? error(416, "InvalidRange")
      : {
          status: 206,
          headers: {},
          body: found.subarray(Number(from), Number(to) + 1),
        };
  };

  const server = createServer((request, response) => {
    void buffer(request).then((body) => {
      const {
        status,
        headers,
        body: said,
      } = answer(
        request.method ?? "",
        new URL(request.url ?? "/", "http://s3"),
        body,
        request.headers,
      );
      response.writeHead(status, headers).end(said);
    });
  });
  await new Promise<void>((resolve) => {
    server.listen(0, "127.0.0.1", resolve);
  });
  const { port } = server.address() as AddressInfo;
  return {
    endpoint: `http://127.0.0.1:${String(port)}`,
    open: () => [...uploads.keys()],
    close: () =>
      new Promise((resolve) => {
        server.close(() => {
          resolve();
        });
        server.closeAllConnections();
      }),
  };
};

interface Answer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string | Buffer;
}

const xml = (body: string): Answer => ({
  status: 200,
  headers: { "content-type": "application/xml" },
  body: `<?xml version="1.0" encoding="UTF-8"?>${body}`,
});

const error = (status: number, code: string): Answer => ({
  ...xml(`<Error><Code>${code}</Code></Error>`),
  status,
});
