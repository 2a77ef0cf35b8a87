import { App } from "aws-cdk-lib";
import { describe, expect, it } from "vitest";
import { Journey } from "../../lib/constructs/journey.ts";
import { readJourneys, taskOf, tokensOf } from "../../lib/journeys.ts";
import { sojourn } from "../../lib/app.ts";
import { demo } from "../../organizations/demo.ts";

describe("a workflow file", () => {
  it("names its tasks in tokens", () => {
    expect(
      tokensOf(
        '{"a":"${SendMessage}","b":"${RaiseTask}","c":"${SendMessage}"}',
      ),
    ).toEqual(["SendMessage", "RaiseTask"]);
    expect(["SendMessage", "Escalate", "ReadLabResult"].map(taskOf)).toEqual([
      "send-message",
      "escalate",
      "read-lab-result",
    ]);
  });

  it("with a token that is no task stops the synthesis and names the file that is missing", () => {
    const journey = {
      name: "lost",
      purpose: "Goes nowhere.",
      startsOn: [],
      endsOn: [],
      definition:
        '{"StartAt":"A","States":{"A":{"Type":"Task","Resource":"${FlyToTheMoon}","End":true}}}',
    };
    expect(() =>
      sojourn({ organizations: [demo], journeys: [journey], nag: false }),
    ).toThrow(
      "functions/tasks/fly-to-the-moon.ts must exist and export a handler",
    );
  });

  it("says what it is for and what wakes it", async () => {
    const preVisit = (await readJourneys()).find(
      ({ name }) => name === "pre-visit",
    );
    expect(preVisit).toMatchObject({
      name: "pre-visit",
      purpose: expect.stringMatching(/\.$/) as string,
    });
    expect(preVisit?.startsOn).toContain("AppointmentBooked");
    expect(preVisit?.endsOn).toContain("AppointmentCancelled");
  });
});

it("a journey belongs into a stack of an organization", () => {
  const file = {
    name: "stray",
    purpose: "None.",
    definition: "{}",
    startsOn: [],
    endsOn: [],
  };
  expect(
    () => new Journey(new App(), "stray", { file, task: () => expect.fail() }),
  ).toThrow(/stack/i);
});
