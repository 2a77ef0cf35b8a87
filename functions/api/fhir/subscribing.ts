import type { Answer, Answers, FhirDeps } from "./answers.ts";
import { writing } from "./writing.ts";

/** Subscriptions: what is wrong with their criteria is said at once, and their owner gets the secret that signs notifications. */
export const subscribing = (
  deps: FhirDeps,
): Answers<
  | "POST /fhir/R4/Subscription"
  | "PUT /fhir/R4/Subscription/{id}"
  | "GET /fhir/R4/Subscription/{id}/$signing-secret"
> => {
  const written = writing(deps);
  const checked =
    (answer: Answer): Answer =>
    async (request) => {
      const { checkSubscription } = await import("./subscription-checks.ts");
      await checkSubscription(deps, request);
      const { params } = request;
      return answer({
        ...request,
        params: { ...params, type: "Subscription" },
      });
    };
  return {
    "POST /fhir/R4/Subscription": checked(written["POST /fhir/R4/{type}"]),
    "PUT /fhir/R4/Subscription/{id}": checked(
      written["PUT /fhir/R4/{type}/{id}"],
    ),
    "GET /fhir/R4/Subscription/{id}/$signing-secret": async (request) => {
      const { signingSecret } = await import("./subscription-checks.ts");
      return { status: 200, body: await signingSecret(deps, request) };
    },
  };
};
