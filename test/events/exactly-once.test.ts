import type { Bundle, Patient } from "@medplum/fhirtypes";
import fc from "fast-check";
import { expect, it } from "vitest";
import { aSubscriber, aSubscription, type Heard } from "./subscriber.ts";

type Event = ReturnType<ReturnType<typeof aSubscriber>["events"]>[number];

/** `Patient/id@version` of a notification, as its body says. */
const versionOf = ({ body }: Heard): string => {
  const { entry = [] } = JSON.parse(body) as Bundle;
  const { request, response } = entry[1] ?? {};
  const { parameter = [] } = entry[0]?.resource as {
    parameter?: {
      name: string;
      part?: { name: string; valueReference?: { reference?: string } }[];
    }[];
  };
  const focus = parameter
    .find(({ name }) => name === "notification-event")
    ?.part?.find(({ name }) => name === "focus")?.valueReference?.reference;
  expect(request?.url).toMatch(/^Patient/);
  return `${focus ?? ""}@${response?.etag ?? ""}`;
};

it("however events come, each version that answers is announced, and once to a receiver that knows repetitions by their id", async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.array(fc.boolean(), { minLength: 1, maxLength: 4 }), {
        minLength: 1,
        maxLength: 3,
      }),
      fc.infiniteStream(fc.nat()),
      fc.infiniteStream(fc.constantFrom("taken", "lost answer", "refused")),
      async (people, chance, fates) => {
        const stage = aSubscriber();
        const { make, put, events, hear, post, settle, queue, heard } = stage;
        await make(aSubscription());
        await settle();
        heard.splice(0);
        const below = (limit: number): number =>
          (chance.next().value ?? 0) % limit;

        const due = new Set<string>();
        for (const [first = false, ...later] of people) {
          const patient: Patient = { resourceType: "Patient", active: first };
          let current = await make(patient);
          for (const active of [undefined, ...later]) {
            if (active !== undefined && active !== current.active)
              current = (await put({ ...current, active })).body;
            if (current.active === true)
              due.add(`Patient/${current.id}@W/"${current.meta.versionId}"`);
          }
        }

        // Every event at least once, some twice or thrice, in any order, in batches of any size.
        const pool: Event[] = events().flatMap((event) =>
          Array.from({ length: 1 + below(3) }, () => event),
        );
        const received: Heard[] = [];
        stage.endpoint.answer = (one) => {
          const fate = fates.next().value as string;
          if (fate !== "refused") received.push(one);
          return fate === "taken"
            ? { outcome: "answered", status: 204 }
            : { outcome: "failed", reason: "timeout" };
        };
        let patience = 60;
        while (pool.length + queue.length > 0) {
          if (pool.length > 0 && (queue.length === 0 || below(2) === 0)) {
            const batch = Array.from(
              { length: Math.min(pool.length, 1 + below(4)) },
              () => pool.splice(below(pool.length), 1),
            ).flat();
            await hear(batch);
          } else {
            const [next] = queue.splice(below(queue.length), 1);
            if (next === undefined) continue;
            // An endpoint that never comes back is another test's.
            if ((patience -= 1) < 0)
              stage.endpoint.answer = (one) => {
                received.push(one);
                return { outcome: "answered", status: 200 };
              };
            // SQS, too, may deliver twice.
            for (let times = 0; times <= below(2); times += 1)
              await post([next.notification]);
          }
        }

        expect(new Set(received.map(versionOf))).toEqual(due);
        const once = new Map(received.map((one) => [one.id, versionOf(one)]));
        expect([...once.values()].sort()).toEqual([...due].sort());
      },
    ),
    { numRuns: 40 },
  );
});
