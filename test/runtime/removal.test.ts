import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { fhir } from "../../functions/api/fhir.ts";
import type { Caller } from "../../functions/core/caller.ts";
import { aRequest, aServer, type Server } from "../api/server.ts";
import {
  aClientToken,
  aStaffToken,
  anIssuer,
  now,
  type Issuer,
} from "./tokens.ts";

const minute = 60_000;

let pools: Issuer;
let server: Server;
let handler: ReturnType<typeof fhir>;

beforeEach(async () => {
  // Verifying a token asks the clock of the machine.
  vi.useFakeTimers({
    toFake: ["Date"],
    now: Date.parse("2026-03-02T15:00:00Z"),
  });
  pools = await anIssuer();
  server = aServer();
  const log = Object.assign(() => undefined, {
    error: (_fact: string, _ids: object, cause: unknown) => {
      throw new Error("the server failed unexpectedly", { cause });
    },
  });
  handler = fhir({ ...server, log, authenticate: pools.authenticate });
});

afterEach(() => {
  pools.close();
  vi.useRealTimers();
});

const pass = (milliseconds: number): void => {
  vi.setSystemTime(Date.now() + milliseconds);
};

const statusOf = async (token: string): Promise<number> => {
  const { statusCode } = await handler(
    aRequest("GET", "/Practitioner", {
      headers: { Authorization: `Bearer ${token}` },
    }),
    {},
  );
  return statusCode;
};

const refusals = () =>
  (server.table.dump?.() ?? [])
    .filter(({ kind }) => kind === "refusal")
    .flatMap(({ by, changes }) =>
      (changes as { what: string }[]).map(({ what }) => ({ by, what })),
    );

const officer: Caller = {
  kind: "staff",
  id: "officer",
  roles: ["privacy-officer"],
  token: "t",
};

describe("somebody whose account was removed", () => {
  const token = (): string => aStaffToken({ "cognito:groups": ["nurse"] });

  test("is out at the latest when the last token ends, however busy", async () => {
    const last = token();
    for (let minutes = 0; minutes < 60; minutes += 1) {
      expect(await statusOf(last)).toBe(minutes <= 10 ? 200 : 401);
      pass(minute);
    }
  });

  test("is out at once when the sessions are ended, with every token there is", async () => {
    const tokens = [
      token(),
      aStaffToken({ "cognito:groups": ["nurse"], origin_jti: "o2" }),
    ];
    for (const one of tokens) expect(await statusOf(one)).toBe(200);
    pass(minute);
    await server.ask("POST", "/v1/staff/nurse-1/end-sessions", {
      as: officer,
      body: { reason: "left" },
    });
    for (const one of tokens) expect(await statusOf(one)).toBe(401);
    const refreshed = aStaffToken({
      "cognito:groups": ["nurse"],
      auth_time: now() - 60,
      jti: "jti-2",
    });
    expect(await statusOf(refreshed)).toBe(401);
    expect(refusals().map(({ what }) => what)).toEqual([
      "SessionEnded",
      "SessionEnded",
      "SessionEnded",
    ]);
  });
});

describe("a token that is refused", () => {
  test("leaves a fact, which believes nothing that the token says", async () => {
    expect(await statusOf(aStaffToken({ client_id: "other" }))).toBe(401);
    expect(await statusOf(aStaffToken({ scope: "openid" }))).toBe(403);
    expect(refusals()).toEqual([
      { by: "system:sign-in", what: "TokenRefused" },
      { by: "system:sign-in", what: "TokenRefused" },
    ]);
  });

  test("leaves none when its keys cannot be fetched, for it was not refused", async () => {
    pools.fail();
    expect(await statusOf(aStaffToken())).toBe(503);
    expect(refusals()).toEqual([]);
  });
});

test("a clinic system's token is good until it ends, without a session", async () => {
  const token = aClientToken("system/Patient.rs");
  for (let minutes = 0; minutes < 10; minutes += 9) {
    expect(await statusOf(token)).toBe(403);
    pass(9 * minute);
  }
  expect(await statusOf(token)).toBe(401);
});
