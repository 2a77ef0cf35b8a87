import type { RetentionDuty } from "./retention.ts";
import type { Occurrence } from "./journey.ts";

/** How an erasure moves on. What was shredded can only be carried through. */
export const erasureMoves = {
  requested: ["shredded", "refused", "failed"],
  refused: ["requested"],
  failed: ["requested"],
  shredded: ["certified"],
  certified: [],
} as const satisfies Record<string, readonly string[]>;

export type ErasureStatus = keyof typeof erasureMoves;

/** Why a record must not change or go, whatever else its time says. */
export const holdReasons = [
  "litigation",
  "investigation",
  "audit",
  "public-health",
] as const;
export type HoldReason = (typeof holdReasons)[number];

/** What stands against an erasure, by name; nothing when it may be carried out. */
export type ErasureObstacle =
  | {
      readonly name: "legal-hold";
      readonly reason: HoldReason;
      readonly since: string;
    }
  | {
      readonly name: "retention-duty";
      readonly until: string;
      readonly rule: string;
      readonly source: string;
    };

/** Of each record of the person; the set is erased whole or not at all. */
export interface ErasureQuestion {
  readonly holds: readonly {
    readonly reason: HoldReason;
    readonly since: string;
  }[];
  readonly duties: readonly RetentionDuty[];
  /** `yyyy-mm-dd` */
  readonly today: string;
}

/**
 * A hold outranks everything. A duty of the law does not end because the patient asks (GDPR Art. 17(3)(b), (c)), unless the
 * law itself says so: the answer is "restricted, not erased".
 */
export const erasureObstacle = ({
  holds,
  duties,
  today,
}: ErasureQuestion): ErasureObstacle | undefined => {
  const [hold] = holds.toSorted((one, other) =>
    one.since < other.since ? -1 : 1,
  );
  if (hold !== undefined) return { name: "legal-hold", ...hold };
  const [duty] = duties
    .filter(({ until, mayEndEarly }) => today < until && !mayEndEarly)
    .toSorted((one, other) => (one.until < other.until ? 1 : -1));
  return duty === undefined
    ? undefined
    : {
        name: "retention-duty",
        until: duty.until,
        rule: duty.rule,
        source: duty.source,
      };
};

export const erasureJourney = "erasure";

/** Each request is carried out by one execution. */
export const erasureOccurrence = (
  patient: string,
  request: string,
): Occurrence => ({
  journey: erasureJourney,
  subject: patient,
  occurrence: request,
});

/** Whose day an index entry of an appointment is in, and when it starts; undefined for entries of other lists. */
export const bookedActor = ({
  pk,
  sk,
}: {
  readonly pk: string;
  readonly sk: string;
}): { readonly actor: string; readonly from: string } | undefined => {
  const { actor } =
    /#Appointment#(?:practitioner|location)-day#(?<actor>[^|]+)\|/u.exec(pk)
      ?.groups ?? {};
  const from = sk.slice(0, sk.indexOf("#"));
  return actor === undefined || Number.isNaN(Date.parse(from))
    ? undefined
    : { actor, from };
};
