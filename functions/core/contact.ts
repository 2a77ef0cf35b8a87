import { addressesOf } from "./addresses.ts";
import { everyDay } from "./contact-hours.ts";
import type { Decision, Left, Question, Verdict } from "./contact-question.ts";
import { rules } from "./contact-rules.ts";

/** Reasons for which a person has to take over. */
export const escalations: readonly string[] = [
  "merged",
  "confidential-communications",
  "vendor-agreement",
  "no-contact-hours",
  "no-channel",
];

/**
 * Whether, how and when to contact a patient. The rules speak in this order; a refusal ends it, a wish to wait stands only if
 * nothing after it refuses. Every rule that changed something is named in `rules`.
 */
export const decide = (question: Question): Decision => {
  const spoke: string[] = [];
  let left = beginning(question);
  for (const [name, rule] of rules) {
    const answer = rule(question, left);
    if (answer === undefined) continue;
    spoke.push(name);
    if ("outcome" in answer) return { rules: spoke, ...answer };
    left = { ...left, ...answer };
  }
  return { rules: spoke, ...conclusion(question, left) };
};

const beginning = ({ patient, now, organization }: Question): Left => ({
  recipient: patient,
  addresses: addressesOf(patient, now, organization.phone).filter(
    ({ channel }) => organization.channels.includes(channel),
  ),
  weeks: [everyDay(organization.contactHours)],
});

const conclusion = (
  { message, visit }: Question,
  { wait, addresses, recipient }: Left,
): Verdict => {
  const end = [message.expires, visit?.start]
    .filter((time) => time !== undefined)
    .map((time) => Date.parse(time));
  if (
    wait?.outcome === "defer" &&
    end.some((time) => Date.parse(wait.until) >= time)
  )
    return { outcome: "suppress", reason: "too-late" };
  if (wait !== undefined) return wait;
  const [address] = addresses;
  return address === undefined
    ? { outcome: "escalate", reason: "no-channel" }
    : { outcome: "send", address, recipient };
};
