import type { Context, Person } from "../core/caller.ts";
import { Fault } from "../core/fault.ts";
import {
  isNoteworthy,
  standing,
  type Known,
  type Session,
  type SessionLimits,
  type SessionRefusal,
  type SignedIn,
  type Standing,
} from "../core/session.ts";
import { factDayEntry, factItem, type FactContent } from "./facts.ts";
import {
  patientKeyPlace,
  sessionOf,
  sessionPrefix,
  sessionsEnded,
  sessionsOf,
  type Account,
} from "./keys.ts";
import { createMerges } from "./merges.ts";
import type { Store } from "./store.ts";
import {
  CommitContended,
  CommitRefused,
  held,
  type Item,
  type Value,
  type Write,
} from "./table.ts";

/** A person with the sign-in that the token is of. */
export type SignedInPerson = Person & { readonly signedIn: SignedIn };

/** Sign-ins of patients and staff. */
export interface Sessions {
  /** How a sign-in stands now, or why it is refused. A `passive` request is no activity. */
  look(
    person: SignedInPerson,
    passive: boolean,
  ): Promise<Standing | SessionRefusal>;
  /** From now on no token of this sign-in is taken. Throws Conflict (409). */
  end(context: Context, person: SignedInPerson): Promise<void>;
  /** From now on no token of any earlier sign-in is taken; answers how many sessions were open. Throws NotFound (404), Conflict (409). */
  endAll(context: Context, account: Account, what: string): Promise<number>;
  /** Told under its day: what a refused request was about is not known yet. */
  noteRefusal(context: Context, what: string): Promise<void>;
}

interface Found extends Known {
  /** Of the session's item; 0 when there is none. */
  readonly version: number;
}

const hour = 3_600_000;
/** Longer than a session may last, so what ended stays ended. */
const keptFor = 25 * hour;
const mostTries = 5;
const type = "Session";

export const createSessions = (
  {
    table,
    vault,
    now,
    newId,
  }: Pick<Store, "table" | "vault" | "now" | "newId">,
  limits: Readonly<Record<Account["kind"], SessionLimits>>,
): Sessions => {
  const time = (): number => now().getTime();

  const find = async (person: SignedInPerson): Promise<Found> => {
    const own = sessionOf(person, person.signedIn.session);
    const all = sessionsEnded(person);
    const items = await table.get([
      { table: "records", ...own },
      { table: "records", ...all },
    ]);
    return {
      ...kept(items.find(({ sk }) => sk === own.sk)),
      endedUntil: untilIn(items.find(({ sk }) => sk === all.sk)),
    };
  };

  const stands = (person: SignedInPerson, known: Known) =>
    standing(person.signedIn, known, limits[person.kind], time());

  const written = (
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

  const told = async (
    context: Context,
    content: Pick<FactContent, "changes" | "patient">,
  ): Promise<readonly Write[]> => {
    const fact = factItem(newId(), now(), context, {
      kind: "admin",
      outcome: "done",
      ...content,
    });
    return [fact, factDayEntry(fact, await vault.indexVersion())].map(
      (put) => ({ put, guard: "any" }),
    );
  };

  /** Answers how many sessions of one account were open. */
  const endAllOf = async (
    context: Context,
    account: Account,
    what: string,
  ): Promise<number | undefined> => {
    const place = sessionsEnded(account);
    const [item] = await table.get([{ table: "records", ...place }]);
    const before = untilIn(item);
    const { items } = await table.query({
      pk: sessionsOf(account),
      prefix: sessionPrefix,
    });
    const version = versionOf(item);
    const until = Math.max(time(), before ?? 0);
    const isHeld = await held(
      table.commit(
        [
          {
            put: {
              ...place,
              v: version + 1,
              until: textOf(until),
              expires: expiryOf(until),
            },
            guard: guardOf(version),
          },
          ...(await told(context, {
            changes: [{ type, id: account.id, version: version + 1, what }],
            ...(account.kind === "patient" && { patient: account.id }),
          })),
        ],
        newId(),
      ),
    );
    const isOpen = (one: Item): boolean => {
      const { session } = kept(one);
      return (
        session !== undefined &&
        typeof standing(
          { session: one.sk, at: session.started },
          { session, endedUntil: before },
          limits[account.kind],
          time(),
        ) === "object"
      );
    };
    return isHeld ? items.filter(isOpen).length : undefined;
  };

  return {
    look: async (person, passive) => {
      const found = await find(person);
      const current = stands(person, found);
      if (
        typeof current === "string" ||
        passive ||
        !isNoteworthy(found.session, time())
      )
        return current;
      const session = { started: current.started, seen: time() };
      try {
        await table.commit([written(person, session, found.version)], newId());
        return stands(person, { ...found, session });
      } catch (error) {
        if (error instanceof CommitContended) return current;
        if (!(error instanceof CommitRefused)) throw error;
        // Another request was as early as this one, or the session was ended meanwhile.
        return stands(person, { ...found, ...kept(error.refused[0]?.found) });
      }
    },

    end: (context, person) =>
      persistently(async () => {
        const { session, version } = await find(person);
        if (session?.ended !== undefined) return true;
        const at = time();
        const started = Math.min(person.signedIn.at, session?.started ?? at);
        const ended = { started, seen: session?.seen ?? started, ended: at };
        const isHeld = await held(
          table.commit(
            [
              written(person, ended, version),
              ...(await told(context, {
                changes: [
                  {
                    type,
                    id: person.signedIn.session,
                    version: version + 1,
                    what: "SignedOut",
                  },
                ],
              })),
            ],
            newId(),
          ),
        );
        return isHeld || undefined;
      }).then(() => undefined),

    endAll: async (context, { kind, id }, what) => {
      if (
        kind === "patient" &&
        (await table.get([patientKeyPlace(id)]))[0] === undefined
      )
        throw new Fault("NotFound", 404, "There is no such patient.");
      const ids =
        kind === "patient" ? await createMerges(table).samePerson(id) : [id];
      let count = 0;
      for (const one of ids)
        count += await persistently(() =>
          endAllOf(context, { kind, id: one }, what),
        );
      return count;
    },

    noteRefusal: (context, what) =>
      table.append([
        factItem(newId(), now(), context, {
          kind: "refusal",
          outcome: "refused",
          changes: [{ type, id: nameIn(context), version: 0, what }],
        }),
      ]),
  };
};

/** Of a token that was not believed there is only the attempt to name. */
const nameIn = ({ by, requestId }: Context): string =>
  by.kind === "client" || by.kind === "system"
    ? requestId
    : (by.signedIn?.session ?? requestId);

/** Tries again while somebody else was faster. */
const persistently = async <T>(
  attempt: () => Promise<T | undefined>,
): Promise<T> => {
  for (let tries = 0; tries < mostTries; tries += 1) {
    const result = await attempt().catch((error: unknown) => {
      if (error instanceof CommitContended) return undefined;
      throw error;
    });
    if (result !== undefined) return result;
  }
  throw new Fault(
    "Conflict",
    409,
    "The session is in use at this moment. Try again.",
  );
};

const kept = (item: Item | undefined): Pick<Found, "session" | "version"> => ({
  version: versionOf(item),
  session:
    item === undefined
      ? undefined
      : {
          started: instantIn(item.started),
          seen: instantIn(item.seen),
          ...(item.ended !== undefined && {
            ended: instantIn(item.ended),
          }),
        },
});

const untilIn = (item: Item | undefined): number | undefined =>
  item === undefined ? undefined : instantIn(item.until);

const instantIn = (value: Value | undefined): number => {
  if (typeof value !== "string") throw new Error("a session has no such time");
  return Date.parse(value);
};

const versionOf = (item: Item | undefined): number => Number(item?.v ?? 0);

const guardOf = (version: number): Write["guard"] =>
  version === 0 ? "absent" : { version };

const textOf = (milliseconds: number): string =>
  new Date(milliseconds).toISOString();

const expiryOf = (from: number): number => Math.ceil((from + keptFor) / 1000);
