import {
  EventBridgeClient,
  PutEventsCommand,
} from "@aws-sdk/client-eventbridge";

import { sendAgain } from "./provider-answer.ts";

/** The organization's event bus. */
export interface Bus {
  /** Ids of the entries that were not taken. */
  publish(entries: readonly BusEntry[]): Promise<readonly number[]>;
}

export interface BusEntry {
  readonly what: string;
  readonly at: string;
  readonly detail: Readonly<Record<string, string | number | undefined>>;
}

/** EventBridge takes ten entries a call. */
const batchSize = 10;

export const eventBus = (name: string): Bus => {
  const client = new EventBridgeClient(sendAgain);
  const put = async (
    entries: readonly BusEntry[],
  ): Promise<readonly boolean[]> => {
    const { Entries = [] } = await client.send(
      new PutEventsCommand({
        Entries: entries.map(({ what, at, detail }) => ({
          EventBusName: name,
          Source: "sojourn",
          DetailType: what,
          Time: new Date(at),
          Detail: JSON.stringify(detail),
        })),
      }),
    );
    return entries.map((_, index) => Entries[index]?.ErrorCode === undefined);
  };
  return {
    publish: async (entries) => {
      const failed: number[] = [];
      for (let from = 0; from < entries.length; from += batchSize) {
        const taken = await put(entries.slice(from, from + batchSize));
        failed.push(
          ...taken.flatMap((ok, index) => (ok ? [] : [from + index])),
        );
      }
      return failed;
    },
  };
};
