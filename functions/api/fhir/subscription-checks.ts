import type { Parameters } from "@medplum/fhirtypes";
import { Fault } from "../../core/fault.ts";
import { refused } from "../../core/refused.ts";
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
  { organization, records }: Pick<Deps, "organization" | "records">,
  { text, context }: Request,
): Promise<void> => {
  const { criteria } = (parseJson(text) ?? {}) as { criteria?: unknown };
  // Anything but text is the validation's to refuse.
  if (typeof criteria !== "string") return;
  const { type } = await criteriaQuery(criteria, countryOf(organization.phone));
  const { by } = context;
  if (by.kind === "client" && !mayFollow(by.scopes, type))
    await records.change(context, () => Promise.reject(unfollowed()));
};

/** What signs the notifications of this subscription when the caller is the one who asks for them. */
export const signingSecret = async (
  { records, vault }: Pick<Deps, "records" | "vault">,
  { params: { id = "" }, context }: Request,
): Promise<Parameters> => {
  const caller = callerId(context.by);
  await records.change(context, async (work) => {
    const subscription = await work.demand("Subscription", id);
    if ((ownerOf(subscription) ?? caller) !== caller)
      throw refused("subscription-owner");
  });
  const secret = await subscriptionSecrets(vault).signingSecret(id, caller);
  return {
    resourceType: "Parameters",
    parameter: [{ name: "secret", valueString: secret }],
  };
};

const unfollowed = (): Fault =>
  new Fault("Forbidden", 403, "Not permitted (client-scope).", {
    expression: ["Subscription.criteria"],
    policy: "client-scope",
  });
