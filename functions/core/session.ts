import * as z from "zod";

/** One sign-in of a person, as every token of it tells, those of a refresh included. */
export interface SignedIn {
  /** Names the sign-in: a hash. */
  readonly session: string;
  /** When the person signed in, second factor included; milliseconds since 1970. */
  readonly at: number;
  /** The token does not say when: `at` is when it was issued, which proves no fresh sign-in. */
  readonly isAssumed?: true;
}

/** What was kept of a sign-in; milliseconds since 1970. */
export interface Session {
  readonly started: number;
  /** The last activity; up to a minute late. */
  readonly seen: number;
  readonly ended?: number;
}

export interface SessionLimits {
  readonly idleMinutes: number;
  readonly absoluteHours: number;
}

export interface Known {
  readonly session?: Session | undefined;
  /** Every sign-in of this person up to then was ended. */
  readonly endedUntil?: number | undefined;
}

export type SessionRefusal = "ended" | "expired" | "idle";

/** A session that stands; milliseconds since 1970. */
export interface Standing {
  readonly started: number;
  readonly seen: number;
  /** When it ends unless there is activity before. */
  readonly idleAt: number;
  /** When it ends whatever happens. */
  readonly expiresAt: number;
  /** The person signed in within the last five minutes. */
  readonly isFresh: boolean;
}

/** Why somebody else ends a person's sessions, and the event that tells so. */
export const endReasons = {
  left: "SessionsEndedOnLeaving",
  "lost-device": "SessionsEndedOnLoss",
  misuse: "SessionsEndedOnSuspicion",
  "changed-role": "SessionsEndedOnChangeOfRole",
  requested: "SessionsEndedOnRequest",
} as const;
export type EndReason = keyof typeof endReasons;

export const EndRequest = z.strictObject({
  reason: z.enum(Object.keys(endReasons) as [EndReason]),
});

const minute = 60_000;
const freshFor = 5 * minute;
/** Clocks may differ by that much; a sign-in further ahead proves nothing. */
const mostAhead = minute;

/** Activity within a minute of the last is not worth a write. */
export const isNoteworthy = (
  session: Session | undefined,
  now: number,
): boolean => session === undefined || now - session.seen >= minute;

/**
 * Whether a person's request may go on. Nothing a client does moves the start: a refreshed token belongs to the sign-in
 * that it came from, and a sign-in without a session yet was last seen when it happened. One of the future counts from now.
 */
export const standing = (
  { at, isAssumed }: SignedIn,
  { session, endedUntil }: Known,
  { idleMinutes, absoluteHours }: SessionLimits,
  now: number,
): Standing | SessionRefusal => {
  const started = Math.min(at, session?.started ?? at, now);
  const seen = session?.seen ?? started;
  const idleAt = seen + idleMinutes * minute;
  const expiresAt = started + absoluteHours * 60 * minute;
  if (session?.ended !== undefined || (endedUntil ?? -1) >= started)
    return "ended";
  if (now >= expiresAt) return "expired";
  if (now >= idleAt) return "idle";
  return {
    started,
    seen,
    idleAt: Math.min(idleAt, expiresAt),
    expiresAt,
    isFresh:
      isAssumed !== true && at <= now + mostAhead && now - started <= freshFor,
  };
};
