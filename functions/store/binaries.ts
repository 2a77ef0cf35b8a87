import type { Binary, Extension, Resource } from "@medplum/fhirtypes";
import { createHash } from "node:crypto";
import { Fault } from "../core/fault.ts";
import { checkAttachments } from "./attachments.ts";
import type { Bucket } from "./bucket.ts";
import { asKey } from "./items.ts";
import { addressOf, patientKeyPlace } from "./keys.ts";
import { unknownPatient } from "./overlay.ts";
import type { Records, Stored, Work } from "./records.ts";
import type { Store } from "./store.ts";

export interface BinaryStore extends Pick<Store, "table" | "vault" | "newId"> {
  readonly documents: Bucket;
}

/** What the record keeps in place of `data`. */
interface File {
  /** The object is `<id of the Binary>/<object>`: whatever belongs to a patient begins with the patient's id. */
  readonly object: string;
  readonly bytes: number;
  /** SHA-256, hexadecimal. */
  readonly hash: string;
}

const fileUrl = "urn:sojourn:file";

/**
 * Records whose Binaries have their bytes in a bucket, sealed with the patient's key: written before the record names
 * them, read when one Binary is read. Lists and histories carry size and hash only.
 */
export const withBinaries = (records: Records, store: BinaryStore): Records => {
  const forget = (keys: readonly string[]): Promise<void> =>
    // An orphan that stays is unreadable to all, and goes with its patient.
    store.documents.remove(keys).catch(() => undefined);

  return {
    ...records,
    read: async (context, type, id) =>
      filled(store, await records.read(context, type, id)),
    readVersion: async (context, type, id, version) =>
      filled(store, await records.readVersion(context, type, id, version)),
    change: async (context, body) => {
      let written: string[] = [];
      try {
        return await records.change(context, async (work) => {
          const earlier = written;
          written = [];
          if (earlier.length > 0) await forget(earlier);
          return body(filing(work, store, written));
        });
      } catch (error) {
        // After any other error it is unknown whether the record was written.
        if (error instanceof Fault && written.length > 0) await forget(written);
        throw error;
      }
    },
  };
};

/** A work that puts the bytes of Binaries into the bucket and notes the objects in `written`. */
const filing = (work: Work, store: BinaryStore, written: string[]): Work => {
  const put = async (id: string, { object }: File, bytes: Buffer) => {
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
  const fileOf = (bytes: Buffer): File => ({
    object: store.newId(),
    bytes: bytes.length,
    hash: createHash("sha256").update(bytes).digest("hex"),
  });

  const create = async (
    { data, ...binary }: Binary,
    options?: Parameters<Work["create"]>[1],
  ): Promise<Stored<Binary>> => {
    if (data === undefined) return work.create(binary, options);
    const bytes = bytesOf(data);
    const file = fileOf(bytes);
    const { _data, ...created } = (await work.create(
      { ...binary, ...pointer(file) },
      options,
    )) as Stored<Filed>;
    await put(created.id, file, bytes);
    return { ...created, data };
  };

  const update = async (
    { data, ...binary }: Binary & { id: string },
    options?: Parameters<Work["update"]>[1],
  ): Promise<Stored<Binary>> => {
    if (data === undefined) return work.update(binary, options);
    const bytes = bytesOf(data);
    const file = fileOf(bytes);
    const before = await work.read("Binary", binary.id).catch(unlessForbidden);
    const present = before === undefined ? undefined : fileIn(before);
    const kept = present?.hash === file.hash ? present : undefined;
    const { _data, ...updated } = (await work.update(
      { ...binary, ...pointer(kept ?? file) },
      options,
    )) as Stored<Filed>;
    if (kept === undefined) await put(updated.id, file, bytes);
    return { ...updated, data };
  };

  return {
    ...work,
    read: async (type, id) => {
      const found = await work.read(type, id);
      return found === undefined ? undefined : filled(store, found);
    },
    demand: async (type, id) => filled(store, await work.demand(type, id)),
    create: async (resource, options) => {
      if (resource.resourceType === "Binary")
        return (await create(withoutPointer(resource), options)) as never;
      checkAttachments(resource);
      return work.create(resource, options);
    },
    update: async (resource, options) => {
      if (resource.resourceType === "Binary")
        return (await update(
          { ...withoutPointer(resource), id: resource.id },
          options,
        )) as never;
      checkAttachments(resource);
      return work.update(resource, options);
    },
  };
};

const filled = async <T extends Resource>(
  store: BinaryStore,
  resource: Stored<T>,
): Promise<Stored<T>> =>
  isBinary(resource) ? withData(store, resource) : resource;

const isBinary = <T extends Resource>(
  resource: T,
): resource is T & Stored<Binary> => resource.resourceType === "Binary";

const withData = async <T extends Stored<Binary>>(
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
