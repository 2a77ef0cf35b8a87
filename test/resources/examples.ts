import type { Resource } from "@medplum/fhirtypes";
import { readdirSync, readFileSync } from "node:fs";
import { isKnown } from "../../functions/resources/all.ts";
import type { KnownType } from "../../functions/resources/declaration.ts";

export interface Example {
  readonly file: string;
  readonly type: KnownType;
  readonly resource: Resource;
}

const folder = new URL(
  "../../node_modules/hl7.fhir.r4.examples/",
  import.meta.url,
);

const read = (file: string): Example[] => {
  const [type = ""] = file.split("-");
  if (!file.endsWith(".json") || !isKnown(type)) return [];
  const resource = JSON.parse(
    readFileSync(new URL(file, folder), "utf8"),
  ) as Resource;
  return [{ file, type, resource }];
};

/** The official R4 examples of the declared types. */
export const examples: readonly Example[] = readdirSync(folder)
  .flatMap(read)
  .filter(({ type, resource }) => resource.resourceType === type);
