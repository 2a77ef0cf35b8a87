import type { Resource, Subscription } from "@medplum/fhirtypes";
import type { Posted } from "../../functions/core/subscription-delivery.ts";
import { contentUrl, idOnly } from "../../functions/core/subscription.ts";
import { deliverNotification } from "../../functions/events/deliver-notification.ts";
import { notifySubscribers } from "../../functions/events/notify-subscribers.ts";
import type { Notification } from "../../functions/outbound/notifications.ts";
import type { HookRequest } from "../../functions/outbound/web-hook.ts";
import type { Log, LogIds } from "../../functions/runtime/log.ts";
import { readFact } from "../../functions/store/facts.ts";
import type { Stored } from "../../functions/store/records.ts";
import { memoryTable } from "../../functions/store/memory-table.ts";
import { asClient, aServer } from "../api/server.ts";

export const everything = ["system/*.cruds"];
export const ehr = asClient(...everything);

/** A subscription as a clinic system asks for it. */
export const aSubscription = (more: object = {}): Subscription => ({
  resourceType: "Subscription",
  status: "requested",
  reason: "The record system keeps its calendar in step",
  criteria: "Patient?active=true",
  ...more,
  channel: {
    type: "rest-hook",
    endpoint: "https://ehr.example/hook",
    ...{
      payload: idOnly,
      _payload: { extension: [{ url: contentUrl, valueCode: "id-only" }] },
    },
    ...("channel" in more ? (more.channel as object) : {}),
  },
});

export interface Heard extends HookRequest {
  readonly id: string;
}

export interface Waiting {
  readonly notification: Notification;
  readonly after: number;
}

interface ChangeEvent {
  readonly detail: {
    readonly fact: string;
    readonly type: string;
    readonly id: string;
    readonly version: number;
    readonly what: string;
    readonly by: string;
  };
}

const answered = (status: number): Posted => ({ outcome: "answered", status });

/** The record with its API, both consumers, the queue between them and an endpoint that does as it is told. */
export const aSubscriber = (
  clientScopes: Readonly<Record<string, readonly string[]>> = {
    ehr: everything,
  },
) => {
  const clock = { now: new Date("2026-03-02T10:00:00Z") };
  const now = () => clock.now;
  const table = memoryTable();
  const server = aServer({ table, now });
  const queue: Waiting[] = [];
  const buried: Notification[] = [];
  const heard: Heard[] = [];
  const logged: { fact: string; ids: LogIds }[] = [];
  const failures: unknown[] = [];
  const endpoint = { answer: (_: Heard): Posted => answered(200) };
  const log: Log = Object.assign(
    (fact: string, ids: LogIds = {}) => void logged.push({ fact, ids }),
    {
      error: (_: string, __: LogIds, cause: unknown) =>
        void failures.push(cause),
    },
  );
  const notifications = {
    send: (sent: readonly Notification[], after = 0) => {
      queue.push(...sent.map((notification) => ({ notification, after })));
      return Promise.resolve();
    },
    bury: (notification: Notification) => {
      buried.push(notification);
      return Promise.resolve();
    },
  };
  const deps = { ...server, log, notifications };
  const notify = notifySubscribers({ ...deps, clientScopes });
  const deliver = deliverNotification({
    ...deps,
    chance: () => 0,
    webHook: {
      post: (request) => {
        const id = request.headers["x-sojourn-notification"] ?? "";
        const one = { ...request, id };
        heard.push(one);
        return Promise.resolve(endpoint.answer(one));
      },
    },
  });
  const consume = async (
    consumer: (event: never, context: never) => Promise<unknown>,
    bodies: readonly unknown[],
  ) => {
    await consumer(
      {
        Records: bodies.map((body, index) => ({
          eventSource: "aws:sqs",
          messageId: String(index),
          body: JSON.stringify(body),
        })),
      } as never,
      {} as never,
    );
    const [failure] = failures.splice(0);
    if (failure !== undefined)
      throw new Error("a consumer failed", { cause: failure });
  };

  const told = new Set<string>();
  /** What the bus announces since it was last asked. */
  const events = (): readonly ChangeEvent[] =>
    table
      .dump()
      .filter(({ sk, pk }) => sk.startsWith("F#") && !told.has(pk + sk))
      .flatMap((item) => {
        told.add(item.pk + item.sk);
        const { id: fact, kind, by, changes } = readFact(item);
        return kind === "read"
          ? []
          : changes.map((change) => ({ detail: { fact, by, ...change } }));
      });
  const hear = (some: readonly ChangeEvent[]) => consume(notify as never, some);
  const post = (some: readonly Notification[]) =>
    consume(deliver as never, some);

  /** Everything that is due, at once and without its delays, until nothing is. */
  const settle = async (): Promise<void> => {
    for (let rounds = 0; rounds < 100; rounds += 1) {
      const fresh = events();
      const due = queue.splice(0).map(({ notification }) => notification);
      if (fresh.length + due.length === 0) return;
      await hear(fresh);
      await post(due);
    }
    throw new Error("it never settles");
  };

  const make = async <T extends Resource>(resource: T): Promise<Stored<T>> => {
    const path = `/${resource.resourceType}`;
    const { status, body, text } = await server.ask<Stored<T>>("POST", path, {
      as: ehr,
      body: resource,
    });
    if (status !== 201) throw new Error(text);
    return body;
  };
  const put = <T extends Resource & { id: string }>(resource: T) =>
    server.ask<Stored<T>>("PUT", `/${resource.resourceType}/${resource.id}`, {
      as: ehr,
      body: resource,
    });
  const read = async (id: string) =>
    (
      await server.ask<Stored<Subscription>>("GET", `/Subscription/${id}`, {
        as: ehr,
      })
    ).body;

  return {
    ...{ server, clock, queue, buried, heard, logged, endpoint, table },
    ...{ events, hear, post, settle, make, put, read, answered },
  };
};
