import { afterEach, describe, expect, it } from "vitest";
import { eventBus } from "../../functions/outbound/bus.ts";
import { environment, provider } from "./provider.ts";

const open: { close(): Promise<void> }[] = [];
afterEach(async () => {
  for (const one of open.splice(0)) await one.close();
});

const entries = Array.from({ length: 23 }, (_, index) => ({
  what: "AppointmentBooked",
  at: "2026-03-02T15:00:00.000Z",
  detail: { id: String(index) },
}));

describe("the bus", () => {
  it("takes ten events a call and names those it did not take", async () => {
    const endpoint = await provider(({ body }) => {
      const { Entries } = body as { Entries: { Detail: string }[] };
      return {
        status: 200,
        body: {
          FailedEntryCount: 0,
          Entries: Entries.map(({ Detail }) =>
            Detail === '{"id":"12"}'
              ? { ErrorCode: "InternalFailure" }
              : { EventId: "e" },
          ),
        },
      };
    });
    open.push(endpoint);
    environment("EVENTBRIDGE", endpoint.url);
    expect(await eventBus("demo").publish(entries)).toEqual([12]);
    expect(
      endpoint.requests.map(
        ({ body }) => (body as { Entries: unknown[] }).Entries.length,
      ),
    ).toEqual([10, 10, 3]);
    const [first] = (endpoint.requests[0]?.body as { Entries: unknown[] })
      .Entries;
    expect(first).toEqual({
      EventBusName: "demo",
      Source: "sojourn",
      DetailType: "AppointmentBooked",
      Detail: '{"id":"0"}',
      Time: 1772463600,
    });
  });
});
