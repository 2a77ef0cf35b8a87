import { inflateRawSync } from "node:zlib";
import * as z from "zod";
import { Vendor } from "../core/vendor.ts";
import { environment } from "./environment.ts";

/** Everybody to whom data of patients goes, from the environment of the functions that show and review it. */
export const vendorRegister = (
  text = environment("VENDORS"),
): readonly Vendor[] =>
  z
    .array(Vendor)
    .parse(JSON.parse(inflateRawSync(Buffer.from(text, "base64")).toString()));
