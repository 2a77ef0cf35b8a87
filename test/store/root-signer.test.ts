import {
  createHash,
  createPublicKey,
  generateKeyPairSync,
  verify,
} from "node:crypto";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { json } from "node:stream/consumers";
import { afterAll, beforeAll, expect, it } from "vitest";
import { kmsRootSigner } from "../../functions/store/root-signer.ts";

/** P-256, as KMS keeps it; the server answers a digest with a signature made beforehand, since Node signs no digests. */
const { publicKey } = generateKeyPairSync("ec", { namedCurve: "prime256v1" });
const asked: Record<string, unknown>[] = [];
let server: Server;
let endpoint: string;

beforeAll(async () => {
  server = createServer((request, response) => {
    void json(request).then((body) => {
      asked.push(body as Record<string, unknown>);
      const answer = String(request.headers["x-amz-target"]).endsWith("Sign")
        ? { Signature: Buffer.from("signature").toString("base64") }
        : {
            PublicKey: publicKey
              .export({ format: "der", type: "spki" })
              .toString("base64"),
          };
      response
        .writeHead(200, { "content-type": "application/x-amz-json-1.1" })
        .end(JSON.stringify(answer));
    });
  });
  await new Promise<void>((resolve) => {
    server.listen(0, "127.0.0.1", resolve);
  });
  endpoint = `http://127.0.0.1:${String((server.address() as AddressInfo).port)}`;
});
afterAll(() => server.close());

const signer = () =>
  kmsRootSigner("key-1", {
    endpoint,
    region: "us-east-1",
    credentials: { accessKeyId: "test", secretAccessKey: "test" },
  });

it("KMS signs the digest of a text of any length", async () => {
  const text = "x".repeat(100_000);
  expect(Buffer.from(await signer().sign(text)).toString()).toBe("signature");
  expect(asked.at(-1)).toEqual({
    KeyId: "key-1",
    Message: createHash("sha256").update(text).digest("base64"),
    MessageType: "DIGEST",
    SigningAlgorithm: "ECDSA_SHA_256",
  });
});

it("KMS's public key comes as PEM", async () => {
  const key = createPublicKey(await signer().publicKey());
  expect(key.asymmetricKeyDetails).toEqual({ namedCurve: "prime256v1" });
  expect(verify("sha256", Buffer.from("x"), key, Buffer.alloc(70))).toBe(false);
});
