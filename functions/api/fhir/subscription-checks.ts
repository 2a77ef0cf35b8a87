import type { Parameters } from "@medplum/fhirtypes";
import { Fault } from "../../core/fault.ts";
import { criteriaQuery, mayFollow } from "../../core/subscription-criteria.ts";
import { ownerOf } from "../../core/subscription.ts";
import { countryOf } from "../../resources/normalise.ts";
import type { Deps } from "../../runtime/dependencies.ts";
import type { Request } from "../../runtime/http.ts";
import { parseJson } from "../../runtime/json.ts";
import { callerId } from "../../store/facts.ts";
import { subscriptionSecrets } from "../../store/subscription-secrets.ts";

/** Throws 422 for criteria that one resource alone cannot answer, 403 for those of a type that the caller may not follow. */
export const checkSubscription = async (
  { organization }: Pick<Deps, "organization">,
  { text, context: { by } }: Request,
): Promise<void> => {
  const { criteria } = (parseJson(text) ?? {}) as { criteria?: unknown };
  // Anything but text is the validation's to refuse.
  if (typeof criteria !== "string") return;
  const { type } = await criteriaQuery(criteria, countryOf(organization.phone));
  if (by.kind === "client" && !mayFollow(by.scopes, type))
    throw new Fault("Forbidden", 403, "Not permitted (client-scope).", {
      expression: ["Subscription.criteria"],
    });
};

/** What signs the notifications of this subscription when the caller is the one who asks for them. */
export const signingSecret = async (
  { records, vault }: Pick<Deps, "records" | "vault">,
  { params: { id = "" }, context }: Request,
): Promise<Parameters> => {
  const subscription = await records.read(context, "Subscription", id);
  const caller = callerId(context.by);
  if ((ownerOf(subscription) ?? caller) !== caller)
    throw new Fault("Forbidden", 403, "Not permitted (subscription-owner).");
  const secret = await subscriptionSecrets(vault).signingSecret(id, caller);
  return {
    resourceType: "Parameters",
    parameter: [{ name: "secret", valueString: secret }],
  };
};
