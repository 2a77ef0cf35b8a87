import type { Context } from "../core/caller.ts";
import { Fault } from "../core/fault.ts";
import { isUlid } from "../core/ids.ts";
import {
  isNoteworthy,
  standing,
  type Known,
  type SessionLimits,
  type SessionRefusal,
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
import {
  endWrite,
  keptSession,
  sessionWrite,
  untilIn,
  versionOf,
  type KeptSession,
  type SignedInPerson,
} from "./session-items.ts";
import type { Store } from "./store.ts";
import {
  CommitContended,
  CommitRefused,
  held,
  type Item,
  type Write,
} from "./table.ts";

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

type Found = Known & KeptSession;

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
      ...keptSession(items.find(({ sk }) => sk === own.sk)),
      endedUntil: untilIn(items.find(({ sk }) => sk === all.sk)),
    };
  };

  const stands = (person: SignedInPerson, known: Known) =>
    standing(person.signedIn, known, limits[person.kind], time());

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
    const [item] = await table.get([
      { table: "records", ...sessionsEnded(account) },
    ]);
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
          endWrite(account, until, version),
          ...(await told(context, {
            changes: [{ type, id: account.id, version: version + 1, what }],
            ...(isPatient(account) && { patient: account.id }),
          })),
        ],
        newId(),
      ),
    );
    const isOpen = (one: Item): boolean => {
      const { session } = keptSession(one);
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

  /** Whoever was merged may still sign in as before. */
  const recordsOf = async (patient: string): Promise<readonly string[]> => {
    const [key] = await table.get([patientKeyPlace(patient)]);
    if (key === undefined)
      throw new Fault("NotFound", 404, "There is no such patient.");
    return createMerges(table).samePerson(patient);
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
        await table.commit(
          [sessionWrite(person, session, found.version)],
          newId(),
        );
        return stands(person, { ...found, session });
      } catch (error) {
        if (error instanceof CommitContended) return current;
        if (!(error instanceof CommitRefused)) throw error;
        // Another request was as early as this one, or the session was ended meanwhile.
        return stands(person, {
          ...found,
          ...keptSession(error.refused[0]?.found),
        });
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
              sessionWrite(person, ended, version),
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

    endAll: async (context, account, what) => {
      const { kind, id } = account;
      const accounts = isPatient(account)
        ? (await recordsOf(id)).map((one) => ({ kind, id: one }))
        : [account];
      let count = 0;
      for (const one of accounts)
        count += await persistently(() => endAllOf(context, one, what));
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

/** Not everybody who signs in at the portal is a patient: some act for one. */
const isPatient = ({ kind, id }: Account): boolean =>
  kind === "patient" && isUlid(id);

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
