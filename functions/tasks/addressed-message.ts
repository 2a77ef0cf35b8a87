import type { Communication, Patient, RelatedPerson } from "@medplum/fhirtypes";
import type { MessageTemplate } from "../../packs/messages/message-pack.ts";
import type { Address } from "../core/addresses.ts";
import { linkSystem, prepared } from "../core/communication.ts";
import {
  languageOf,
  linkTo,
  render,
  type Rendered,
  type Visit,
} from "../core/message.ts";
import type { Outbound } from "../outbound/channels.ts";
import type { Deps } from "../runtime/dependencies.ts";

interface Addressing {
  readonly address: Address;
  readonly recipient: Patient | RelatedPerson;
  readonly template: MessageTemplate;
  readonly visit: Visit;
  readonly rules: readonly string[];
}

/** The message in the recipient's language and for the channel: what the record keeps, and what goes out. */
export const addressed = (
  base: Communication,
  { address, recipient, template, visit, rules }: Addressing,
  { organization, newId }: Pick<Deps, "organization" | "newId">,
): {
  readonly communication: Communication;
  readonly outbound: Outbound;
} => {
  const others = (base.identifier ?? []).filter(
    ({ system }) => system !== linkSystem,
  );
  const known = base.identifier?.find(({ system }) => system === linkSystem);
  const token = known?.value ?? newId().slice(-12);
  const language = languageOf(recipient, organization);
  const rendered = render(template, language, visit, organization, token);
  const { topic } = template;
  const link = linkTo(token, organization);
  const outbound = outboundOf(address, rendered, { topic, link });
  const identifier = [...others, { system: linkSystem, value: token }];
  const texts = [rendered.portal, ...textOf(outbound)];
  return {
    communication: prepared({ ...base, identifier }, address, texts, rules),
    outbound,
  };
};

const outboundOf = (
  { channel, value: to, platform = "GCM" }: Address,
  { sms, email, push }: Rendered,
  { topic, link }: { readonly topic: string; readonly link: string },
): Outbound => {
  switch (channel) {
    case "sms":
      return { channel, topic, to, text: sms };
    case "email":
      return { channel, topic, to, ...email };
    case "push":
      return { channel, topic, to, platform, ...push, link };
    case "portal":
      return { channel };
  }
};

const textOf = (outbound: Outbound): readonly string[] =>
  outbound.channel === "portal" ? [] : [outbound.text];
