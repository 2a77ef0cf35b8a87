import type { KMSClient } from "@aws-sdk/client-kms";
import type { KeyProvider } from "./vault.ts";

/** KMS behind the vault; the client is loaded with the first key, so importing costs nothing. */
export const kmsKeyProvider = (
  keyId: string,
  organization: string,
): KeyProvider => {
  let loading:
    | Promise<{ kms: typeof import("@aws-sdk/client-kms"); client: KMSClient }>
    | undefined;
  const load = (): NonNullable<typeof loading> =>
    (loading ??= import("@aws-sdk/client-kms").then((kms) => ({
      kms,
      client: new kms.KMSClient({}),
    })));
  return {
    generate: async (purpose) => {
      const { kms, client } = await load();
      const { Plaintext, CiphertextBlob } = await client.send(
        new kms.GenerateDataKeyCommand({
          KeyId: keyId,
          KeySpec: "AES_256",
          EncryptionContext: { organization, purpose },
        }),
      );
      if (Plaintext === undefined || CiphertextBlob === undefined)
        throw new Error("KMS answered without a key");
      return { plain: Plaintext, wrapped: CiphertextBlob };
    },
    unwrap: async (purpose, wrapped) => {
      const { kms, client } = await load();
      const { Plaintext } = await client.send(
        new kms.DecryptCommand({
          KeyId: keyId,
          CiphertextBlob: wrapped,
          EncryptionContext: { organization, purpose },
        }),
      );
      if (Plaintext === undefined)
        throw new Error("KMS answered without a key");
      return Plaintext;
    },
  };
};
