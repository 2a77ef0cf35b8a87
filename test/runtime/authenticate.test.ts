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

const signIn = "aws.cognito.signin.user.admin";

test("a person who signed in to our own app is narrowed by nothing", async () => {
  for (const token of [
    aToken({ claims: { scope: signIn } }),
    aStaffToken({ scope: signIn }),
    aToken(),
  ])
    expect(await bearer(token)).not.toHaveProperty("scopes");
});

test("a person who comes through a SMART app has what its scopes leave", async () => {
  const scope = `openid ${signIn} patient/Observation.rs?category=http:%2F%2Fx|y user/*.read launch/patient`;
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
  `${signIn} user/Patient`,
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

const altered = (token: string): string => {
  const [head = "", body = "", signature = ""] = token.split(".");
  const claims = JSON.parse(
    Buffer.from(body, "base64url").toString(),
  ) as object;
  return `${head}.${encoded({ ...claims, username: "01J11111111111111111111111" })}.${signature}`;
};

test.each<[string, () => string]>([
  [
    "signed by somebody else under the same key id",
    () => aToken({ key: keys.forger }),
  ],
  ["altered", () => altered(aToken())],
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

test("when the pool's keys cannot be fetched nobody is told to sign in again", async () => {
  pools.fail();
  const failure: unknown = await bearer(aToken()).catch(
    (error: unknown) => error,
  );
  expect(failure).toMatchObject({ status: 503 });
});
