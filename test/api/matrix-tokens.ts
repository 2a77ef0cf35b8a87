import { createSign, type KeyObject } from "node:crypto";

export type Claims = Readonly<Record<string, unknown>>;

/** A key of a user pool: what signs its access tokens. */
export interface PoolKey {
  readonly issuer: string;
  readonly kid: string;
  readonly privateKey: KeyObject;
}

/** Tokens as the organization's pools give them to who signs in, and the keys that sign them. */
export interface SignIns {
  readonly patient: (id: string) => Promise<string>;
  readonly staff: (role: string) => Promise<string>;
  /** The clinic system `ehr`, all scopes. */
  readonly clinic: () => Promise<string>;
  readonly keys: Readonly<Record<"patients" | "staff", PoolKey>>;
  /** Whose key nobody knows. */
  readonly forger: KeyObject;
  /** Another app of the same pool, which the API was not told of. */
  readonly anotherApp: string;
}

export const claimsOf = (token: string): Claims =>
  JSON.parse(
    Buffer.from(token.split(".")[1] ?? "", "base64url").toString(),
  ) as Claims;

const encoded = (value: object): string =>
  Buffer.from(JSON.stringify(value)).toString("base64url");

export const signed = (
  claims: Claims,
  { kid, privateKey }: Pick<PoolKey, "kid" | "privateKey">,
): string => {
  const text = `${encoded({ alg: "RS256", kid })}.${encoded(claims)}`;
  return `${text}.${createSign("sha256").update(text).sign(privateKey).toString("base64url")}`;
};

/** The same token with other claims and, so, a signature that is wrong. */
export const tampered = (token: string, change: Claims): string => {
  const [head = "", , signature = ""] = token.split(".");
  return [head, encoded({ ...claimsOf(token), ...change }), signature].join(
    ".",
  );
};

/** Made anew before it is two minutes old: a sign-in is fresh for five, also for who keeps as long what was kept. */
export const renewed = <T>(make: () => Promise<T>): (() => Promise<T>) => {
  let kept: { readonly at: number; readonly made: Promise<T> } | undefined;
  return () => {
    if (kept === undefined || Date.now() - kept.at > 120_000)
      kept = { at: Date.now(), made: make() };
    return kept.made;
  };
};
