import { fileURLToPath } from "node:url";

/** Cedar, compiled, where it is installed. */
export const cedarWasm = (): string =>
  fileURLToPath(
    new URL(
      "cedar_wasm_bg.wasm",
      import.meta.resolve("@cedar-policy/cedar-wasm/web"),
    ),
  );
