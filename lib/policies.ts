import {
  initSync,
  policySetTextToParts,
  validate,
} from "@cedar-policy/cedar-wasm/web";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { cedarWasm } from "./cedar-wasm.ts";

const policies = join(import.meta.dirname, "..", "policies");

/**
 * Checks what an organization's functions will decide by: each file parses, fits the schema without a warning, and a pack
 * only forbids. Throws an Error that names file and place; nothing is deployed then.
 */
export const checkPolicies = (
  jurisdictions: readonly string[],
  directory = policies,
): void => {
  start();
  const schema = readFileSync(join(directory, "schema.cedarschema"), "utf8");
  for (const name of ["base", "tasks", ...jurisdictions]) {
    const text = readFileSync(join(directory, `${name}.cedar`), "utf8");
    const answer = validate({ schema, policies: { staticPolicies: text } });
    const findings =
      answer.type === "failure"
        ? answer.errors.map(({ message }) => message)
        : [...answer.validationErrors, ...answer.validationWarnings].map(
            ({ policyId, error }) => `${policyId}: ${error.message}`,
          );
    if (findings.length > 0)
      throw new Error(`policies/${name}.cedar: ${findings.join("; ")}`);
    const parts = policySetTextToParts(text);
    const permits =
      parts.type === "failure"
        ? []
        : parts.policies.filter((one) => /^\s*permit\b/mu.test(one));
    if (jurisdictions.includes(name) && permits.length > 0)
      throw new Error(
        `policies/${name}.cedar: a pack forbids; what is permitted is said in base.cedar and tasks.cedar`,
      );
  }
};

let started = false;

const start = (): void => {
  if (started) return;
  started = true;
  initSync({ module: new Uint8Array(readFileSync(cedarWasm())) });
};
