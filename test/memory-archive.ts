import { generateKeyPairSync, sign, type KeyObject } from "node:crypto";
import type { Archive, RootSigner } from "../functions/store/archive.ts";

export interface MemoryArchive extends Archive {
  readonly keys: (prefix?: string) => readonly string[];
  /** What somebody does who reached the bucket behind our back. */
  readonly overwrite: (key: string, body: string) => void;
  readonly remove: (key: string) => void;
  readonly textOf: (key: string) => string;
  readonly copy: () => MemoryArchive;
}

/** An archive in memory that keeps every version, as a bucket under Object Lock does. */
export const memoryArchive = (
  objects = new Map<string, readonly (string | undefined)[]>(),
): MemoryArchive => {
  const write = (key: string, body: string | undefined): void => {
    objects.set(key, [...(objects.get(key) ?? []), body]);
  };
  const present = (key: string): string | undefined => objects.get(key)?.at(-1);
  const keys = (prefix = ""): readonly string[] =>
    [...objects.keys()]
      .filter((key) => key.startsWith(prefix) && present(key) !== undefined)
      .sort();
  return {
    keys,
    add: (key, body) => {
      if (present(key) !== undefined) return Promise.resolve(false);
      write(key, body);
      return Promise.resolve(true);
    },
    get: (key, version) => {
      const versions = objects.get(key) ?? [];
      const at =
        version === undefined ? versions.length - 1 : Number(version) - 1;
      const body = versions[at];
      return Promise.resolve(
        body === undefined
          ? undefined
          : { body: Buffer.from(body), version: String(at + 1) },
      );
    },
    list: async function* (prefix, after = "") {
      for (const key of keys(prefix))
        if (key > after)
          yield await Promise.resolve({
            key,
            bytes: Buffer.byteLength(present(key) ?? ""),
          });
    },
    overwrite: write,
    remove: (key) => {
      write(key, undefined);
    },
    textOf: (key) => present(key) ?? "",
    copy: () => memoryArchive(new Map(objects)),
  };
};

export interface TestSigner extends RootSigner {
  readonly publicKeyObject: KeyObject;
}

/** A P-256 key of its own: what KMS does, without KMS. */
export const testSigner = (key = "roots-key"): TestSigner => {
  const { privateKey, publicKey } = generateKeyPairSync("ec", {
    namedCurve: "prime256v1",
  });
  return {
    key,
    publicKeyObject: publicKey,
    sign: (text) =>
      Promise.resolve(sign("sha256", Buffer.from(text), privateKey)),
    publicKey: () =>
      Promise.resolve(
        publicKey.export({ format: "pem", type: "spki" }).toString(),
      ),
  };
};
