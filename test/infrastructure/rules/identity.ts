import { describe, expect, it } from "vitest";
import { roles } from "../../../functions/core/settings.ts";
import { demo } from "../../../organizations/demo.ts";
import { everyOne, ofType, texts } from "../synthesized.ts";

export const identity = (): void => {
  describe("identity", () => {
    it("asks everybody for a second factor and lets nobody sign up alone", () => {
      everyOne("AWS::Cognito::UserPool", {
        MfaConfiguration: "ON",
        AliasAttributes: ["email"],
        EnabledMfas: ["SOFTWARE_TOKEN_MFA"],
        UserPoolTier: "PLUS",
        AdminCreateUserConfig: { AllowAdminCreateUserOnly: true },
        UserPoolAddOns: { AdvancedSecurityMode: "ENFORCED" },
        Policies: { PasswordPolicy: { MinimumLength: 14 } },
      });
    });

    it("has a group per role of staff", () => {
      expect(
        [...texts("AWS::Cognito::UserPoolGroup", "GroupName", "acme")].sort(),
      ).toEqual([...roles].sort());
    });

    it("lets access tokens live ten minutes", () => {
      everyOne("AWS::Cognito::UserPoolClient", {
        AccessTokenValidity: 10,
        TokenValidityUnits: { AccessToken: "minutes" },
        EnableTokenRevocation: true,
        PreventUserExistenceErrors: "ENABLED",
      });
    });

    it("renews nobody's tokens for longer than a session may last", () => {
      const { patient, staff } = demo.settings.sessions;
      for (const slug of ["acme", "demo"])
        for (const [name, { absoluteHours }] of [
          ["portal", patient],
          ["console", staff],
        ] as const)
          expect(
            ofType("AWS::Cognito::UserPoolClient", slug).find(
              ({ properties }) =>
                properties.ClientName === `sojourn-${slug}-${name}`,
            )?.properties,
          ).toMatchObject({
            RefreshTokenValidity: absoluteHours * 60,
            TokenValidityUnits: { RefreshToken: "minutes" },
            EnableTokenRevocation: true,
          });
    });

    it("takes passwords from programs only where the deployment is thrown away", () => {
      const flows = (slug: string): string =>
        JSON.stringify(
          ofType("AWS::Cognito::UserPoolClient", slug).map(
            ({ properties }) => properties.ExplicitAuthFlows,
          ),
        );
      expect(flows("demo")).toContain("ALLOW_ADMIN_USER_PASSWORD_AUTH");
      expect(flows("acme")).not.toContain("PASSWORD_AUTH");
    });

    it("grants a clinic system the scopes that its organization gives it", () => {
      const system = ofType("AWS::Cognito::UserPoolClient", "acme").find(
        ({ properties }) => properties.ClientName === "sojourn-acme-system-ehr",
      );
      expect(system?.properties.AllowedOAuthFlows).toEqual([
        "client_credentials",
      ]);
      expect(JSON.stringify(system?.properties.AllowedOAuthScopes)).toContain(
        "/*.cruds",
      );
      everyOne("AWS::Cognito::UserPoolResourceServer", {
        Identifier: "system",
        Scopes: [{ ScopeName: "*.cruds" }],
      });
    });

    it("tells the API's functions where the domain of the sign-in is", () => {
      const [prefix] = texts("AWS::Cognito::UserPoolDomain", "Domain", "acme");
      const told = ofType("AWS::Lambda::Function", "acme").flatMap(
        ({ properties }) =>
          (properties.Environment as { Variables: Record<string, unknown> })
            .Variables.SIGN_IN_URL ?? [],
      );
      expect(told).not.toHaveLength(0);
      expect(new Set(told)).toEqual(
        new Set([`https://${prefix ?? ""}.auth.us-west-2.amazoncognito.com`]),
      );
    });
  });
};
