import type { Resource } from "@medplum/fhirtypes";
import { Fault } from "../core/fault.ts";

const largest = 64 * 1024;

/** Throws TooLarge (413) when the resource carries an attachment over 64 KB in itself. */
export const checkAttachments = (resource: Resource): void => {
  const place = largeData(resource, resource.resourceType);
  if (place === undefined) return;
  throw new Fault(
    "TooLarge",
    413,
    "An attachment may take 64 KB inside a resource. Create a Binary and refer to it by the attachment's url.",
    { expression: [place] },
  );
};

const largeData = (value: unknown, at: string): string | undefined => {
  if (typeof value !== "object" || value === null) return undefined;
  for (const [name, part] of Object.entries(value)) {
    const place = Array.isArray(value) ? `${at}[${name}]` : `${at}.${name}`;
    const found =
      typeof part === "string"
        ? name === "data" &&
          !("origin" in value) &&
          part.length > (largest * 4) / 3 + 4
          ? place
          : undefined
        : largeData(part, place);
    if (found !== undefined) return found;
  }
  return undefined;
};
