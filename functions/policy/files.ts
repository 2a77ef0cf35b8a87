import { existsSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";

/** A policy file: beside this code where it is deployed, in the room `policies` of the repository. */
export const policyFile = (name: string): string =>
  readFileSync(
    [
      new URL(name, import.meta.url),
      new URL(`../../policies/${name}`, import.meta.url),
    ].find((url) => existsSync(url)) ?? name,
    "utf8",
  );

/** Cedar, compiled. */
export const cedarBytes = (): Uint8Array<ArrayBuffer> => {
  const deployed = new URL(wasm, import.meta.url);
  return readFileSync(
    existsSync(deployed)
      ? deployed
      : fileURLToPath(
          new URL(wasm, import.meta.resolve("@cedar-policy/cedar-wasm/web")),
        ),
  );
};

const wasm = "cedar_wasm_bg.wasm";
