import { join } from "node:path";

/** Kept between runs: the emulator's Python environment. */
export const cache = join(import.meta.dirname, "..", "..", ".local");
export const directory = join(cache, "conformance");
