import { until } from "../../local/until.ts";
import { isEmpty, named, queueUrl, whileRepeatedAfter } from "./aws.ts";
import type { World } from "./world.ts";

/** What journeys live by, with the seconds after which a delivery that failed comes again. */
const queues = [
  { name: named("start-journeys"), seconds: 45 },
  { name: named("receive-sms"), seconds: 20 },
  { name: named("record-receipt"), seconds: 15 },
] as const;

/**
 * A delivery that fails comes again after seconds: the three minutes of a queue's visibility timeout are two months while
 * days pass. Repetitions of what is still being worked on are part of the game.
 */
export const repeatingSooner = <T>(
  { call, urls }: World,
  work: () => Promise<T>,
): Promise<T> =>
  queues.reduce(
    (inner, { name, seconds }) =>
      () =>
        whileRepeatedAfter(
          call,
          { queue: queueUrl(urls.emulator, name), seconds },
          inner,
        ),
    work,
  )();

/** Waits until every event, text and receipt has been taken in: more than once in a row, as the next may be on its way to a queue. */
export const deliveries = async ({ call, urls }: World): Promise<void> => {
  let quiet = 0;
  await until(
    "all deliveries to be taken in",
    async () => {
      const empty = await Promise.all(
        queues.map(({ name }) => isEmpty(call, queueUrl(urls.emulator, name))),
      );
      quiet = empty.every(Boolean) ? quiet + 1 : 0;
      return quiet >= 8 ? true : undefined;
    },
    { seconds: 600, everyMs: 300 },
  );
};
