import { once } from "node:events";
import { createServer, type IncomingMessage } from "node:http";
import type { AddressInfo } from "node:net";
import type { KeyProvider, KeyPurpose } from "../functions/store/vault.ts";

export interface KeyService {
  readonly endpoint: string;
  readonly stop: () => void;
}

interface Wanted {
  readonly EncryptionContext: { readonly purpose: KeyPurpose };
  readonly CiphertextBlob: string;
}

/** KMS's Decrypt on loopback, so that a cold start loads the real client and asks for each key as deployed. */
export const keyService = async ({
  unwrap,
}: KeyProvider): Promise<KeyService> => {
  const decrypt = async (request: IncomingMessage): Promise<string> => {
    const text = Buffer.concat(await request.toArray()).toString("utf8");
    const { EncryptionContext, CiphertextBlob } = JSON.parse(text) as Wanted;
    const plain = await unwrap(
      EncryptionContext.purpose,
      Buffer.from(CiphertextBlob, "base64"),
    );
    return JSON.stringify({
      Plaintext: Buffer.from(plain).toString("base64"),
      KeyId: "bench",
    });
  };
  const server = createServer((request, response) => {
    decrypt(request)
      .then((text) => response.end(text))
      .catch(() => response.writeHead(400).end("{}"));
  }).listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  return {
    endpoint: `http://127.0.0.1:${String(port)}`,
    stop: () => {
      server.closeAllConnections();
      server.close();
    },
  };
};
