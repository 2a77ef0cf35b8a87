import * as z from "zod";
import type { Caller, Context } from "../core/caller.ts";
import type { Ulid } from "../core/ids.ts";
import { factOf, factsOfDay, shard } from "./keys.ts";
import type { Item } from "./table.ts";
import type { Sealed } from "./vault.ts";

export const factKinds = [
  "change",
  "read",
  "decision",
  "refusal",
  "admin",
] as const;

/** One resource of a fact, at the version it then had; `what` is a past-tense event (`AppointmentBooked`). */
export const Touched = z.object({
  type: z.string(),
  id: z.string(),
  version: z.number(),
  what: z.string(),
});

export type Touched = z.infer<typeof Touched>;

/** Who did what to which resource, when: audit entry, domain event and KPI source in one. Ids only. */
export const Fact = z.object({
  v: z.literal(1),
  id: z.string(),
  kind: z.enum(factKinds),
  at: z.string(),
  /** `patient:<id>`, `staff:<id>`, `client:<id>` or `system:<name>`. */
  by: z.string(),
  purpose: z.string(),
  outcome: z.enum(["done", "refused"]),
  requestId: z.string(),
  patient: z.string().optional(),
  changes: z.array(Touched),
  /** The policy that refused. */
  policy: z.string().optional(),
});
export type Fact = z.infer<typeof Fact>;

export interface FactContent {
  readonly kind: Fact["kind"];
  readonly outcome: Fact["outcome"];
  readonly changes: readonly Touched[];
  readonly patient?: string;
  readonly policy?: string;
  readonly sealed?: Sealed;
}

export const callerId = (caller: Caller): string =>
  `${caller.kind}:${caller.id}`;

/** The item of a fact: in the patient's compartment, or under its day when no patient is concerned. */
export const factItem = (
  id: Ulid,
  at: Date,
  { by, purpose, requestId }: Context,
  content: FactContent,
): Item => {
  const { patient, sealed, ...rest } = content;
  return {
    ...factOf(patient, id),
    v: 1,
    at: at.toISOString(),
    by: callerId(by),
    purpose,
    requestId,
    ...rest,
    ...(patient !== undefined && { patient }),
    ...(sealed !== undefined && { sealed: sealed.body, sealedBy: sealed.key }),
  };
};

/** The entry that lists a fact under its day; reads are found in the archive, so that a read costs one put. */
export const factDayEntry = (fact: Item, version: number): Item => {
  const id = fact.sk.slice("F#".length);
  const at = typeof fact.at === "string" ? fact.at : "";
  return {
    pk: factsOfDay(version, at.slice(0, 10), shard(id)),
    sk: `${at}#${fact.pk}#${id}`,
  };
};

/** A fact from its item, as the table or its stream holds it. */
export const readFact = (item: Readonly<Record<string, unknown>>): Fact =>
  Fact.parse({ ...item, id: String(item.sk).slice(2) });
