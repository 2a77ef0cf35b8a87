import {
  CognitoIdentityProviderClient,
  paginateListUsersInGroup,
} from "@aws-sdk/client-cognito-identity-provider";
import type { Member } from "../core/access-review.ts";
import { roles, type Role } from "../core/settings.ts";
import { sendAgain } from "./provider-answer.ts";

/** Who may sign in as staff; whoever has no role may do nothing. */
export interface StaffAccounts {
  members(): Promise<readonly Member[]>;
}

/** The staff's pool in Cognito, whose groups are the roles. */
export const cognitoStaff = (
  pool: string,
  client = new CognitoIdentityProviderClient(sendAgain),
): StaffAccounts => ({
  members: async () => {
    const found = new Map<string, Member>();
    for (const role of roles)
      for await (const { Users = [] } of paginateListUsersInGroup(
        { client },
        { UserPoolId: pool, GroupName: role },
      ))
        for (const { Username: staff, Enabled, UserCreateDate } of Users) {
          if (staff === undefined) continue;
          const before: readonly Role[] = found.get(staff)?.roles ?? [];
          found.set(staff, {
            staff,
            roles: [...before, role],
            enabled: Enabled !== false,
            ...(UserCreateDate !== undefined && {
              since: UserCreateDate.toISOString(),
            }),
          });
        }
    return [...found.values()];
  },
});
