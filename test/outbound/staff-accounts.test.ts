import { CognitoIdentityProviderClient } from "@aws-sdk/client-cognito-identity-provider";
import { describe, expect, it } from "vitest";
import { cognitoStaff } from "../../functions/outbound/staff-accounts.ts";

interface Asked {
  readonly GroupName: string;
  readonly NextToken?: string;
}

/** Cognito's wire: groups in pages of one user. */
const cognito = (
  groups: Readonly<Record<string, readonly object[]>>,
): CognitoIdentityProviderClient =>
  new CognitoIdentityProviderClient({
    region: "us-east-1",
    credentials: { accessKeyId: "a", secretAccessKey: "b" },
    requestHandler: {
      handle: (request: { readonly body: Uint8Array }) => {
        const { GroupName, NextToken = "0" } = JSON.parse(
          new TextDecoder().decode(request.body),
        ) as Asked;
        const users = groups[GroupName] ?? [];
        const at = Number(NextToken);
        const answer = {
          Users: users.slice(at, at + 1),
          ...(at + 1 < users.length && { NextToken: String(at + 1) }),
        };
        return Promise.resolve({
          response: {
            statusCode: 200,
            headers: { "content-type": "application/x-amz-json-1.1" },
            body: new TextEncoder().encode(JSON.stringify(answer)),
          },
        });
      },
    } as never,
  });

describe("who may sign in as staff", () => {
  it("is everybody with a role, each once, page after page", async () => {
    const made = 1_767_225_600;
    const staff = cognitoStaff(
      "us-east-1_pool",
      cognito({
        nurse: [
          { Username: "a", Enabled: true, UserCreateDate: made },
          { Username: "b", Enabled: false },
        ],
        manager: [{ Username: "a", Enabled: true, UserCreateDate: made }],
        strangers: [{ Username: "c", Enabled: true }],
      }),
    );
    expect(await staff.members()).toEqual([
      {
        staff: "a",
        roles: ["nurse", "manager"],
        enabled: true,
        since: "2026-01-01T00:00:00.000Z",
      },
      { staff: "b", roles: ["nurse"], enabled: false },
    ]);
  });
});
