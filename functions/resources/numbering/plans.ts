import { inflateRawSync } from "node:zlib";
import type { MetadataJson } from "libphonenumber-js/core";
import { deflated } from "./plans.generated.ts";

let inflated: MetadataJson | undefined;

/** The numbering plans of all countries. Every function holds them and few read a number, so they are unfolded with the first. */
export const plans = (): MetadataJson =>
  (inflated ??= JSON.parse(
    inflateRawSync(Buffer.from(deflated, "base64")).toString(),
  ) as MetadataJson);
