import { afterEach, describe, expect, it } from "vitest";
import { executionName } from "../../functions/core/journey.ts";
import {
  executionArn,
  liveJourneys,
} from "../../functions/outbound/journeys.ts";
import { environment, provider, type Answer } from "./provider.ts";

const machine =
  "arn:aws:states:us-east-1:000000000000:stateMachine:demo-pre-visit";
const occurrence = {
  journey: "pre-visit",
  subject: "appointment",
  occurrence: "3",
};
const name = executionName(occurrence);

const open: { close(): Promise<void> }[] = [];
afterEach(async () => {
  for (const one of open.splice(0)) await one.close();
});

const journeysAnswering = async (answer: Answer) => {
  const endpoint = await provider(() => answer);
  open.push(endpoint);
  environment("SFN", endpoint.url);
  return {
    journeys: liveJourneys({ "pre-visit": machine }),
    requests: endpoint.requests,
  };
};

describe("a journey", () => {
  it("is started under the name of its occurrence", async () => {
    const { journeys, requests } = await journeysAnswering({
      status: 200,
      body: { executionArn: "arn", startDate: 1 },
    });
    expect(await journeys.start(occurrence, { patient: "p" })).toBe(name);
    expect(requests[0]?.body).toEqual({
      stateMachineArn: machine,
      name,
      input: '{"patient":"p"}',
    });
  });
  it("that runs already is started", async () => {
    const { journeys } = await journeysAnswering({
      status: 400,
      body: { __type: "ExecutionAlreadyExists", message: "" },
    });
    expect(await journeys.start(occurrence, {})).toBe(name);
  });
  it("is stopped by its own name", async () => {
    const { journeys, requests } = await journeysAnswering({
      status: 200,
      body: { stopDate: 1 },
    });
    await journeys.stop(occurrence, "AppointmentCancelled");
    expect(requests[0]?.body).toEqual({
      executionArn: executionArn(machine, name),
      error: "JourneyStopped",
      cause: "AppointmentCancelled",
    });
  });
  it("that never ran is stopped", async () => {
    const { journeys } = await journeysAnswering({
      status: 400,
      body: { __type: "ExecutionDoesNotExist", message: "" },
    });
    await expect(
      journeys.stop(occurrence, "PatientDied"),
    ).resolves.toBeUndefined();
  });
  it("that cannot be started says so", async () => {
    const { journeys } = await journeysAnswering({
      status: 400,
      body: { __type: "StateMachineDoesNotExist", message: "" },
    });
    await expect(journeys.start(occurrence, {})).rejects.toMatchObject({
      name: "StateMachineDoesNotExist",
    });
    await expect(
      journeys.start({ ...occurrence, journey: "other" }, {}),
    ).rejects.toThrow("no state machine");
  });
  it("has its execution under the machine, not under the alias that started it", () => {
    expect(executionArn(`${machine}:live`, name)).toBe(
      `arn:aws:states:us-east-1:000000000000:execution:demo-pre-visit:${name}`,
    );
  });
});
