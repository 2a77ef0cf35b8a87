import { describe, afterAll, beforeAll, expect, test } from "vitest";
import { startDynamoDbLocal, type DynamoDbLocal } from "../dynamodb-local.ts";
import { inProcess } from "./in-process.ts";
import { placesIn } from "./loading.ts";

/** Once answered with 500. */
const { send } = inProcess();

const expectRefused = (
  { status, text }: { readonly status: number; readonly text: string },
  place: string,
): void => {
  expect({ status, places: placesIn(text) }).toEqual({
    status: 422,
    places: expect.arrayContaining([expect.stringContaining(place)]) as unknown,
  });
};

test("a reference that is no text is refused in what is filed with its target", async () => {
  expectRefused(
    await send("POST", "/Provenance", {
      body: JSON.stringify({
        resourceType: "Provenance",
        target: [{ reference: 7 }],
        recorded: "2024-01-01T00:00:00Z",
        agent: [{ who: { display: "x" } }],
      }),
    }),
    "Provenance.target",
  );
});

test("a reference that is no text is refused in a report on one patient", async () => {
  expectRefused(
    await send("POST", "/MeasureReport", {
      body: JSON.stringify({
        resourceType: "MeasureReport",
        status: "complete",
        type: "individual",
        measure: "urn:x",
        period: { start: "2024-01-01" },
        subject: { reference: 7 },
      }),
    }),
    "MeasureReport.subject",
  );
});

test("a slot that loses its schedule is refused", async () => {
  const made = await send("POST", "/Schedule", {
    body: JSON.stringify({
      resourceType: "Schedule",
      actor: [{ display: "x" }],
    }),
  });
  const schedule = JSON.parse(made.text) as { id: string };
  const slot = {
    resourceType: "Slot",
    status: "free",
    start: "2030-01-01T10:00:00Z",
    end: "2030-01-01T10:30:00Z",
  };
  const kept = await send("POST", "/Slot", {
    body: JSON.stringify({
      ...slot,
      schedule: { reference: `Schedule/${schedule.id}` },
    }),
  });
  const { id } = JSON.parse(kept.text) as { id: string };
  expectRefused(
    await send("PUT", `/Slot/${id}`, { body: JSON.stringify({ ...slot, id }) }),
    "Slot.schedule",
  );
});

test("a subscription without a channel is refused", async () => {
  expectRefused(
    await send("POST", "/Subscription", {
      body: JSON.stringify({
        resourceType: "Subscription",
        status: "requested",
        reason: "x",
        criteria: "Patient?",
      }),
    }),
    "Subscription.channel",
  );
});

describe("on DynamoDB Local", () => {
  let local: DynamoDbLocal | undefined;
  beforeAll(async () => {
    local = await startDynamoDbLocal();
  });
  afterAll(() => local?.stop());

  test("the history of a type holds two versions of one resource", async () => {
    const there = inProcess(local?.table);
    const patient = await there.server.make({ resourceType: "Patient" });
    const changed = JSON.stringify({ ...patient, gender: "female" });
    expect(
      (await there.send("PUT", `/Patient/${patient.id}`, { body: changed }))
        .status,
    ).toBe(200);
    const { status, text } = await there.send("GET", "/Patient/_history");
    expect({ status, places: placesIn(text) }).toEqual({
      status: 200,
      places: [],
    });
  });
});
