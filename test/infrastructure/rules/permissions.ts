import { describe, expect, it } from "vitest";
import * as z from "zod";
import { allResources, ofType } from "../synthesized.ts";

const list = z
  .union([z.string(), z.array(z.unknown())])
  .transform((one) => (typeof one === "string" ? [one] : one));
const Policy = z.object({
  PolicyDocument: z.object({
    Statement: z.array(
      z.object({ Effect: z.string(), Action: list, Resource: z.unknown() }),
    ),
  }),
});

const KeyPolicy = z.object({
  KeyPolicy: z.object({
    Statement: z.array(
      z.object({
        Action: list,
        Principal: z.object({ Service: z.unknown() }).partial(),
        Condition: z.unknown().optional(),
      }),
    ),
  }),
});

/** What our roles may do. */
const grants = (): readonly {
  readonly at: string;
  readonly actions: readonly string[];
  readonly on: string;
}[] =>
  ofType("AWS::IAM::ManagedPolicy").flatMap(
    ({ stack, logicalId, properties }) =>
      Policy.parse(properties).PolicyDocument.Statement.map(
        ({ Action, Resource }) => ({
          at: `${stack}/${logicalId}`,
          actions: Action.map(String),
          on: JSON.stringify(Resource),
        }),
      ),
  );

export const permissions = (): void => {
  describe("permissions", () => {
    it("name every action", () => {
      expect(
        grants().filter(({ actions }) =>
          actions.some((action) => action.includes("*")),
        ),
      ).toEqual([]);
    });

    it("never let a role scan a table", () => {
      expect(
        grants().filter(({ actions }) => actions.includes("dynamodb:Scan")),
      ).toEqual([]);
    });

    it("reach every resource only where AWS knows no narrower one", () => {
      const unbounded =
        /^(xray:\w+|dynamodb:ListStreams|logs:(\w+LogDelivery|ListLogDeliveries|PutResourcePolicy|DescribeResourcePolicies|DescribeLogGroups))$/;
      const everywhere = grants()
        .filter(({ on }) => on === '"*"')
        .flatMap(({ actions }) => actions);
      expect(everywhere.filter((action) => !unbounded.test(action))).toEqual(
        [],
      );
    });

    it("on keys are given to services of AWS for this organization's resources only", () => {
      const statements = ofType("AWS::KMS::Key").flatMap(
        ({ properties }) => KeyPolicy.parse(properties).KeyPolicy.Statement,
      );
      const services = statements.filter(
        ({ Principal }) => Principal.Service !== undefined,
      );
      expect(services).not.toHaveLength(0);
      expect(
        services.filter(({ Condition }) => Condition === undefined),
      ).toEqual([]);
      expect(
        services
          .flatMap(({ Action }) => Action.map(String))
          .filter((action) => action.includes("*")),
      ).toEqual([]);
    });

    it("are never written into a role", () => {
      expect(
        allResources().filter(({ type }) => type === "AWS::IAM::Policy"),
      ).toEqual([]);
      expect(
        ofType("AWS::IAM::Role").filter(
          ({ properties }) => "Policies" in properties,
        ),
      ).toEqual([]);
    });

    it("let only the FHIR API and imports seal new patients, and only erasures end them", () => {
      const sealers = grants().filter(
        ({ actions, on }) =>
          actions.includes("dynamodb:PutItem") && on.includes("GetAttKeys"),
      );
      expect(
        sealers.map(({ at }) => at.replace(/Policy\w+$/, "")).sort(),
      ).toEqual([
        "acme/api/fhir",
        "acme/journeys/ErasureShred",
        "acme/journeys/ImportSlice",
        "demo/api/fhir",
        "demo/journeys/ErasureShred",
        "demo/journeys/ImportSlice",
      ]);
    });

    it("let nobody remove from the archive of facts, and only its two functions add to it", () => {
      const archived = grants()
        .filter(({ on }) => /"(GetAtt)?Archive[0-9A-F]{8}/.test(on))
        .flatMap(({ at, actions }) =>
          actions.map((action) => `${at.replace(/Policy\w+$/, "")} ${action}`),
        )
        .filter((text) => / s3:(?!GetObject$|ListBucket$)/.test(text));
      expect(archived.sort()).toEqual(
        ["acme", "demo"].flatMap((slug) => [
          `${slug}/audit/ArchiveFacts s3:PutObject`,
          `${slug}/audit/SignRoots s3:PutObject`,
        ]),
      );
      // Who adds facts could otherwise put a root in the place of one to come.
      const folders = grants()
        .filter(({ actions }) => actions.includes("s3:PutObject"))
        .filter(({ at }) => at.startsWith("acme/audit/"))
        .map(({ at, on }) => [
          at.replace(/Policy\w+$/, ""),
          [...on.matchAll(/"\/(\w+)\/\*"/g)].map(([, folder]) => folder),
        ]);
      expect(Object.fromEntries(folders)).toEqual({
        "acme/audit/ArchiveFacts": ["facts"],
        "acme/audit/SignRoots": ["keys", "links", "roots"],
      });
    });

    it("let only the tasks and events that answer patients send", () => {
      const senders = grants().filter(({ actions }) =>
        actions.includes("sms-voice:SendTextMessage"),
      );
      expect(
        senders.map(({ at }) => at.replace(/Policy\w+$/, "")).sort(),
      ).toEqual([
        "acme/engagement/ReceiveSms",
        "acme/journeys/SendMessage",
        "demo/engagement/ReceiveSms",
        "demo/journeys/SendMessage",
      ]);
    });
  });
};
