import type { Task } from "@medplum/fhirtypes";
import { beforeAll, describe, expect, it } from "vitest";
import { until } from "../../local/until.ts";
import { deliveries } from "./deliveries.ts";
import { named, queueUrl, waiting, whileRepeatedAfter } from "./aws.ts";
import { theWorld, type World } from "./world.ts";

let world: World;
beforeAll(async () => {
  world = await theWorld();
});

const handsetControl = (path: string, body: object) =>
  fetch(`${world.urls.handset}/control/${path}`, {
    method: "POST",
    body: JSON.stringify(body),
  });

describe("what nobody expects", () => {
  it("a text from an unknown number becomes one task for staff and nothing else", async () => {
    const stranger = "+19075550188";
    expect(
      (
        await handsetControl("replies", {
          from: stranger,
          text: "Is this the bakery?",
          copies: 2,
        })
      ).status,
    ).toBe(200);
    const texts = () =>
      world.handset.carrier
        .messages()
        .filter(({ address }) => address === stranger);
    const [inbound] = texts();
    const tasks = await until("a task for staff", async () => {
      const found = await world.fhir.search<Task>("Task", {
        identifier: `urn:sojourn:task|inbound/${inbound?.id ?? ""}`,
      });
      return found.length > 0 ? found : undefined;
    });
    expect(tasks).toHaveLength(1);
    expect(tasks[0]?.for).toBeUndefined();
    expect(tasks[0]?.code?.coding?.[0]?.code).toBe("unknown-sender");
    await deliveries(world);
    expect(texts()).toHaveLength(1);
  });

  it("a receipt for an unknown message ends as a dead letter", async () => {
    const url = world.urls.emulator;
    const queue = queueUrl(url, named("record-receipt"));
    const deadLetters = queueUrl(url, named("record-receipt-dead-letters"));
    const before = await waiting(world.call, deadLetters);
    await whileRepeatedAfter(world.call, { queue, seconds: 1 }, async () => {
      await handsetControl("receipts", {
        messageId: "4711-of-nobody",
        eventType: "TEXT_DELIVERED",
      });
      await until("the dead letter", async () =>
        (await waiting(world.call, deadLetters)) > before ? true : undefined,
      );
    });
  });

  it("a text that is no text message at all becomes a dead letter, and the next one is heard", async () => {
    const deadLetters = queueUrl(
      world.urls.emulator,
      named("receive-sms-dead-letters"),
    );
    const queue = queueUrl(world.urls.emulator, named("receive-sms"));
    const before = await waiting(world.call, deadLetters);
    await whileRepeatedAfter(world.call, { queue, seconds: 1 }, async () => {
      await world.call("sqs", "AmazonSQS.SendMessage", {
        QueueUrl: queue,
        MessageBody: '{"something":"else"}',
      });
      await until("the dead letter", async () =>
        (await waiting(world.call, deadLetters)) > before ? true : undefined,
      );
    });
  });
});
