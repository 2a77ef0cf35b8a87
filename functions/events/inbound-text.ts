import * as z from "zod";
import type { OrganizationSettings } from "../core/settings.ts";
import type { Reply } from "../core/reply.ts";
import type { TaskReason } from "../core/staff-task.ts";
import type { Outbound } from "../outbound/channels.ts";
import type { Work } from "../store/records.ts";

/** Two-way SMS as End User Messaging publishes it. */
export const InboundText = z.object({
  originationNumber: z.string().min(1),
  /** The keyword that the service itself has answered, or the number's own catch-all. */
  messageKeyword: z.string().default(""),
  messageBody: z.string().max(2000),
  inboundMessageId: z.string().min(1).max(200),
  previousPublishedMessageId: z.string().optional(),
});
export type InboundText = z.infer<typeof InboundText>;

/** What came of it, and the one text that is to be sent for it. */
export interface Taken {
  readonly meaning: Reply | "repeated";
  readonly answer?: { readonly id: string; readonly outbound: Outbound };
  readonly optedOut?: number;
  readonly task?: { readonly id: string; readonly reason: TaskReason };
}

/** One inbound message within its transaction. */
export interface Taking {
  readonly work: Work;
  readonly text: InboundText;
  readonly at: string;
  readonly organization: OrganizationSettings;
}
