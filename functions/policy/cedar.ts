import {
  initSync,
  preparsePolicySet,
  statefulIsAuthorized,
  type CedarValueJson,
  type DetailedError,
} from "@cedar-policy/cedar-wasm/web";
import { setFlagsFromString } from "node:v8";
import {
  unpermitted,
  type Principal,
  type Question,
} from "../core/permission.ts";
import { cedarBytes } from "./files.ts";

/** Policies by their `@id`, in the order in which they are named when several refuse. */
export type Policies = ReadonlyMap<string, string>;

/** The policies of a file. Each begins with its `@id`. */
export const policiesIn = (text: string): Policies =>
  new Map(
    text
      .split(/^(?=@id\()/mu)
      .filter((part) => part.startsWith("@id("))
      .map((policy) => [/^@id\("([^"]*)"\)/u.exec(policy)?.[1] ?? "", policy]),
  );

let sets = 0;

/** Decides by the policies. Throws an Error that names what does not parse. */
export const cedar = (
  policies: Policies,
): ((question: Question) => string | undefined) => {
  // Most of Cedar is never called here: each function of it is checked when it is, which a cold start is a seventh faster for.
  setFlagsFromString("--wasm-lazy-validation");
  initSync({ module: cedarBytes() });
  const names = [...policies.keys()];
  const id = `policies-${String((sets += 1))}`;
  // As one text: that takes two thirds of the time, and numbers them. A failure is told of each by its name.
  const texts = [...policies.values()].join("\n");
  if (preparsePolicySet(id, { staticPolicies: texts }).type === "failure")
    throw new Error(`the policies do not parse: ${faultsOf(policies)}`);
  const nameOf = (numbered: string): string =>
    names[Number(numbered.slice("policy".length))] ?? numbered;

  return (question) => {
    const answer = statefulIsAuthorized({
      preparsedPolicySetId: id,
      ...requestOf(question),
    });
    if (answer.type === "failure")
      throw new Error(`the policies were not asked: ${told(answer.errors)}`);
    const { decision, diagnostics } = answer.response;
    // A policy that fails would otherwise be passed over, whatever it forbids.
    const [failed] = diagnostics.errors;
    if (failed !== undefined) return nameOf(failed.policyId);
    if (decision === "allow") return undefined;
    const reasons = new Set(diagnostics.reason.map(nameOf));
    return names.find((name) => reasons.has(name)) ?? unpermitted(question);
  };
};

const faultsOf = (policies: Policies): string => {
  const parsed = preparsePolicySet("faults", {
    staticPolicies: Object.fromEntries(policies),
  });
  return parsed.type === "failure"
    ? told(parsed.errors)
    : "together they are no set of policies";
};

const told = (errors: readonly DetailedError[]): string =>
  errors.map(({ message }) => message).join("; ");

/** The question as Cedar reads it; policies/schema.cedarschema has the same shape. */
export const requestOf = (question: Question) => {
  const { principal, action, resource, operation, ...rest } = question;
  const { type, id, attrs } = entityOf(principal);
  const asked =
    resource === undefined
      ? { uid: { type: "Service", id: "organization" }, attrs: {} }
      : {
          uid: { type: "Record", id: "resource" },
          attrs: { ...resource, labels: [...resource.labels] },
        };
  return {
    principal: { type, id },
    action: { type: "Action", id: action },
    resource: asked.uid,
    context: { ...rest, ...(operation !== undefined && { operation }) },
    entities: [
      { uid: { type, id }, attrs, parents: [] },
      { ...asked, parents: [] },
    ],
  };
};

const entityOf = (
  principal: Principal,
): {
  readonly type: string;
  readonly id: string;
  readonly attrs: Record<string, CedarValueJson>;
} => {
  switch (principal.kind) {
    case "Patient":
      return { type: "Patient", id: "self", attrs: {} };
    case "Proxy": {
      const { basis, state } = principal;
      return { type: "Proxy", id: "self", attrs: { basis, state } };
    }
    case "Staff":
      return {
        type: "Staff",
        id: "self",
        attrs: { roles: [...principal.roles] },
      };
    case "Client": {
      const { location, purposes } = principal;
      const country = location.slice(0, 2);
      return {
        type: "Client",
        id: "self",
        attrs: { country, location, purposes: [...purposes] },
      };
    }
    case "System":
      return { type: "System", id: principal.name, attrs: {} };
  }
};
