import type { Communication, Patient, RelatedPerson } from "@medplum/fhirtypes";
import * as z from "zod";
import { preVisitMessages } from "../../packs/messages/pre-visit.ts";
import {
  draft,
  messageSystem,
  reasonCode,
  withheld,
  type Delivery,
} from "../core/communication.ts";
import { decide, escalations } from "../core/contact.ts";
import { Fault } from "../core/fault.ts";
import type { Channel } from "../core/settings.ts";
import { channelRefusal } from "../core/vendors.ts";
import type { Outbound } from "../outbound/channels.ts";
import { deliver } from "../runtime/deliver.ts";
import type { Deps } from "../runtime/dependencies.ts";
import { live } from "../runtime/live.ts";
import { task } from "../runtime/task.ts";
import type { Stored, Work } from "../store/records.ts";
import { addressed } from "./addressed-message.ts";
import { visitQuestion } from "./contact-question.ts";
import { asTask, VisitInput } from "./ids.ts";

const Input = VisitInput.extend({
  start: z.iso.datetime(),
  step: z.string().min(1).max(40),
  message: z.enum(["confirmation", "reminder"]),
  expires: z.iso.datetime(),
});
type Input = z.infer<typeof Input>;

const Output = z.discriminatedUnion("outcome", [
  z.object({ outcome: z.literal("sent") }),
  z.object({
    outcome: z.literal("deferred"),
    until: z.iso.datetime(),
    reason: z.string(),
  }),
  z.object({ outcome: z.literal("suppressed"), reason: z.string() }),
  z.object({
    outcome: z.literal("escalated"),
    reason: z.enum(["unreachable", "unknown-outcome"]),
  }),
]);
type Output = z.infer<typeof Output>;

/** An intent that this invocation has committed and must now hand over, or the end of it. */
type Next =
  | { readonly hand: { readonly id: string; readonly outbound: Outbound } }
  | Output;

/** One address after the other may turn out to be dead. */
const mostAttempts = 6;

/**
 * Decides anew whether to send one message of a journey, and sends it at most once. Throws ChannelUnavailable (503) when the
 * provider asks to be tried later.
 */
export const sendMessage = (
  deps: Pick<Deps, "records" | "channels" | "organization" | "log" | "newId">,
) =>
  task(Input, Output, async (input): Promise<Output> => {
    const context = asTask("send-message", input.execution);
    const closed = new Set<Channel>();
    for (let attempt = 1; attempt <= mostAttempts; attempt += 1) {
      const next = await deps.records.change(context, (work) =>
        intend(work, input, {
          log: deps.log,
          newId: deps.newId,
          organization: without(deps, closed),
        }),
      );
      if ("outcome" in next) return logged(deps.log, input, next);
      const delivery = await deliver(deps, context, {
        ...next.hand,
        at: input.now,
      });
      const output = outputOf(delivery);
      if (output !== undefined) return output;
      if (delivery.outcome === "withheld")
        closed.add(next.hand.outbound.channel);
    }
    return { outcome: "escalated", reason: "unreachable" };
  });

const outputOf = (delivery: Delivery): Output | undefined => {
  if (delivery.outcome === "accepted") return { outcome: "sent" };
  if (delivery.outcome === "unknown")
    return { outcome: "escalated", reason: "unknown-outcome" };
  if (delivery.outcome === "refused" && !delivery.permanent)
    throw new Fault(
      "ChannelUnavailable",
      503,
      "The provider of this channel takes no message just now.",
    );
  return undefined;
};

/** The organization as it is while nothing may leave by these channels. */
const without = (
  { organization }: Pick<Deps, "organization">,
  closed: ReadonlySet<Channel>,
): Deps["organization"] => ({
  ...organization,
  channels: organization.channels.filter((channel) => !closed.has(channel)),
});

/** Decides and writes it down. */
const intend = async (
  work: Work,
  input: Input,
  deps: Pick<Deps, "organization" | "log" | "newId">,
): Promise<Next> => {
  const name = `${input.execution}/${input.step}`;
  const [existing] = await work.byIdentifier(
    "Communication",
    messageSystem,
    name,
  );
  const past =
    existing === undefined ? undefined : await pastOf(work, existing);
  if (past !== undefined) return past;
  const template = preVisitMessages.messages[input.message];
  if (template === undefined) throw new Error("the message has no template");
  const found = await visitQuestion(
    work,
    input,
    { ...template, expires: input.expires },
    deps.organization,
  );
  if (found === undefined)
    return { outcome: "suppressed", reason: "no-patient" };
  const { question, visit } = found;
  const decision = decide(question);
  const recipient =
    decision.outcome === "send" ? decision.recipient : question.patient;
  const base: Communication =
    existing ??
    draft({
      name,
      patientId: input.patient,
      recipient: referenceTo(recipient),
      template,
      appointment: { id: input.appointment },
    });
  const { rules } = decision;
  if (rules.includes("vendor-agreement")) logRefusals(deps, template, input);
  switch (decision.outcome) {
    case "send": {
      if (visit === undefined)
        throw new Error("a visit that is booked could not be read");
      const { communication, outbound } = addressed(
        { ...base, recipient: [{ reference: referenceTo(recipient) }] },
        { address: decision.address, recipient, template, visit, rules },
        deps,
      );
      const { id } = await save(work, communication);
      return { hand: { id, outbound } };
    }
    case "defer":
      await save(
        work,
        withheld(base, {
          status: "on-hold",
          reason: decision.reason,
          rules,
          until: decision.until,
        }),
      );
      return {
        outcome: "deferred",
        until: decision.until,
        reason: decision.reason,
      };
    case "suppress":
    case "digest":
      await save(
        work,
        withheld(base, { status: "not-done", reason: decision.reason, rules }),
      );
      return { outcome: "suppressed", reason: decision.reason };
    case "escalate":
      await save(
        work,
        withheld(base, { status: "not-done", reason: decision.reason, rules }),
      );
      return { outcome: "escalated", reason: "unreachable" };
  }
};

/** What an earlier invocation left: an end stays, an intent without an answer is never sent again, what is on hold is decided anew. */
const pastOf = async (
  work: Work,
  existing: Stored<Communication>,
): Promise<Output | undefined> => {
  switch (existing.status) {
    case "on-hold":
      return undefined;
    case "preparation":
      await work.update({
        ...withheld(existing, {
          status: "stopped",
          reason: "unknown-outcome",
          rules: [],
        }),
        id: existing.id,
      });
      return { outcome: "escalated", reason: "unknown-outcome" };
    case "not-done": {
      const reason = reasonCode(existing) ?? "unknown";
      return escalations.includes(reason)
        ? { outcome: "escalated", reason: "unreachable" }
        : { outcome: "suppressed", reason };
    }
    case "stopped":
      return reasonCode(existing) === "unknown-outcome"
        ? { outcome: "escalated", reason: "unknown-outcome" }
        : { outcome: "sent" };
    default:
      return { outcome: "sent" };
  }
};

const logRefusals = (
  { organization, log }: Pick<Deps, "organization" | "log">,
  { topic }: { readonly topic: string },
  { now, patient, execution }: Input,
): void => {
  for (const channel of organization.channels) {
    const reason = channelRefusal(organization, channel, topic, new Date(now));
    if (reason !== undefined)
      log("VendorRefused", { patient, execution, channel, reason });
  }
};

const referenceTo = ({ resourceType, id = "" }: Patient | RelatedPerson) =>
  `${resourceType}/${id}`;

const save = (
  work: Work,
  { id, ...communication }: Communication,
): Promise<Stored<Communication>> =>
  id === undefined
    ? work.create<Communication>(communication)
    : work.update<Communication>({ ...communication, id });

const logged = (
  log: Deps["log"],
  { patient, execution }: Input,
  output: Output,
): Output => {
  if (output.outcome === "deferred")
    log("MessageDeferred", { patient, execution, reason: output.reason });
  if (output.outcome === "suppressed")
    log("MessageSuppressed", { patient, execution, reason: output.reason });
  return output;
};

export const handler = live(sendMessage);
