import {
  createCipheriv,
  createDecipheriv,
  createHmac,
  createSecretKey,
  randomBytes,
  type KeyObject,
} from "node:crypto";
import { deflateRawSync, inflateRawSync } from "node:zlib";
import { Fault } from "../core/fault.ts";
import { organizationKeys, patientKeyPlace } from "./keys.ts";
import type { KeyItem } from "./items.ts";
import {
  CommitContended,
  CommitRefused,
  type Item,
  type Table,
} from "./table.ts";

export const purposes = [
  "patient-keys",
  "directory",
  "index",
  "audit",
] as const;
export type KeyPurpose = (typeof purposes)[number];

/** What KMS does for us; the encryption context is `{ organization, purpose }`. */
export interface KeyProvider {
  generate(
    purpose: KeyPurpose,
  ): Promise<{ readonly plain: Uint8Array; readonly wrapped: Uint8Array }>;
  unwrap(purpose: KeyPurpose, wrapped: Uint8Array): Promise<Uint8Array>;
}

/** A sealed body with the name of the key that opens it (`patient#1`, `directory#1`, `audit#1`). */
export interface Sealed {
  readonly body: Uint8Array;
  readonly key: string;
}

/** Binds a body to its logical address, never to its storage address, so history is a copy. */
export interface Binding {
  readonly reference: string;
  readonly version: number;
}

/** The only code that touches key material. */
export interface Vault {
  /** A new patient's key, wrapped, as the item of `keys` to put with the patient. */
  newPatientKey(patient: string): Promise<Item & KeyItem>;
  /** `keyItem` is the patient's item of `keys`; without it the directory key seals. */
  seal(
    binding: Binding,
    text: string,
    keyItem: KeyItem | undefined,
  ): Promise<Sealed>;
  /** Throws Gone (410) when the patient's key was shredded. */
  open(
    binding: Binding,
    sealed: Sealed,
    keyItem: KeyItem | undefined,
  ): Promise<string>;
  /** As `seal` and `open`, for bytes that lie outside the record; the reference names the very object. */
  sealBytes(
    reference: string,
    bytes: Uint8Array,
    keyItem: KeyItem | undefined,
  ): Promise<Sealed>;
  openBytes(
    reference: string,
    sealed: Sealed,
    keyItem: KeyItem | undefined,
  ): Promise<Uint8Array>;
  sealAudit(reference: string, text: string): Promise<Sealed>;
  openAudit(reference: string, sealed: Sealed): Promise<string>;
  /** Opaque, unforgeable text for a caller to hand back: paging cursors. */
  sealToken(kind: string, text: string): Promise<string>;
  /** Undefined when it was not made by `sealToken` of the same kind. */
  openToken(kind: string, token: string): Promise<string | undefined>;
  /** Keyed hash of an identity value, 32 hexadecimal digits. */
  hash(type: string, list: string, values: readonly string[]): Promise<string>;
  /** When the organization's first key was made: nothing is older. Undefined when that is not known. */
  began(): Promise<Date | undefined>;
  /** Version of the index key; part of every index key. */
  indexVersion(): Promise<number>;
}

const format = 1;
const cached = 2000;

export const createVault = (
  table: Table,
  provider: KeyProvider,
  now: () => Date = () => new Date(),
): Vault => {
  let loading: Promise<Map<string, Item>> | undefined;
  const unwrapped = new Map<string, Promise<KeyObject>>();
  const patients = new Map<
    string,
    { readonly wrapped: Uint8Array; readonly plain: KeyObject }
  >();

  const load = async (): Promise<Map<string, Item>> => {
    const { items } = await table.query({ pk: organizationKeys });
    return new Map(items.map((item) => [item.sk, item]));
  };
  const items = (): Promise<Map<string, Item>> =>
    (loading ??= load().catch((error: unknown) => {
      loading = undefined;
      throw error;
    }));

  const current = async (purpose: KeyPurpose): Promise<number> => {
    const known = await items();
    let version = 0;
    for (const sk of known.keys())
      if (sk.startsWith(`${purpose}#`))
        version = Math.max(version, Number(sk.slice(purpose.length + 1)));
    if (version > 0) return version;
    const { plain, wrapped } = await provider.generate(purpose);
    const item = {
      pk: organizationKeys,
      sk: `${purpose}#1`,
      wrapped,
      made: now().toISOString(),
    };
    try {
      await table.commit(
        [{ put: item, guard: "absent" }],
        randomBytes(16).toString("hex"),
      );
      known.set(item.sk, item);
      unwrapped.set(item.sk, Promise.resolve(createSecretKey(plain)));
    } catch (error) {
      // Another function makes the first keys at the same moment.
      if (!(error instanceof CommitRefused || error instanceof CommitContended))
        throw error;
      loading = undefined;
    }
    return current(purpose);
  };

  const organizationKey = async (
    purpose: KeyPurpose,
    version: number,
  ): Promise<KeyObject> => {
    const name = `${purpose}#${String(version)}`;
    let key = unwrapped.get(name);
    if (key === undefined) {
      const wrapped = (await items()).get(name)?.wrapped;
      if (!(wrapped instanceof Uint8Array))
        throw new Error(`organization key ${name} is missing`);
      key = provider.unwrap(purpose, wrapped).then(createSecretKey);
      unwrapped.set(name, key);
      key.catch(() => unwrapped.delete(name));
    }
    return key;
  };

  const patientKey = async (keyItem: KeyItem): Promise<KeyObject> => {
    const { pk, wrapped, wrappedBy, v, shredded } = keyItem;
    if (wrapped === undefined || shredded !== undefined) {
      patients.delete(pk);
      throw new Fault("Erased", 410, "The record of this patient was erased.");
    }
    const known = patients.get(pk);
    if (known !== undefined && Buffer.compare(known.wrapped, wrapped) === 0)
      return known.plain;
    const plain = createSecretKey(
      decrypt(
        await organizationKey("patient-keys", Number(wrappedBy)),
        wrapped,
        `${pk}|${String(v)}`,
      ),
    );
    if (patients.size >= cached)
      patients.delete(patients.keys().next().value ?? "");
    patients.set(pk, { wrapped, plain });
    return plain;
  };

  const keyNamed = async (
    name: string,
    keyItem: KeyItem | undefined,
  ): Promise<KeyObject> => {
    const [purpose, version] = name.split("#");
    if (purpose !== "patient")
      return organizationKey(purpose as KeyPurpose, Number(version));
    if (keyItem === undefined)
      throw new Fault("Erased", 410, "The record of this patient was erased.");
    return patientKey(keyItem);
  };

  const nameFor = async (keyItem: KeyItem | undefined): Promise<string> =>
    keyItem === undefined
      ? `directory#${String(await current("directory"))}`
      : `patient#${String(keyItem.v)}`;

  const sealUnder = (
    key: KeyObject,
    name: string,
    reference: string,
    version: number,
    text: string,
  ): Sealed => ({
    key: name,
    body: encrypt(key, deflateRawSync(text), context(name, reference, version)),
  });

  return {
    newPatientKey: async (patient) => {
      const { pk, sk } = patientKeyPlace(patient);
      const version = await current("patient-keys");
      const plain = randomBytes(32);
      const wrapped = encrypt(
        await organizationKey("patient-keys", version),
        plain,
        `${pk}|1`,
      );
      if (patients.size >= cached)
        patients.delete(patients.keys().next().value ?? "");
      patients.set(pk, { wrapped, plain: createSecretKey(plain) });
      return { pk, sk, wrapped, wrappedBy: version, v: 1 };
    },
    seal: async ({ reference, version }, text, keyItem) => {
      const name = await nameFor(keyItem);
      return sealUnder(
        await keyNamed(name, keyItem),
        name,
        reference,
        version,
        text,
      );
    },
    open: async ({ reference, version }, { key, body }, keyItem) =>
      inflated(
        decrypt(
          await keyNamed(key, keyItem),
          body,
          context(key, reference, version),
        ),
      ),
    sealBytes: async (reference, bytes, keyItem) => {
      const key = await nameFor(keyItem);
      return {
        key,
        body: encrypt(
          await keyNamed(key, keyItem),
          bytes,
          context(key, reference, 0),
        ),
      };
    },
    openBytes: async (reference, { key, body }, keyItem) =>
      decrypt(await keyNamed(key, keyItem), body, context(key, reference, 0)),
    sealAudit: async (reference, text) => {
      const name = `audit#${String(await current("audit"))}`;
      return sealUnder(
        await keyNamed(name, undefined),
        name,
        reference,
        0,
        text,
      );
    },
    openAudit: async (reference, { key, body }) =>
      inflated(
        decrypt(
          await keyNamed(key, undefined),
          body,
          context(key, reference, 0),
        ),
      ),
    sealToken: async (kind, text) =>
      encrypt(
        await organizationKey("directory", await current("directory")),
        deflateRawSync(text),
        `token|${kind}`,
      ).toString("base64url"),
    openToken: async (kind, token) => {
      try {
        const key = await organizationKey(
          "directory",
          await current("directory"),
        );
        return inflateRawSync(
          decrypt(key, Buffer.from(token, "base64url"), `token|${kind}`),
          { maxOutputLength: 65_536 },
        ).toString("utf8");
      } catch {
        return undefined;
      }
    },
    hash: async (type, list, values) =>
      createHmac(
        "sha256",
        await organizationKey("index", await current("index")),
      )
        .update(
          [type, list, ...values]
            .map((part) => `${String(Buffer.byteLength(part))}:${part}`)
            .join(""),
        )
        .digest("hex")
        .slice(0, 32),
    began: async () => {
      const made = [...(await items()).values()]
        .flatMap((item) => (typeof item.made === "string" ? item.made : []))
        .toSorted();
      return made[0] === undefined ? undefined : new Date(made[0]);
    },
    indexVersion: () => current("index"),
  };
};

const context = (key: string, reference: string, version: number): string =>
  `${String(format)}|${key}|${reference}|${String(version)}`;

/** Node sets 16 KB aside for each body unless told; a body grows about threefold, and hundreds are opened for one answer. */
const inflated = (bytes: Buffer): string =>
  inflateRawSync(bytes, {
    chunkSize: Math.min(Math.max(64, bytes.length * 4), 16_384),
  }).toString("utf8");

/** Format byte, 96-bit random IV, ciphertext, 128-bit tag. */
const encrypt = (key: KeyObject, plain: Uint8Array, aad: string): Buffer => {
  const iv = randomBytes(12);
  const cipher = createCipheriv("aes-256-gcm", key, iv).setAAD(
    Buffer.from(aad),
  );
  return Buffer.concat([
    Buffer.of(format),
    iv,
    cipher.update(plain),
    cipher.final(),
    cipher.getAuthTag(),
  ]);
};

const decrypt = (key: KeyObject, sealed: Uint8Array, aad: string): Buffer => {
  const bytes = Buffer.from(
    sealed.buffer,
    sealed.byteOffset,
    sealed.byteLength,
  );
  if (bytes[0] !== format || bytes.length < 29)
    throw new Error("not a sealed body");
  const decipher = createDecipheriv("aes-256-gcm", key, bytes.subarray(1, 13))
    .setAAD(Buffer.from(aad))
    .setAuthTag(bytes.subarray(-16));
  return Buffer.concat([
    decipher.update(bytes.subarray(13, -16)),
    decipher.final(),
  ]);
};
