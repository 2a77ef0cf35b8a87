import { CognitoJwtVerifier } from "aws-jwt-verify";
import { SimpleJwksCache } from "aws-jwt-verify/jwk";
import { createHash } from "node:crypto";
import * as z from "zod";
import type { Caller, Person, Purpose } from "../core/caller.ts";
import { Fault } from "../core/fault.ts";
import { roles, type Role } from "../core/settings.ts";
import type { SignedIn } from "../core/session.ts";
import type { SignIn } from "../resources/smart.ts";
import { environment } from "./environment.ts";
import { grantsOf, inCognito, intersect, isDataScope } from "../core/scopes.ts";

export interface Pools {
  readonly patients: {
    readonly userPoolId: string;
    readonly clientIds: readonly string[];
  };
  readonly staff: {
    readonly userPoolId: string;
    readonly clientIds: readonly string[];
  };
  /** Clinic systems by the id of their app client, which lives in the staff pool. */
  readonly clinics: Readonly<
    Record<
      string,
      {
        readonly name: string;
        readonly scopes: readonly string[];
        readonly location?: string | undefined;
        readonly purposes?: readonly Purpose[] | undefined;
      }
    >
  >;
  /** Where the pools' keys are fetched, when not at their AWS address. */
  readonly endpoint?: string | undefined;
}

/** What we read of a verified access token; one of client credentials has no username. */
const Claims = z.object({
  iss: z.string(),
  client_id: z.string(),
  jti: z.string(),
  username: z.string().optional(),
  sub: z.string().default(""),
  iat: z.number(),
  /** When the person signed in; a refresh changes neither this nor the next. */
  auth_time: z.number().optional(),
  origin_jti: z.string().optional(),
  scope: z.string().default(""),
  /** Of the launch, where the pool adds it to its tokens. */
  patient: z.string().optional(),
  "cognito:groups": z.array(z.string()).default([]),
});

export type Authenticate = (
  authorization: string | undefined,
) => Promise<Caller>;

/** Verifies a bearer token (signature, issuer, expiry, client, use) and says who calls. Throws 401, 403 when its scopes grant nothing, 503. */
export const cognitoAuthenticate = ({
  patients,
  staff,
  clinics,
  endpoint,
}: Pools): Authenticate => {
  const jwksCache = new SimpleJwksCache({
    fetcher: {
      fetch: async (uri) => {
        const { pathname } = new URL(uri);
        const ask = () =>
          fetch(endpoint === undefined ? uri : new URL(pathname, endpoint), {
            signal: AbortSignal.timeout(5000),
          });
        const response = await ask().catch(ask).catch(withoutKeys);
        if (!response.ok) withoutKeys();
        return response.arrayBuffer();
      },
    },
  });
  const verifier = CognitoJwtVerifier.create(
    [
      {
        userPoolId: patients.userPoolId,
        clientId: [...patients.clientIds],
        tokenUse: "access",
      },
      {
        userPoolId: staff.userPoolId,
        clientId: [...staff.clientIds, ...Object.keys(clinics)],
        tokenUse: "access",
      },
    ],
    { jwksCache },
  );

  return async (authorization) => {
    const token = /^Bearer ([\w-]+\.[\w-]+\.[\w-]+)$/i.exec(
      authorization ?? "",
    )?.[1];
    if (token === undefined)
      throw unauthenticated("This needs a bearer token.");
    const claims = await verifier.verify(token).catch((cause: unknown) => {
      if (cause instanceof Fault) throw cause;
      throw unauthenticated(
        "The token is expired, forged or meant for another service. Sign in again.",
        cause,
      );
    });
    const known = Claims.parse(claims);
    const {
      client_id: client,
      username,
      jti,
      scope,
      patient,
      "cognito:groups": groups,
      iss,
    } = known;
    const id = digest(jti);
    const asked = scope.split(" ").filter(Boolean);
    const narrowed = asked.some((one) => one !== ownApp) && {
      scopes: asked.filter(isDataScope),
      ...(patient !== undefined && { launch: patient }),
    };
    if (iss.endsWith(`/${patients.userPoolId}`)) {
      if (username === undefined)
        throw unauthenticated("The token names no patient.");
      return granted({
        kind: "patient",
        id: username,
        token: id,
        signedIn: signedIn(known),
        ...narrowed,
      });
    }
    const clinic = clinics[client];
    if (clinic !== undefined)
      return {
        kind: "client",
        id: clinic.name,
        scopes: intersect(clinic.scopes, asked),
        ...(clinic.location !== undefined && { location: clinic.location }),
        ...(clinic.purposes !== undefined && { purposes: clinic.purposes }),
        token: id,
      };
    if (username === undefined)
      throw unauthenticated("The token names no member of staff.");
    return granted({
      kind: "staff",
      id: username,
      roles: groups.filter((group): group is Role =>
        (roles as readonly string[]).includes(group),
      ),
      token: id,
      signedIn: signedIn(known),
      ...narrowed,
    });
  };
};

/** The sign-in that a person's token is of. */
const signedIn = ({
  sub,
  iat,
  auth_time: at,
  origin_jti: origin,
}: z.infer<typeof Claims>): SignedIn => ({
  session: digest(origin ?? `${sub} ${at ?? iat}`),
  at: (at ?? iat) * 1000,
  ...(at === undefined && { isAssumed: true }),
});

const digest = (text: string): string =>
  createHash("sha256").update(text).digest("base64url").slice(0, 16);

/** The only scope of a token that Cognito gives to our own apps. */
const ownApp = "aws.cognito.signin.user.admin";

/** Throws 403 for a token whose scopes leave nothing of a person's rights. */
const granted = (caller: Person): Caller => {
  const grants = grantsOf(caller);
  if (grants === "unrestricted" || grants.length > 0) return caller;
  throw new Fault(
    "Forbidden",
    403,
    caller.scopes?.some((one) => one.startsWith("patient/")) === true &&
      caller.launch === undefined &&
      caller.kind === "staff"
      ? "The scopes of this token are for one patient, and it names none: it needs a launch context, or user/ scopes (launch-context)."
      : "The token carries no scope of a person that this server knows, such as user/Observation.rs (token-scope).",
  );
};

const withoutKeys = (cause?: unknown): never => {
  throw new Fault(
    "SignInUnavailable",
    503,
    "Nobody's sign-in can be checked just now. Try again.",
    { cause },
  );
};

const unauthenticated = (detail: string, cause?: unknown): Fault =>
  new Fault("Unauthenticated", 401, detail, { cause });

/** Where the organization's clients get tokens, from the environment. */
export const liveSignIn = (): SignIn => ({
  url: cognitoEndpoint() ?? environment("SIGN_IN_URL"),
  scopes: [
    ...new Set(
      Object.values(environment("CLINIC_CLIENTS"))
        .flatMap(({ scopes }) => scopes)
        .map((scope) => inCognito(scope).whole),
    ),
  ],
});

const cognitoEndpoint = (): string | undefined =>
  process.env.AWS_ENDPOINT_URL_COGNITO_IDENTITY_PROVIDER ??
  process.env.AWS_ENDPOINT_URL;

/** The organization's pools, from the environment. */
export const liveAuthenticate = (): Authenticate =>
  cognitoAuthenticate({
    patients: {
      userPoolId: environment("PATIENT_POOL_ID"),
      clientIds: environment("PATIENT_CLIENT_IDS"),
    },
    staff: {
      userPoolId: environment("STAFF_POOL_ID"),
      clientIds: environment("STAFF_CLIENT_IDS"),
    },
    clinics: environment("CLINIC_CLIENTS"),
    endpoint: cognitoEndpoint(),
  });
