import { smartConfiguration, type SignIn } from "../../resources/smart.ts";
import type { Answers } from "./answers.ts";

export interface SmartDeps {
  readonly signIn: SignIn;
}

/** Where and for what a client may ask for a token; plain JSON, whatever FHIR's media types are. */
export const smart = (
  deps: SmartDeps,
): Answers<"GET /fhir/R4/.well-known/smart-configuration"> => ({
  "GET /fhir/R4/.well-known/smart-configuration": () =>
    Promise.resolve({
      status: 200,
      headers: { "content-type": "application/json; charset=utf-8" },
      body: smartConfiguration(deps.signIn),
    }),
});
