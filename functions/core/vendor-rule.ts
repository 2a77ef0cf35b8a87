import type { Rule } from "./contact-question.ts";
import { channelRefusal } from "./vendors.ts";

/** Nothing goes through a vendor that no agreement binds; another channel may be. */
export const vendorAgreement: Rule = (
  { organization, message: { topic }, now },
  { addresses },
) => {
  const open = addresses.filter(
    ({ channel }) =>
      channelRefusal(organization, channel, topic, new Date(now)) === undefined,
  );
  if (open.length === addresses.length) return undefined;
  return open.length > 0
    ? { addresses: open }
    : { outcome: "escalate", reason: "vendor-agreement" };
};
