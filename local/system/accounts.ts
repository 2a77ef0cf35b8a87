import {
  AdminAddUserToGroupCommand,
  AdminCreateUserCommand,
  AdminInitiateAuthCommand,
  AdminSetUserPasswordCommand,
  CognitoIdentityProviderClient,
  DescribeUserPoolClientCommand,
  ListUserPoolClientsCommand,
  ListUserPoolsCommand,
  UsernameExistsException,
} from "@aws-sdk/client-cognito-identity-provider";
import type { Role } from "../../functions/core/settings.ts";

/** Bearer tokens of the people and systems of a local deployment; renewed before they expire. */
export interface Accounts {
  /** A clinic system, by client credentials. */
  readonly clinic: (name: string) => Promise<string>;
  /** A member of staff in these roles; created when first asked for. */
  readonly staff: (...roles: readonly [Role, ...Role[]]) => Promise<string>;
  /** A patient of the record; the account is created when first asked for. */
  readonly patient: (id: string) => Promise<string>;
}

const password = "Local-demonstration-1";

/** The user pools of an organization in the emulator at `url`. */
export const accounts = async ({
  url,
  slug,
  newId,
}: {
  url: string;
  slug: string;
  newId: () => string;
}): Promise<Accounts> => {
  const cognito = new CognitoIdentityProviderClient({
    endpoint: url,
    region: "us-east-1",
    credentials: { accessKeyId: "000000000000", secretAccessKey: "local" },
  });
  const { UserPools = [] } = await cognito.send(
    new ListUserPoolsCommand({ MaxResults: 60 }),
  );
  const pool = async (name: string) => {
    const { Id: UserPoolId } = named(UserPools, `sojourn-${slug}-${name}`);
    const { UserPoolClients = [] } = await cognito.send(
      new ListUserPoolClientsCommand({ UserPoolId, MaxResults: 60 }),
    );
    const client = (of: string) =>
      named(
        UserPoolClients.map(({ ClientName: Name, ClientId: Id }) => ({
          Name,
          Id,
        })),
        `sojourn-${slug}-${of}`,
      ).Id;
    return { UserPoolId, client };
  };
  const [patients, staff] = [await pool("patients"), await pool("staff")];

  const person = async ({
    UserPoolId,
    ClientId,
    Username,
    groups = [],
  }: Person): Promise<string> => {
    await cognito
      .send(
        new AdminCreateUserCommand({
          UserPoolId,
          Username,
          TemporaryPassword: password,
          MessageAction: "SUPPRESS",
        }),
      )
      .catch((error: unknown) => {
        if (!(error instanceof UsernameExistsException)) throw error;
      });
    await cognito.send(
      new AdminSetUserPasswordCommand({
        UserPoolId,
        Username,
        Password: password,
        Permanent: true,
      }),
    );
    for (const GroupName of groups)
      await cognito.send(
        new AdminAddUserToGroupCommand({ UserPoolId, Username, GroupName }),
      );
    const { AuthenticationResult } = await cognito.send(
      new AdminInitiateAuthCommand({
        UserPoolId,
        ClientId,
        AuthFlow: "ADMIN_USER_PASSWORD_AUTH",
        AuthParameters: { USERNAME: Username, PASSWORD: password },
      }),
    );
    return required(AuthenticationResult?.AccessToken, "an access token");
  };
  const system = async (name: string): Promise<string> => {
    const ClientId = staff.client(`system-${name}`);
    const { UserPoolClient } = await cognito.send(
      new DescribeUserPoolClientCommand({
        UserPoolId: staff.UserPoolId,
        ClientId,
      }),
    );
    const secret = required(
      UserPoolClient?.ClientSecret,
      `the secret of ${name}`,
    );
    const answer = await fetch(`${url}/oauth2/token`, {
      method: "POST",
      headers: {
        authorization: `Basic ${Buffer.from(`${ClientId}:${secret}`).toString("base64")}`,
      },
      body: new URLSearchParams({ grant_type: "client_credentials" }),
    });
    const { access_token: token } = (await answer.json()) as {
      access_token?: string;
    };
    return required(token, `a token for ${name}`);
  };

  const kept = keepTokens();
  return {
    clinic: (name) => kept(`clinic ${name}`, () => system(name)),
    staff: (...groups) =>
      kept(`staff ${groups.join()}`, () =>
        person({
          UserPoolId: staff.UserPoolId,
          ClientId: staff.client("console"),
          Username: `${groups.join(".")}.${newId().slice(-6).toLowerCase()}@${slug}.sojourn.example`,
          groups,
        }),
      ),
    patient: (id) =>
      kept(`patient ${id}`, () =>
        person({
          UserPoolId: patients.UserPoolId,
          ClientId: patients.client("portal"),
          Username: id,
        }),
      ),
  };
};

interface Person {
  readonly UserPoolId: string;
  readonly ClientId: string;
  readonly Username: string;
  readonly groups?: readonly Role[];
}

interface Named {
  readonly Name?: string | undefined;
  readonly Id?: string | undefined;
}

const named = (all: readonly Named[], name: string): { Id: string } => ({
  Id: required(all.find(({ Name }) => Name === name)?.Id, name),
});

const required = (value: string | undefined, what: string): string => {
  if (value === undefined) throw new Error(`the deployment has no ${what}`);
  return value;
};

/** Asks for a new token two minutes before the old one ends. */
const keepTokens = () => {
  const tokens = new Map<string, Promise<string>>();
  return async (
    key: string,
    create: () => Promise<string>,
  ): Promise<string> => {
    const known = await tokens.get(key)?.catch(() => undefined);
    if (known !== undefined && expiryOf(known) > Date.now() + 120_000)
      return known;
    const created = create();
    tokens.set(key, created);
    return created;
  };
};

const expiryOf = (token: string): number => {
  const claims = JSON.parse(
    Buffer.from(token.split(".")[1] ?? "", "base64url").toString(),
  ) as { exp: number };
  return claims.exp * 1000;
};
