import type { KMSClient, KMSClientConfig } from "@aws-sdk/client-kms";
import { createHash, createPublicKey } from "node:crypto";
import type { RootSigner } from "./archive.ts";

/** A P-256 key of KMS for signatures; the client is loaded with the first one. */
export const kmsRootSigner = (
  key: string,
  options: KMSClientConfig = {},
): RootSigner => {
  let loading:
    | Promise<{ kms: typeof import("@aws-sdk/client-kms"); client: KMSClient }>
    | undefined;
  const load = (): NonNullable<typeof loading> =>
    (loading ??= import("@aws-sdk/client-kms").then((kms) => ({
      kms,
      client: new kms.KMSClient(options),
    })));
  return {
    key,
    sign: async (text) => {
      const { kms, client } = await load();
      const { Signature } = await client.send(
        new kms.SignCommand({
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
      const { kms, client } = await load();
      const { PublicKey } = await client.send(
        new kms.GetPublicKeyCommand({ KeyId: key }),
      );
      if (PublicKey === undefined)
        throw new Error("KMS answered without a key");
      return createPublicKey({
        key: Buffer.from(PublicKey),
        format: "der",
        type: "spki",
      })
        .export({ format: "pem", type: "spki" })
        .toString();
    },
  };
};
