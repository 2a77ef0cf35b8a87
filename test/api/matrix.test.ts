import { generateKeyPairSync } from "node:crypto";
import { afterAll, beforeAll, expect, test } from "vitest";
import {
  aClientToken,
  anIssuer,
  aStaffToken,
  aToken,
  issuer,
  keys,
  patients,
  staff,
  type Issuer,
} from "../runtime/tokens.ts";
import { signedOut } from "./matrix-callers.ts";
import { aClinic, type Clinic, type Send } from "./matrix-clinic.ts";
import { hostileServer } from "./hostile-server.ts";
import { faultsOf, type RefusalFact } from "./matrix-judge.ts";
import { askAll, type Cell } from "./matrix-run.ts";
import { claimsOf, signed, type SignIns } from "./matrix-tokens.ts";

let pools: Issuer;
let clinic: Clinic;
let cells: readonly Cell[];
let facts: ReadonlyMap<string, RefusalFact>;

const inStaffPool = { issuer: issuer(staff), ...keys.staff };
const signIns: SignIns = {
  patient: (id) =>
    Promise.resolve(aToken({ claims: { username: id, origin_jti: id } })),
  staff: (role) =>
    Promise.resolve(
      aStaffToken({
        username: `${role}.1`,
        origin_jti: role,
        "cognito:groups": [role],
      }),
    ),
  clinic: () => Promise.resolve(aClientToken("system/*.cruds")),
  keys: {
    patients: { issuer: issuer(patients), ...keys.patients },
    staff: inStaffPool,
  },
  forger: generateKeyPairSync("rsa", { modulusLength: 2048 }).privateKey,
  anotherApp: "another-app",
};

beforeAll(async () => {
  pools = await anIssuer(["system/*.cruds"]);
  const server = hostileServer(pools.authenticate);
  const send: Send = async ({ method, path, headers, body }, token) => {
    const { pathname, searchParams } = new URL(path, "https://api.example");
    const {
      status,
      text,
      headers: told,
      failure,
    } = await server.send({
      httpMethod: method,
      path: decodeURIComponent(pathname),
      headers: {
        Host: "api.example",
        ...(token !== undefined && { Authorization: `Bearer ${token}` }),
        ...headers,
      },
      multiValueQueryStringParameters: Object.fromEntries(
        [...searchParams].map(([name, value]) => [name, [value]]),
      ),
      body:
        body === undefined || typeof body === "string"
          ? (body ?? null)
          : JSON.stringify(body),
    });
    return {
      status,
      text,
      location: told["content-location"],
      requestId: told["x-request-id"],
      failure,
    };
  };
  clinic = await aClinic(send, signIns);
  const officer = claimsOf(await signIns.staff("privacy-officer"));
  await send(
    { method: "DELETE", path: "/v1/session" },
    signed({ ...officer, origin_jti: signedOut }, inStaffPool),
  );
  cells = await askAll({ send, signIns, clinic });
  facts = new Map(
    (server.table.dump?.() ?? [])
      .filter(({ kind }) => kind === "refusal")
      .map((item) => {
        const { requestId, policy, changes } =
          item as unknown as RefusalFact & {
            changes: readonly { what: string }[];
          };
        return [requestId, { requestId, policy, what: changes[0]?.what }];
      }),
  );
}, 120_000);
afterAll(() => {
  pools.close();
});

test("every route answers every kind of caller as the rules say", () => {
  expect(cells.flatMap((cell) => faultsOf(cell, clinic, facts))).toEqual([]);
});
