import {
  AdminDeleteUserCommand,
  AdminGetUserCommand,
  CognitoIdentityProviderClient,
} from "@aws-sdk/client-cognito-identity-provider";
import type { Accounts } from "./accounts.ts";
import { sendAgain } from "./provider-answer.ts";

export const cognitoAccounts = (
  pool: string,
  client = new CognitoIdentityProviderClient(sendAgain),
): Accounts => ({
  exists: async (patient) => {
    try {
      await client.send(
        new AdminGetUserCommand({ UserPoolId: pool, Username: patient }),
      );
      return true;
    } catch (error) {
      return ifUnknown(error);
    }
  },
  remove: async (patient) => {
    try {
      await client.send(
        new AdminDeleteUserCommand({ UserPoolId: pool, Username: patient }),
      );
    } catch (error) {
      ifUnknown(error);
    }
  },
});

const ifUnknown = (error: unknown): false => {
  if (error instanceof Error && error.name === "UserNotFoundException")
    return false;
  throw error;
};
