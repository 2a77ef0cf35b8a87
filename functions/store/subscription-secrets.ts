import type { Subscription } from "@medplum/fhirtypes";
import { ownerOf, sealedPart, sealOf } from "../core/subscription.ts";
import type { Vault } from "./vault.ts";

/** Derived from the organization's index key, so they are stored nowhere and differ for each subscription and owner. */
export interface SubscriptionSecrets {
  /** What notifications to the owner are signed with: 32 hexadecimal digits, used as text. */
  signingSecret(subscription: string, owner: string): Promise<string>;
  seal(subscription: Subscription, id: string, owner: string): Promise<string>;
  /** The owner for whom the server itself activated it as it now is. */
  provenOwner(
    subscription: Subscription,
    id: string,
  ): Promise<string | undefined>;
}

export const subscriptionSecrets = ({
  hash,
}: Pick<Vault, "hash">): SubscriptionSecrets => {
  const seal: SubscriptionSecrets["seal"] = (subscription, id, owner) =>
    hash("Subscription", "seal", sealedPart(subscription, id, owner));
  return {
    signingSecret: (subscription, owner) =>
      hash("Subscription", "signing-secret", [subscription, owner]),
    seal,
    provenOwner: async (subscription, id) => {
      const owner = ownerOf(subscription);
      if (owner === undefined) return undefined;
      return sealOf(subscription) === (await seal(subscription, id, owner))
        ? owner
        : undefined;
    },
  };
};
