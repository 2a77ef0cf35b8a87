import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { Context } from "../../functions/core/caller.ts";
import { ulids } from "../../functions/core/ids.ts";
import type { SignedInPerson } from "../../functions/store/session-items.ts";
import {
  createSessions,
  type Sessions,
} from "../../functions/store/sessions.ts";
import type { Item, Table } from "../../functions/store/table.ts";
import { createVault } from "../../functions/store/vault.ts";
import { localKeyProvider } from "../record.ts";
import { onBothTables } from "./both-tables.ts";

const minute = 60_000;
const hour = 60 * minute;
const begin = Date.parse("2026-03-02T15:00:00.000Z");
const limits = {
  patient: { idleMinutes: 10, absoluteHours: 2 },
  staff: { idleMinutes: 5, absoluteHours: 1 },
};

const aNurse = (
  session = "one",
  { at = begin, id = "r.diaz" } = {},
): SignedInPerson => ({
  kind: "staff",
  id,
  roles: ["nurse"],
  token: "t",
  signedIn: { session, at },
});

const by = (person: SignedInPerson): Context => ({
  by: person,
  purpose: "TREAT",
  requestId: "request-1",
});
const officer = by(aNurse("officer", { id: "officer" }));

interface Clock {
  time: number;
}

const on = (
  table: Table,
): { readonly clock: Clock; readonly sessions: Sessions } => {
  const clock: Clock = { time: begin };
  const now = (): Date => new Date(clock.time);
  const newId = ulids(() => clock.time);
  const vault = createVault(table, localKeyProvider(), now);
  return {
    clock,
    sessions: createSessions({ table, vault, now, newId }, limits),
  };
};

const outcome = async (
  sessions: Sessions,
  person: SignedInPerson,
  passive = false,
): Promise<string> => {
  const result = await sessions.look(person, passive);
  return typeof result === "string" ? result : "stands";
};

const facts = (items: readonly Item[]) =>
  items.filter(({ sk }) => sk.startsWith("F#"));
const whats = (items: readonly Item[]) =>
  facts(items).flatMap(({ changes }) =>
    (changes as { what: string }[]).map(({ what }) => what),
  );

onBothTables((emptyTable, runs) => {
  test("activity keeps a session alive, silence ends it, and no token of the sign-in revives it", async () => {
    const { clock, sessions } = on((await emptyTable()).table);
    for (let count = 0; count < 5; count += 1) {
      expect(await outcome(sessions, aNurse())).toBe("stands");
      clock.time += 4 * minute;
    }
    clock.time += minute;
    expect(await outcome(sessions, aNurse())).toBe("idle");
    expect(await outcome(sessions, aNurse())).toBe("idle");
    // As a refresh would bring it, with a server that tells the time of the refresh.
    expect(await outcome(sessions, aNurse("one", { at: clock.time }))).toBe(
      "idle",
    );
    expect(await outcome(sessions, aNurse("two", { at: clock.time }))).toBe(
      "stands",
    );
  });

  test("a session that nobody knows yet was last seen when the person signed in", async () => {
    const { clock, sessions } = on((await emptyTable()).table);
    clock.time += 5 * minute;
    expect(await outcome(sessions, aNurse())).toBe("idle");
  });

  test("looking alone keeps nothing alive and writes nothing", async () => {
    const { table, dump } = await emptyTable();
    const { clock, sessions } = on(table);
    for (let count = 0; count < 4; count += 1) {
      expect(await outcome(sessions, aNurse(), true)).toBe("stands");
      clock.time += minute;
    }
    expect(await dump()).toEqual([]);
    clock.time += minute;
    expect(await outcome(sessions, aNurse(), true)).toBe("idle");
  });

  test("activity is written once a minute", async () => {
    const { table, dump } = await emptyTable();
    const { clock, sessions } = on(table);
    for (let count = 0; count < 10; count += 1) {
      await sessions.look(aNurse(), false);
      clock.time += 15_000;
    }
    expect(await dump()).toMatchObject([
      { v: 3, started: new Date(begin).toISOString() },
    ]);
  });

  test("who signs out has signed out, on that device alone", async () => {
    const { table, dump } = await emptyTable();
    const { sessions } = on(table);
    await sessions.look(aNurse(), false);
    await sessions.end(by(aNurse()), aNurse());
    expect(await outcome(sessions, aNurse())).toBe("ended");
    expect(await outcome(sessions, aNurse("two"))).toBe("stands");
    await sessions.end(by(aNurse()), aNurse());
    expect(whats(await dump())).toEqual(["SignedOut"]);
  });

  test("who signs out before anything else has signed out too", async () => {
    const { sessions } = on((await emptyTable()).table);
    await sessions.end(by(aNurse()), aNurse());
    expect(await outcome(sessions, aNurse())).toBe("ended");
  });

  test("when all sessions of a person are ended, those that were open are counted, and only later sign-ins are taken", async () => {
    const { table, dump } = await emptyTable();
    const { clock, sessions } = on(table);
    await sessions.look(aNurse("idle"), false);
    clock.time += 10 * minute;
    const signIn = { at: clock.time };
    for (const name of ["open", "left", "also"])
      await sessions.look(aNurse(name, signIn), false);
    await sessions.end(by(aNurse("left", signIn)), aNurse("left", signIn));
    const account = { kind: "staff", id: "r.diaz" } as const;
    expect(await sessions.endAll(officer, account, "SessionsEnded")).toBe(2);
    for (const name of ["open", "also", "not seen yet"])
      expect(await outcome(sessions, aNurse(name, signIn))).toBe("ended");
    expect(await sessions.endAll(officer, account, "SessionsEnded")).toBe(0);
    const later = { at: clock.time + 1000 };
    clock.time += 2000;
    expect(await outcome(sessions, aNurse("new", later))).toBe("stands");
    const other = { at: clock.time, id: "somebody" };
    expect(await outcome(sessions, aNurse("open", other))).toBe("stands");
    expect(whats(await dump()).sort()).toEqual([
      "SessionsEnded",
      "SessionsEnded",
      "SignedOut",
    ]);
  });

  test("of a patient, the sessions of all records of the person end, and the record says so", async () => {
    const { table, dump } = await emptyTable();
    const { clock, sessions } = on(table);
    const [survivor, loser] = ["A", "B"].map(
      (letter) => `0${letter.repeat(25)}`,
    );
    if (survivor === undefined || loser === undefined) throw new Error("none");
    const at = { v: 1, commit: "c", at: "2026-01-01T00:00:00.000Z" };
    await table.append([
      { pk: `PATIENT#${survivor}`, sk: "M", ...at, parts: [loser] },
      { pk: `PATIENT#${loser}`, sk: "M", ...at, into: survivor, parts: [] },
    ]);
    await table.commit(
      [
        {
          put: { pk: `PATIENT#${survivor}`, sk: "KEY" },
          table: "keys",
          guard: "absent",
        },
      ],
      "key",
    );
    const patient = (id: string): SignedInPerson => ({
      kind: "patient",
      id,
      token: "t",
      signedIn: { session: `of ${id}`, at: begin },
    });
    await sessions.look(patient(loser), false);
    clock.time += 1;
    const account = { kind: "patient", id: survivor } as const;
    expect(await sessions.endAll(officer, account, "SessionsEnded")).toBe(1);
    expect(await outcome(sessions, patient(loser))).toBe("ended");
    expect(await outcome(sessions, patient(survivor))).toBe("ended");
    expect(facts(await dump()).map(({ patient: whose }) => whose)).toEqual(
      expect.arrayContaining([survivor, loser]),
    );
  });

  test("the limits of patients and staff are their own", async () => {
    const { clock, sessions } = on((await emptyTable()).table);
    const patient: SignedInPerson = {
      kind: "patient",
      id: "01J00000000000000000000000",
      token: "t",
      signedIn: { session: "one", at: begin },
    };
    clock.time += 5 * minute;
    expect(await outcome(sessions, aNurse())).toBe("idle");
    expect(await outcome(sessions, patient)).toBe("stands");
  });

  test("requests at the same time note one activity and all go on", async () => {
    const { table, dump } = await emptyTable();
    const { sessions } = on(table);
    const results = await Promise.all(
      Array.from({ length: 8 }, () => outcome(sessions, aNurse())),
    );
    expect(results).toEqual(Array.from({ length: 8 }, () => "stands"));
    expect(await dump()).toMatchObject([{ v: 1 }]);
  });

  test("a request at the same time as the end cannot undo it", async () => {
    const { table } = await emptyTable();
    const { clock, sessions } = on(table);
    await sessions.look(aNurse(), false);
    clock.time += minute;
    const ending = sessions.end(by(aNurse()), aNurse());
    await Promise.all([
      ending,
      ...Array.from({ length: 4 }, () => sessions.look(aNurse(), false)),
    ]);
    expect(await outcome(sessions, aNurse())).toBe("ended");
  });

  test("an activity that comes after the end was read, but is written before it, does not survive it", async () => {
    const { table } = await emptyTable();
    const { clock, sessions } = on(table);
    await sessions.look(aNurse(), false);
    clock.time += minute;
    let isFirst = true;
    const { clock: slowClock, sessions: slow } = on({
      ...table,
      commit: async (writes, token) => {
        if (isFirst) await sessions.end(by(aNurse()), aNurse());
        isFirst = false;
        await table.commit(writes, token);
      },
    });
    slowClock.time = clock.time;
    expect(await outcome(slow, aNurse())).toBe("ended");
  });

  test("what is kept is gone a day later, when no sign-in can stand any more", async () => {
    const { table, dump } = await emptyTable();
    const { sessions } = on(table);
    await sessions.look(aNurse(), false);
    await sessions.endAll(officer, { kind: "staff", id: "r.diaz" }, "Ended");
    const kept = (await dump()).filter(({ pk }) => pk.startsWith("SESSIONS#"));
    expect(kept).toHaveLength(2);
    for (const { pk, sk, expires } of kept) {
      expect(`${pk} ${sk}`).not.toContain("diaz");
      expect(expires).toBe((begin + 25 * hour) / 1000);
    }
  });

  describe("whatever happens in whatever order", () => {
    type Happening =
      | { readonly does: "sign-in" }
      | { readonly does: "end-all" }
      | {
          readonly does: "ask" | "look" | "sign-out";
          readonly device: number;
        };
    const happening: fc.Arbitrary<Happening> = fc.oneof(
      {
        weight: 24,
        arbitrary: fc.record({ does: fc.constant("ask"), device }),
      },
      {
        weight: 2,
        arbitrary: fc.record({ does: fc.constant("look"), device }),
      },
      {
        weight: 1,
        arbitrary: fc.record({ does: fc.constant("sign-out"), device }),
      },
      { weight: 1, arbitrary: fc.record({ does: fc.constant("sign-in") }) },
      { weight: 1, arbitrary: fc.record({ does: fc.constant("end-all") }) },
    );

    test("a sign-in is taken exactly when a naive reading of its history takes it", async () => {
      await fc.assert(
        fc.asyncProperty(
          fc.array(fc.tuple(gap, happening), {
            minLength: 20,
            maxLength: 80,
            size: "max",
          }),
          async (story) => {
            const { clock, sessions } = on((await emptyTable()).table);
            const told: Told[] = [];
            const devices: SignedInPerson[] = [];
            for (const [later, event] of story) {
              clock.time += later;
              const { time } = clock;
              if (event.does === "sign-in") {
                const at = Math.floor(time / 1000) * 1000;
                devices.push(aNurse(`device ${devices.length}`, { at }));
                told.push({ time: at, does: "sign-in", of: devices.length });
                continue;
              }
              if (event.does === "end-all") {
                await sessions.endAll(
                  officer,
                  { kind: "staff", id: "r.diaz" },
                  "Ended",
                );
                told.push({ time, does: "end-all", of: 0 });
                continue;
              }
              if (devices.length === 0) continue;
              const index = event.device % devices.length;
              const person = devices[index] ?? aNurse();
              const of = index + 1;
              const expected = naively(told, of, time);
              const passive = event.does !== "ask";
              expect(await outcome(sessions, person, passive)).toBe(expected);
              if (expected !== "stands") continue;
              if (event.does === "sign-out")
                await sessions.end(by(person), person);
              told.push({ time, does: event.does, of });
            }
          },
        ),
        { numRuns: runs * 3 },
      );
    });
  });
});

const device = fc.constantFrom(0, 0, 0, 1, 2);
/** Mostly somebody at work, so that sessions live long enough to end in each of their ways. */
const gap = fc.oneof(
  { weight: 4, arbitrary: fc.nat({ max: 90_000 }) },
  { weight: 4, arbitrary: fc.integer({ min: minute, max: 4 * minute }) },
  { weight: 3, arbitrary: fc.constantFrom(minute, 2 * minute, 5 * minute) },
  { weight: 1, arbitrary: fc.nat({ max: hour }) },
);

interface Told {
  readonly time: number;
  readonly does: "sign-in" | "ask" | "look" | "sign-out" | "end-all";
  /** Which device, from 1. */
  readonly of: number;
}

/** The rules of staff once more, told as a history is read: from its beginning, and nothing kept. */
const naively = (
  told: readonly Told[],
  device: number,
  time: number,
): string => {
  const own = told.filter(({ of }) => of === device);
  const signIn = own.find(({ does }) => does === "sign-in")?.time ?? NaN;
  const isEnded =
    own.some(({ does }) => does === "sign-out") ||
    told.some(({ does, time: then }) => does === "end-all" && then >= signIn);
  if (isEnded) return "ended";
  if (time - signIn >= hour) return "expired";
  const active = own.filter(({ does }) => does === "ask");
  const noted = active.reduce<number | undefined>(
    (last, { time: then }) =>
      last === undefined || then - last >= minute ? then : last,
    undefined,
  );
  return time - (noted ?? signIn) >= 5 * minute ? "idle" : "stands";
};
