import { createSign, generateKeyPairSync, randomUUID } from "node:crypto";
import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";

export interface SignIn {
  /** Where the pools' public keys are fetched. */
  readonly endpoint: string;
  readonly pools: {
    readonly patients: string;
    readonly staff: string;
    readonly client: string;
  };
  /** An access token as Cognito signs it for a member of staff, good for an hour. */
  token(username: string, groups: readonly string[]): string;
  stop(): void;
}

const pools = {
  patients: "us-east-1_Patients1",
  staff: "us-east-1_Staff0001",
  client: "1staffclient0000000000000",
};

/** A user pool's key and its address, so that the real verification of tokens is part of what is measured. */
export const signIn = async (): Promise<SignIn> => {
  const { privateKey, publicKey } = generateKeyPairSync("rsa", {
    modulusLength: 2048,
  });
  const jwk = {
    ...publicKey.export({ format: "jwk" }),
    kid: "bench",
    alg: "RS256",
    use: "sig",
  };
  const server = createServer((_, response) =>
    response.end(JSON.stringify({ keys: [jwk] })),
  ).listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  return {
    endpoint: `http://127.0.0.1:${String(port)}`,
    pools,
    token: (username, groups) => {
      const now = Math.floor(Date.now() / 1000);
      const text = [
        { alg: "RS256", kid: "bench" },
        {
          iss: `https://cognito-idp.us-east-1.amazonaws.com/${pools.staff}`,
          client_id: pools.client,
          token_use: "access",
          iat: now,
          auth_time: now,
          exp: now + 3600,
          jti: randomUUID(),
          origin_jti: randomUUID(),
          username,
          "cognito:groups": groups,
        },
      ]
        .map((part) => Buffer.from(JSON.stringify(part)).toString("base64url"))
        .join(".");
      const signature = createSign("RSA-SHA256").update(text).sign(privateKey);
      return `${text}.${signature.toString("base64url")}`;
    },
    stop: () => {
      server.closeAllConnections();
      server.close();
    },
  };
};
