import { describe, expect, it } from "vitest";
import { preVisit } from "../../../workflows/pre-visit.ts";
import { privacyRequest } from "../../../workflows/privacy-request.ts";
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
      const moments = [preVisit, privacyRequest]
        .flatMap(({ startsOn, endsOn }) => [...startsOn, ...endsOn])
        .sort();
      const rules = ofType("AWS::Events::Rule").filter(({ stack }) =>
        stack.endsWith("/journeys"),
      );
      expect(rules.map(({ properties }) => properties.EventPattern)).toEqual([
        { source: ["sojourn"], "detail-type": moments },
        { source: ["sojourn"], "detail-type": moments },
      ]);
    });

    it("are started and stopped by one function, exports and imports by the API, and by nothing else", () => {
      const allowed = (action: string, journey: string) =>
        ofType("AWS::IAM::ManagedPolicy", "acme").flatMap(
          ({ logicalId, properties }) => {
            const { Statement = [] } = (properties.PolicyDocument ?? {}) as {
              readonly Statement?: readonly unknown[];
            };
            const isAllowed = Statement.map((one) => JSON.stringify(one)).some(
              (one) => one.includes(action) && one.includes(journey),
            );
            return isAllowed ? logicalId.replace(/Policy\w+$/, "") : [];
          },
        );
      const [patients, exports] = [
        "sojourn-acme-pre-visit",
        "sojourn-acme-bulk-export",
      ];
      expect(allowed("states:StartExecution", patients)).toEqual([
        "StartJourneys",
      ]);
      expect(allowed("states:StopExecution", patients)).toEqual([
        "ErasureShred",
        "StartJourneys",
      ]);
      const erasures = "sojourn-acme-erasure";
      expect(allowed("states:StartExecution", erasures)).toContain("privacy");
      expect(allowed("states:StopExecution", erasures)).toEqual([]);
      expect(allowed("states:StartExecution", exports)).toEqual(["fhir"]);
      expect(allowed("states:StopExecution", exports)).toEqual(["bulk"]);
      const imports = "sojourn-acme-bulk-import";
      expect(allowed("states:StartExecution", imports)).toEqual(["bulk"]);
      expect(allowed("states:StopExecution", imports)).toEqual(["bulk"]);
      expect(JSON.stringify(ofType("AWS::Events::Rule"))).not.toContain(
        "stateMachine",
      );
    });
  });
};
