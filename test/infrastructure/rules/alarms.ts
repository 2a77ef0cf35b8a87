import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { anchor } from "../../../lib/constructs/alarm.ts";
import { everyOne, ofType, some, texts } from "../synthesized.ts";

const kinds = ["AWS::CloudWatch::Alarm", "AWS::CloudWatch::CompositeAlarm"];

export const alarms = (): void => {
  describe("alarms", () => {
    it("ring somewhere, and say what a person notices", () => {
      for (const kind of kinds) {
        everyOne(kind, { AlarmActions: [some], OKActions: [some] });
        for (const description of texts(kind, "AlarmDescription")) {
          expect(description).toMatch(
            /^.+\. .{20,} What to do: docs\/runbook\.md#[a-z-]+$/,
          );
        }
      }
    });

    it("call the operators of the organization", () => {
      everyOne(
        "AWS::SNS::Subscription",
        { Protocol: "email", Endpoint: "operator@acme.example" },
        "acme/operations",
      );
    });

    it("each have their heading in the runbook, and the reverse", () => {
      const headings = readFileSync("docs/runbook.md", "utf8").matchAll(
        /^### (.+)$/gm,
      );
      const linked = kinds
        .flatMap((kind) => texts(kind, "AlarmDescription", "demo"))
        .map((description) => description.replace(/^.*#/, ""));
      expect(
        [...headings].map(([, heading = ""]) => anchor(heading)).sort(),
      ).toEqual(linked.sort());
    });

    it("watch every function, every dead-letter queue and every journey", () => {
      const watched = JSON.stringify(ofType("AWS::CloudWatch::Alarm", "demo"));
      const names = [
        ...texts("AWS::Lambda::Function", "FunctionName", "demo"),
        ...texts("AWS::SQS::Queue", "QueueName", "demo").filter((name) =>
          name.endsWith("-dead-letters"),
        ),
        ...texts(
          "AWS::StepFunctions::StateMachine",
          "StateMachineName",
          "demo",
        ),
      ];
      expect(names.filter((name) => !watched.includes(name))).toEqual([]);
    });
  });
};
