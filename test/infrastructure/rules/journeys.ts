import { describe, expect, it } from "vitest";
import { preVisit } from "../../../workflows/pre-visit.ts";
import { everyOne, ofType } from "../synthesized.ts";

export const journeys = (): void => {
  describe("journeys", () => {
    it("keep their histories under a key, without data", () => {
      everyOne("AWS::StepFunctions::StateMachine", {
        StateMachineType: "STANDARD",
        EncryptionConfiguration: { Type: "CUSTOMER_MANAGED_KMS_KEY" },
        LoggingConfiguration: { Level: "ALL", IncludeExecutionData: false },
        TracingConfiguration: { Enabled: true },
      });
    });

    it("leave no token of their definition open", () => {
      for (const { properties } of ofType("AWS::StepFunctions::StateMachine")) {
        const tokens = [
          ...String(properties.DefinitionString).matchAll(/\$\{(\w+)\}/g),
        ].map(([, token]) => token);
        expect(tokens).not.toHaveLength(0);
        expect(new Set(tokens)).toEqual(
          new Set(Object.keys(properties.DefinitionSubstitutions ?? {})),
        );
      }
    });

    it("are woken by the facts that their files name", () => {
      const moments = [...preVisit.startsOn, ...preVisit.endsOn].sort();
      const rules = ofType("AWS::Events::Rule").filter(({ stack }) =>
        stack.endsWith("/journeys"),
      );
      expect(rules.map(({ properties }) => properties.EventPattern)).toEqual([
        { source: ["sojourn"], "detail-type": moments },
        { source: ["sojourn"], "detail-type": moments },
      ]);
    });

    it("are started and stopped by one function, and by nothing else", () => {
      const starters = ofType("AWS::IAM::ManagedPolicy", "acme").filter(
        ({ properties }) =>
          JSON.stringify(properties).includes("states:StartExecution"),
      );
      expect(starters.map(({ logicalId }) => logicalId)).toEqual([
        expect.stringMatching(/^StartJourneysPolicy/),
      ]);
      expect(JSON.stringify(ofType("AWS::Events::Rule"))).not.toContain(
        "stateMachine",
      );
    });
  });
};
