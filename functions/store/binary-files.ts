import type { Binary, Extension } from "@medplum/fhirtypes";
import { createHash } from "node:crypto";
import { Fault } from "../core/fault.ts";
import type { BinaryStore } from "./binaries.ts";
import { asKey } from "./items.ts";
import { addressOf, patientKeyPlace } from "./keys.ts";
import { unknownPatient } from "./overlay.ts";
import type { Stored, Work } from "./records.ts";

/** What the record keeps in place of `data`. */
interface File {
  /** The object is `<id of the Binary>/<object>`: whatever belongs to a patient begins with the patient's id. */
  readonly object: string;
  readonly bytes: number;
  /** SHA-256, hexadecimal. */
  readonly hash: string;
}

const fileUrl = "urn:sojourn:file";

/** A work, and the objects that it has written so far. */
interface Filing {
  readonly work: Work;
  readonly store: BinaryStore;
  readonly written: string[];
}

const put = async (
  { store, written }: Filing,
  id: string,
  { object }: File,
  bytes: Buffer,
): Promise<void> => {
  const key = `${id}/${object}`;
  const { key: keyName, body } = await store.vault.sealBytes(
    `Binary/${key}`,
    bytes,
    await keyItemOf(store, id),
  );
  written.push(key);
  await store.documents.put(
    key,
    Buffer.concat([Buffer.from(`${keyName}\n`), body]),
    "application/octet-stream",
  );
};
const fileOf = ({ store }: Filing, bytes: Buffer): File => ({
  object: store.newId(),
  bytes: bytes.length,
  hash: createHash("sha256").update(bytes).digest("hex"),
});

export const create = async (
  filing: Filing,
  given: Binary,
  options?: Parameters<Work["create"]>[1],
): Promise<Stored<Binary>> => {
  const { work } = filing;
  const { data, ...binary } = withoutPointer(given);
  if (data === undefined) return work.create(binary, options);
  const bytes = bytesOf(data);
  const file = fileOf(filing, bytes);
  const { _data, ...created } = (await work.create(
    { ...binary, ...pointer(file) },
    options,
  )) as Stored<Filed>;
  await put(filing, created.id, file, bytes);
  return { ...created, data };
};

export const update = async (
  filing: Filing,
  given: Binary & { id: string },
  options?: Parameters<Work["update"]>[1],
): Promise<Stored<Binary>> => {
  const { work } = filing;
  const { data, ...binary } = withoutPointer(given);
  if (data === undefined) return work.update(binary, options);
  const bytes = bytesOf(data);
  const file = fileOf(filing, bytes);
  const before = await work.read("Binary", binary.id).catch(unlessForbidden);
  const present = before === undefined ? undefined : fileIn(before);
  const kept = present?.hash === file.hash ? present : undefined;
  const { _data, ...updated } = (await work.update(
    { ...binary, ...pointer(kept ?? file) },
    options,
  )) as Stored<Filed>;
  if (kept === undefined) await put(filing, updated.id, file, bytes);
  return { ...updated, data };
};

export const withData = async <T extends Stored<Binary>>(
  store: BinaryStore,
  binary: T,
): Promise<T> => {
  const file = fileIn(binary);
  if (file === undefined) return binary;
  const { _data, ...rest }: T & Filed = binary;
  const key = `${binary.id}/${file.object}`;
  const [object, keyItem] = await Promise.all([
    store.documents.get(key),
    keyItemOf(store, binary.id),
  ]);
  if (object === undefined) throw new Error("the bytes of a Binary are lost");
  const end = object.indexOf(0x0a);
  const bytes = await store.vault.openBytes(
    `Binary/${key}`,
    {
      key: Buffer.from(object.subarray(0, end)).toString(),
      body: object.subarray(end + 1),
    },
    keyItem,
  );
  return { ...rest, data: Buffer.from(bytes).toString("base64") } as T;
};

/** Undefined for what has no patient. Throws UnknownPatient (422), also for one that the same transaction creates. */
const keyItemOf = async ({ table }: BinaryStore, id: string) => {
  const patient = addressOf("Binary", id)?.patient;
  if (patient === undefined) return undefined;
  const [item] = await table.get([patientKeyPlace(patient)]);
  if (item === undefined) throw unknownPatient();
  return asKey(item);
};

/** A Binary as the record holds it. */
interface Filed extends Binary {
  _data?: { extension: Extension[] };
}

const pointer = ({ object, bytes, hash }: File): Pick<Filed, "_data"> => ({
  _data: {
    extension: [
      {
        url: fileUrl,
        extension: [
          { url: "object", valueId: object },
          { url: "size", valueUnsignedInt: bytes },
          { url: "sha256", valueString: hash },
        ],
      },
    ],
  },
});

const fileIn = (binary: Binary): File | undefined => {
  const parts = (binary as Filed)._data?.extension.find(
    ({ url }) => url === fileUrl,
  )?.extension;
  const part = (name: string) => parts?.find(({ url }) => url === name);
  const object = part("object")?.valueId;
  return object === undefined
    ? undefined
    : {
        object,
        bytes: part("size")?.valueUnsignedInt ?? 0,
        hash: part("sha256")?.valueString ?? "",
      };
};

/** Which object belongs to a Binary is ours to say. Throws 422. */
const withoutPointer = <T extends Binary>(binary: T): T => {
  if (!("_data" in binary)) return binary;
  throw new Fault(
    "InvalidResource",
    422,
    "A Binary is written together with its data.",
    { code: "required", expression: ["Binary.data"] },
  );
};

const bytesOf = (data: unknown): Buffer => {
  const text = typeof data === "string" ? data.replaceAll(/\s/g, "") : "";
  if (
    text === "" ||
    text.length % 4 !== 0 ||
    !/^[A-Za-z0-9+/]+={0,2}$/.test(text)
  )
    throw new Fault("InvalidResource", 422, "The data must be base64.", {
      code: "value",
      expression: ["Binary.data"],
    });
  return Buffer.from(text, "base64");
};

const unlessForbidden = (error: unknown): undefined => {
  if (!(error instanceof Fault && error.status === 403)) throw error;
};
