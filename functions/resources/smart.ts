import type { CapabilityStatementRestSecurity } from "@medplum/fhirtypes";

/** Where tokens for this server are given out, and for which scopes. */
export interface SignIn {
  /** Of the authorization server, without a slash at the end. */
  readonly url: string;
  /** All that a client may ask for. */
  readonly scopes: readonly string[];
}

const endpointsOf = ({ url }: SignIn) => ({
  authorize: `${url}/oauth2/authorize`,
  token: `${url}/oauth2/token`,
});

/**
 * SMART App Launch 2.2, the server's configuration. It claims what Cognito does: it adds no launch context and no
 * `fhirUser` to its tokens and knows clients by their secrets, not by keys; so no launch, no single sign-on, and no
 * `issuer`, which stands for that.
 */
export const smartConfiguration = (signIn: SignIn) => {
  const { authorize, token } = endpointsOf(signIn);
  const offers = (context: string): boolean =>
    signIn.scopes.some((scope) => scope.startsWith(`${context}/`));
  const people = ["patient", "user"].filter(offers);
  return {
    authorization_endpoint: authorize,
    token_endpoint: token,
    token_endpoint_auth_methods_supported: [
      "client_secret_basic",
      "client_secret_post",
    ],
    revocation_endpoint: `${signIn.url}/oauth2/revoke`,
    grant_types_supported: [
      ...(people.length > 0 ? ["authorization_code"] : []),
      ...(offers("system") ? ["client_credentials"] : []),
    ],
    response_types_supported: ["code"],
    code_challenge_methods_supported: ["S256"],
    scopes_supported: signIn.scopes,
    capabilities: [
      "client-confidential-symmetric",
      ...people.map((context) => `permission-${context}`),
      "permission-v1",
      "permission-v2",
    ],
  };
};

/** The same for readers of the CapabilityStatement. */
export const security = (signIn: SignIn): CapabilityStatementRestSecurity => ({
  service: [
    {
      coding: [
        {
          system:
            "http://terminology.hl7.org/CodeSystem/restful-security-service",
          code: "SMART-on-FHIR",
        },
      ],
    },
  ],
  extension: [
    {
      url: "http://fhir-registry.smarthealthit.org/StructureDefinition/oauth-uris",
      extension: Object.entries(endpointsOf(signIn)).map(([url, valueUri]) => ({
        url,
        valueUri,
      })),
    },
  ],
});
