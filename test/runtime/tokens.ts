import { createSign, generateKeyPairSync, type KeyObject } from "node:crypto";
import { once } from "node:events";
import { createServer } from "node:http";
import {
  cognitoAuthenticate,
  type Authenticate,
} from "../../functions/runtime/authenticate.ts";

export const patients = "us-east-1_patients1";
export const staff = "us-east-1_staff0001";
export const issuer = (pool: string): string =>
  `https://cognito-idp.us-east-1.amazonaws.com/${pool}`;

const aKey = (kid: string) => ({
  kid,
  ...generateKeyPairSync("rsa", { modulusLength: 2048 }),
});
export const keys = {
  patients: aKey("p"),
  staff: aKey("s"),
  forger: aKey("p"),
};

export interface Signed {
  readonly key?: { readonly kid: string; readonly privateKey: KeyObject };
  readonly header?: object;
  readonly claims?: object;
}

export const now = (): number => Math.floor(Date.now() / 1000);
export const encoded = (value: object): string =>
  Buffer.from(JSON.stringify(value)).toString("base64url");

/** An access token of a patient, unless told otherwise. */
export const aToken = ({
  key = keys.patients,
  header = {},
  claims = {},
}: Signed = {}): string => {
  const text = `${encoded({ alg: "RS256", kid: key.kid, ...header })}.${encoded(
    {
      iss: issuer(patients),
      client_id: "app",
      token_use: "access",
      sub: "sub",
      username: "01J00000000000000000000000",
      jti: "jti-1",
      origin_jti: "origin-1",
      auth_time: now(),
      iat: now(),
      exp: now() + 600,
      ...claims,
    },
  )}`;
  return `${text}.${createSign("sha256").update(text).sign(key.privateKey).toString("base64url")}`;
};

export const aStaffToken = (claims: object = {}): string =>
  aToken({
    key: keys.staff,
    claims: {
      iss: issuer(staff),
      client_id: "console",
      username: "nurse-1",
      ...claims,
    },
  });

export const aClientToken = (scope: string): string => {
  const { privateKey, kid } = keys.staff;
  return aToken({
    key: { privateKey, kid },
    claims: {
      iss: issuer(staff),
      client_id: "ehr-client",
      username: undefined,
      origin_jti: undefined,
      auth_time: undefined,
      scope,
    },
  });
};

export interface Issuer {
  readonly authenticate: Authenticate;
  /** Answers 503 instead of keys. */
  readonly fail: () => void;
  /** Breaks the connections of so many questions for keys. */
  readonly hangUp: (times: number) => void;
  readonly close: () => void;
}

/** Both pools' keys on loopback, and who believes the tokens that they sign. */
export const anIssuer = async (
  scopes: readonly string[] = ["system/Patient.rs", "system/Appointment.cruds"],
): Promise<Issuer> => {
  let isDown = false;
  let hangUps = 0;
  const server = createServer(({ url = "" }, response) => {
    const key = url.startsWith(`/${patients}/`) ? keys.patients : keys.staff;
    if (hangUps > 0) {
      hangUps -= 1;
      response.destroy();
      return;
    }
    if (isDown) response.statusCode = 503;
    response.end(
      JSON.stringify({
        keys: [
          {
            ...key.publicKey.export({ format: "jwk" }),
            kid: key.kid,
            use: "sig",
            alg: "RS256",
          },
        ],
      }),
    );
  }).listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  if (typeof address !== "object" || address === null)
    throw new Error("the keys have no address");
  return {
    authenticate: cognitoAuthenticate({
      patients: { userPoolId: patients, clientIds: ["app"] },
      staff: { userPoolId: staff, clientIds: ["console"] },
      clinics: {
        "ehr-client": { name: "ehr", scopes },
      },
      endpoint: `http://127.0.0.1:${address.port}`,
    }),
    fail: () => {
      isDown = true;
    },
    hangUp: (times) => {
      hangUps = times;
    },
    close: () => {
      server.close();
    },
  };
};
