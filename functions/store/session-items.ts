import type { Person } from "../core/caller.ts";
import type { Session, SignedIn } from "../core/session.ts";
import { sessionOf, sessionsEnded, type Account } from "./keys.ts";
import type { Item, Value, Write } from "./table.ts";

/** A person with the sign-in that the token is of. */
export type SignedInPerson = Person & { readonly signedIn: SignedIn };

export interface KeptSession {
  readonly session: Session | undefined;
  /** Of the item; 0 when there is none. */
  readonly version: number;
}

const hour = 3_600_000;
/** Longer than a session may last, so what ended stays ended. */
const keptFor = 25 * hour;

export const keptSession = (item: Item | undefined): KeptSession => ({
  version: versionOf(item),
  session: item && {
    started: instantIn(item.started),
    seen: instantIn(item.seen),
    ...(item.ended !== undefined && { ended: instantIn(item.ended) }),
  },
});

export const sessionWrite = (
  person: SignedInPerson,
  { started, seen, ended }: Session,
  version: number,
): Write => ({
  put: {
    ...sessionOf(person, person.signedIn.session),
    v: version + 1,
    started: textOf(started),
    seen: textOf(seen),
    ...(ended !== undefined && { ended: textOf(ended) }),
    expires: expiryOf(started),
  },
  guard: guardOf(version),
});

/** Every sign-in of the account up to then has ended. */
export const endWrite = (
  account: Account,
  until: number,
  version: number,
): Write => ({
  put: {
    ...sessionsEnded(account),
    v: version + 1,
    until: textOf(until),
    expires: expiryOf(until),
  },
  guard: guardOf(version),
});

export const untilIn = (item: Item | undefined): number | undefined =>
  item && instantIn(item.until);

export const versionOf = (item: Item | undefined): number =>
  Number(item?.v ?? 0);

const guardOf = (version: number): Write["guard"] =>
  version === 0 ? "absent" : { version };

const instantIn = (value: Value | undefined): number => {
  if (typeof value !== "string") throw new Error("a session has no such time");
  return Date.parse(value);
};

const textOf = (milliseconds: number): string =>
  new Date(milliseconds).toISOString();

const expiryOf = (from: number): number => Math.ceil((from + keptFor) / 1000);
