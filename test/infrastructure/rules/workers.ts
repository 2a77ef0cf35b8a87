import { readdirSync, readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { everyOne, ofType, some, texts } from "../synthesized.ts";

export const workers = (): void => {
  describe("functions and queues", () => {
    it("runs every function on Node 24 and arm64, traced, with a log group of its own", () => {
      everyOne("AWS::Lambda::Function", {
        Runtime: "nodejs24.x",
        Architectures: ["arm64"],
        TracingConfig: { Mode: "Active" },
        LoggingConfig: { LogGroup: some },
      });
    });

    it("deploys one bundle, whatever the number of functions and organizations", () => {
      const assets = ofType("AWS::Lambda::Function").map(
        ({ properties }) => (properties.Code as { S3Key: string }).S3Key,
      );
      expect(new Set(assets).size).toBe(1);
    });

    it("deploys every file that has a handler, and a task only if a workflow names it", () => {
      const files = ["api", "tasks", "events"].flatMap((room) =>
        readdirSync(`functions/${room}`)
          .filter((name) => name.endsWith(".ts"))
          .filter((name) =>
            /^export const handler\b/m.test(
              readFileSync(`functions/${room}/${name}`, "utf8"),
            ),
          )
          .map((name) => `${room}/${name.replace(/\.ts$/, ".handler")}`),
      );
      expect(
        [...texts("AWS::Lambda::Function", "Handler", "demo")].sort(),
      ).toEqual(files.sort());
    });

    it("gives every queue its dead letters", () => {
      const isDeadEnd = (name: string): boolean =>
        name.endsWith("-dead-letters");
      for (const { properties, logicalId } of ofType("AWS::SQS::Queue")) {
        if (isDeadEnd(String(properties.QueueName))) continue;
        expect(properties, logicalId).toMatchObject({
          RedrivePolicy: { deadLetterTargetArn: some, maxReceiveCount: 5 },
        });
      }
    });

    it("takes back only the messages that failed, and ends the retries of a stream", () => {
      everyOne("AWS::Lambda::EventSourceMapping", {
        FunctionResponseTypes: ["ReportBatchItemFailures"],
      });
      const streams = ofType("AWS::Lambda::EventSourceMapping").filter(
        ({ properties }) => "StartingPosition" in properties,
      );
      expect(
        streams.map(({ stack, properties }) => [
          stack.replace(/^\w+\//, ""),
          properties.MaximumRecordAgeInSeconds,
          properties.MaximumRetryAttempts,
        ]),
      ).toEqual(
        Array.from({ length: 2 }, () => [
          ["audit", 79_200, undefined],
          ["engagement", 21_600, 10],
        ]).flat(),
      );
      for (const { properties } of streams) {
        expect(properties).toMatchObject({
          BisectBatchOnFunctionError: true,
          DestinationConfig: { OnFailure: { Destination: some } },
          FilterCriteria: {
            Filters: [
              {
                Pattern:
                  '{"eventName":["INSERT"],"dynamodb":{"Keys":{"sk":{"S":[{"prefix":"F#"}]}}}}',
              },
            ],
          },
        });
      }
    });
  });
};
