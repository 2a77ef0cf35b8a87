import {
  GetPublicKeyCommand,
  KMSClient,
  SignCommand,
} from "@aws-sdk/client-kms";
import { createHash, createPublicKey } from "node:crypto";
import type { RootSigner } from "./archive.ts";

/** A P-256 key of KMS for signatures. */
export const kmsRootSigner = (
  key: string,
  client = new KMSClient({}),
): RootSigner => ({
  key,
  sign: async (text) => {
    const { Signature } = await client.send(
      new SignCommand({
        KeyId: key,
        // A text of more than 4096 bytes KMS takes as its digest only.
        Message: createHash("sha256").update(text).digest(),
        MessageType: "DIGEST",
        SigningAlgorithm: "ECDSA_SHA_256",
      }),
    );
    if (Signature === undefined)
      throw new Error("KMS answered without a signature");
    return Signature;
  },
  publicKey: async () => {
    const { PublicKey } = await client.send(
      new GetPublicKeyCommand({ KeyId: key }),
    );
    if (PublicKey === undefined) throw new Error("KMS answered without a key");
    return createPublicKey({
      key: Buffer.from(PublicKey),
      format: "der",
      type: "spki",
    })
      .export({ format: "pem", type: "spki" })
      .toString();
  },
});
