import { afterEach, beforeEach, expect, test } from "vitest";
import {
  aClientToken,
  aStaffToken,
  aToken,
  anIssuer,
  encoded,
  issuer,
  keys,
  now,
  staff,
  type Issuer,
} from "./tokens.ts";

let pools: Issuer;

beforeEach(async () => {
  pools = await anIssuer();
});

afterEach(() => {
  pools.close();
});

const bearer = (token: string) => pools.authenticate(`Bearer ${token}`);

test("a patient's token names the patient, and the token only by its hash", async () => {
  const caller = await bearer(aToken());
  expect(caller).toMatchObject({
    kind: "patient",
    id: "01J00000000000000000000000",
  });
  expect(JSON.stringify(caller)).not.toContain("jti-1");
});

test("a member of staff has the roles of the groups, and no group that is none", async () => {
  expect(
    await bearer(aStaffToken({ "cognito:groups": ["nurse", "admins"] })),
  ).toMatchObject({ kind: "staff", id: "nurse-1", roles: ["nurse"] });
  expect(await bearer(aStaffToken())).toMatchObject({
    kind: "staff",
    roles: [],
  });
});

test("a clinic system has what the organization grants, narrowed by what its token asks for", async () => {
  const scopes = async (asked: string) => {
    const caller = await bearer(aClientToken(asked));
    return caller.kind === "client" ? caller.scopes : undefined;
  };
  expect(await scopes("")).toEqual([
    "system/Patient.rs",
    "system/Appointment.cruds",
  ]);
  expect(await scopes("system/Patient.r")).toEqual(["system/Patient.r"]);
  expect(await scopes("system/*.read")).toEqual([
    "system/Patient.rs",
    "system/Appointment.rs",
  ]);
  expect(await scopes("system/Patient.cruds")).toEqual(["system/Patient.rs"]);
  expect(await scopes("system/Task.cruds")).toEqual([]);
});

const ownApp = "aws.cognito.signin.user.admin";

test("a person who signed in to our own app is narrowed by nothing", async () => {
  for (const token of [
    aToken({ claims: { scope: ownApp } }),
    aStaffToken({ scope: ownApp }),
    aToken(),
  ])
    expect(await bearer(token)).not.toHaveProperty("scopes");
});

test("a person who comes through a SMART app has what its scopes leave", async () => {
  const scope = `openid ${ownApp} patient/Observation.rs?category=http:%2F%2Fx|y user/*.read launch/patient`;
  const scopes = [
    "patient/Observation.rs?category=http:%2F%2Fx|y",
    "user/*.read",
  ];
  expect(await bearer(aToken({ claims: { scope } }))).toMatchObject({
    kind: "patient",
    scopes,
  });
  expect(await bearer(aStaffToken({ scope }))).toMatchObject({
    kind: "staff",
    scopes,
  });
});

test("a member of staff has a patient's scopes with the patient of the launch, and otherwise none", async () => {
  const claims = {
    scope: "patient/*.rs",
    patient: "01J00000000000000000000000",
  };
  expect(await bearer(aStaffToken(claims))).toMatchObject({
    scopes: ["patient/*.rs"],
    launch: "01J00000000000000000000000",
  });
  await expect(
    bearer(aStaffToken({ scope: "launch/patient patient/*.rs" })),
  ).rejects.toMatchObject({ status: 403, message: /launch-context/u });
});

test.each([
  "openid",
  "openid fhirUser launch/patient offline_access",
  "patient/Observation.sr",
  "patient/Nonsense.rs",
  "user/*.rs?status=final",
  "system/*.cruds",
  `${ownApp} user/Patient`,
])("a person's token with the scopes %j grants nothing", async (scope) => {
  for (const token of [aToken({ claims: { scope } }), aStaffToken({ scope })])
    await expect(bearer(token)).rejects.toMatchObject({
      name: "Forbidden",
      status: 403,
    });
});

test("the scopes of people widen no clinic system", async () => {
  for (const scope of ["user/*.cruds", "patient/*.rs", "system/Patient.sr"])
    expect(await bearer(aClientToken(scope))).toMatchObject({ scopes: [] });
  expect(
    await bearer(aClientToken("system/Patient.rs system/*.cruds?x=y")),
  ).toMatchObject({ scopes: ["system/Patient.rs"] });
});

const signInOf = async (token: string) => {
  const caller = await bearer(token);
  return caller.kind === "patient" || caller.kind === "staff"
    ? caller.signedIn
    : undefined;
};

test("all tokens of one sign-in name it, refreshed ones included, and none by what Cognito calls it", async () => {
  const signedAt = now() - 3000;
  const of = (claims: object) =>
    signInOf(aToken({ claims: { auth_time: signedAt, ...claims } }));
  const first = await of({});
  expect(first).toEqual({
    session: expect.stringMatching(/^[\w-]{16}$/u) as string,
    at: signedAt * 1000,
  });
  expect(await of({ jti: "jti-2", iat: now() + 1 })).toEqual(first);
  expect(await of({ origin_jti: "origin-2" })).not.toEqual(first);
  expect(JSON.stringify(first)).not.toContain("origin-1");
});

test("where a pool does not name sign-ins, who signed in when does", async () => {
  const of = (claims: object) =>
    signInOf(aToken({ claims: { origin_jti: undefined, ...claims } }));
  const auth_time = now() - 60;
  const first = await of({ auth_time });
  expect(await of({ auth_time, jti: "jti-2", iat: now() })).toEqual(first);
  expect((await of({ auth_time: auth_time - 1 }))?.session).not.toBe(
    first?.session,
  );
  expect((await of({ auth_time, sub: "other" }))?.session).not.toBe(
    first?.session,
  );
});

test("a token that does not say when somebody signed in counts from its issue, and proves nothing", async () => {
  const iat = now() - 30;
  expect(
    await signInOf(aToken({ claims: { auth_time: undefined, iat } })),
  ).toMatchObject({ at: iat * 1000, isAssumed: true });
});

test("a clinic system signs in to no session", async () => {
  const caller = await bearer(aClientToken("system/Patient.rs"));
  expect(caller).not.toHaveProperty("signedIn");
  expect(caller).toHaveProperty("kind", "client");
});

test("groups give a patient no role", async () => {
  const caller = await bearer(
    aToken({ claims: { "cognito:groups": ["manager", "privacy-officer"] } }),
  );
  expect(caller).toHaveProperty("kind", "patient");
  expect(caller).not.toHaveProperty("roles");
});

test("a clinic system that names a user or groups is a system still, with its own scopes", async () => {
  const caller = await bearer(
    aToken({
      key: keys.staff,
      claims: {
        iss: issuer(staff),
        client_id: "ehr-client",
        username: "nurse-1",
        "cognito:groups": ["manager"],
        scope: "system/*.cruds user/*.cruds",
      },
    }),
  );
  expect(caller).toMatchObject({
    kind: "client",
    id: "ehr",
    scopes: ["system/Patient.rs", "system/Appointment.cruds"],
  });
  expect(caller).not.toHaveProperty("roles");
});

const altered = (token: string, changes: object = {}): string => {
  const [head = "", body = "", signature = ""] = token.split(".");
  const claims = JSON.parse(
    Buffer.from(body, "base64url").toString(),
  ) as object;
  return `${head}.${encoded({ ...claims, username: "01J11111111111111111111111", ...changes })}.${signature}`;
};

test.each<[string, () => string]>([
  [
    "signed by somebody else under the same key id",
    () => aToken({ key: keys.forger }),
  ],
  ["altered", () => altered(aToken())],
  [
    "with more roles than it was signed with",
    () => altered(aStaffToken(), { "cognito:groups": ["manager"] }),
  ],
  [
    "with more scopes than it was signed with",
    () =>
      altered(aClientToken("system/Patient.r"), { scope: "system/*.cruds" }),
  ],
  [
    "with a later sign-in than it was signed with",
    () => altered(aToken(), { auth_time: now() + 60 }),
  ],
  ["kept alive past its end", () => altered(aToken(), { exp: now() + 9999 })],
  [
    "that brings the key it was signed with",
    () =>
      aToken({
        key: keys.forger,
        header: { jwk: keys.forger.publicKey.export({ format: "jwk" }) },
      }),
  ],
  [
    "that says where its key is",
    () =>
      aToken({
        key: keys.forger,
        header: { jku: `${issuer("us-east-1_other0001")}/jwks.json` },
      }),
  ],
  [
    "whose signature is another token's",
    () =>
      [
        ...aToken({ claims: { jti: "jti-9" } })
          .split(".")
          .slice(0, 2),
        aToken().split(".")[2] ?? "",
      ].join("."),
  ],
  [
    "unsigned",
    () =>
      `${encoded({ alg: "none", kid: "p" })}.${aToken().split(".")[1] ?? ""}.`,
  ],
  [
    "signed with the public key as a secret",
    () => aToken({ header: { alg: "HS256" } }),
  ],
  ["of an unknown key", () => aToken({ header: { kid: "other" } })],
  ["expired", () => aToken({ claims: { exp: now() - 1 } })],
  ["not yet valid", () => aToken({ claims: { nbf: now() + 600 } })],
  ["for another client", () => aToken({ claims: { client_id: "console" } })],
  ["a refresh token", () => aToken({ claims: { token_use: "refresh" } })],
  [
    "for a clinic system of no such name",
    () => aStaffToken({ client_id: "x" }),
  ],
  ["an id token", () => aToken({ claims: { token_use: "id", aud: "app" } })],
  [
    "of an unknown pool",
    () => aToken({ claims: { iss: issuer("us-east-1_other0001") } }),
  ],
  [
    "of the staff pool, signed by the patients' key",
    () => aToken({ claims: { iss: issuer(staff), client_id: "console" } }),
  ],
  [
    "of the patients' pool for a client of the staff's",
    () => aToken({ key: keys.staff, claims: { client_id: "console" } }),
  ],
  ["without a user", () => aToken({ claims: { username: undefined } })],
  ["no token", () => "abc"],
])("a token %s is 401", async (_name, token) => {
  await expect(bearer(token())).rejects.toMatchObject({
    name: "Unauthenticated",
    status: 401,
  });
});

test.each([undefined, "", "Basic abc", "Bearer", "Bearer a b", "bearer"])(
  "the header %j is 401",
  async (header) => {
    await expect(pools.authenticate(header)).rejects.toMatchObject({
      status: 401,
    });
  },
);

test("a connection that breaks does not keep the pool's keys away, two do", async () => {
  pools.hangUp(1);
  expect(await bearer(aToken())).toMatchObject({ kind: "patient" });
  const others = await anIssuer();
  others.hangUp(2);
  await expect(others.authenticate(`Bearer ${aToken()}`)).rejects.toMatchObject(
    { status: 503 },
  );
  others.close();
});

test("when the pool's keys cannot be fetched nobody is told to sign in again", async () => {
  pools.fail();
  const failure: unknown = await bearer(aToken()).catch(
    (error: unknown) => error,
  );
  expect(failure).toMatchObject({ status: 503 });
});
