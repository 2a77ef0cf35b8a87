import type { Resource } from "@medplum/fhirtypes";
import { Fault } from "../core/fault.ts";
import { checkAttachments } from "./attachments.ts";
import type { Bucket } from "./bucket.ts";
import type { Records, Stored, Work } from "./records.ts";
import type { Store } from "./store.ts";

export interface BinaryStore extends Pick<Store, "table" | "vault" | "newId"> {
  readonly documents: Bucket;
}

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
const filing = (work: Work, store: BinaryStore, written: string[]): Work => ({
  ...work,
  read: async (type, id) => {
    const found = await work.read(type, id);
    return found === undefined ? undefined : filled(store, found);
  },
  demand: async (type, id) => filled(store, await work.demand(type, id)),
  create: async (resource, options) => {
    if (resource.resourceType === "Binary") {
      // Few resources are Binaries.
      const { create } = await import("./binary-files.ts");
      const filing = { work, store, written };
      return (await create(filing, resource, options)) as never;
    }
    checkAttachments(resource);
    return work.create(resource, options);
  },
  update: async (resource, options) => {
    if (resource.resourceType === "Binary") {
      const { update } = await import("./binary-files.ts");
      return (await update(
        { work, store, written },
        { ...resource, id: resource.id },
        options,
      )) as never;
    }
    checkAttachments(resource);
    return work.update(resource, options);
  },
});

const filled = async <T extends Resource>(
  store: BinaryStore,
  resource: Stored<T>,
): Promise<Stored<T>> => {
  if (resource.resourceType !== "Binary") return resource;
  const { withData } = await import("./binary-files.ts");
  return withData(store, resource as never);
};
