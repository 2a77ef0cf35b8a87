import * as z from "zod";
import { eventBus, type Bus, type BusEntry } from "../outbound/bus.ts";
import type { Deps } from "../runtime/dependencies.ts";
import { environment } from "../runtime/environment.ts";
import { batch, type Message } from "../runtime/event.ts";
import { live } from "../runtime/live.ts";
import { readFact, type Fact } from "../store/facts.ts";
import { watchCanaries } from "./watch-canaries.ts";

const FactItem = z
  .record(z.string(), z.unknown())
  .transform((item): Fact => readFact(item));

/** Tells the organization's bus of every new fact but reads: one event a change, ids only. What the bus does not take is retried. */
export const publishFacts = ({
  bus,
  organization,
  log,
}: { readonly bus: Bus } & Pick<Deps, "organization" | "log">) => {
  const watch = watchCanaries({ organization, log });
  return batch(FactItem, async (messages) => {
    watch(messages.map(({ body }) => body));
    const entries = messages.flatMap(({ id, body }) =>
      entriesOf(body, organization.slug).map((entry) => ({ id, entry })),
    );
    const failed = await bus.publish(entries.map(({ entry }) => entry));
    return firstOf(
      messages,
      new Set(failed.flatMap((index) => entries[index]?.id ?? [])),
    );
  });
};

/** A stream is retried from its first failure on, so that is the one to name. */
const firstOf = (
  messages: readonly Message<Fact>[],
  failed: ReadonlySet<string>,
): readonly string[] =>
  messages.flatMap(({ id }) => (failed.has(id) ? [id] : [])).slice(0, 1);

const entriesOf = (
  { id: fact, kind, at, by, patient, changes }: Fact,
  organization: string,
): readonly BusEntry[] =>
  kind === "read"
    ? []
    : changes.map(({ type, id, version, what }) => ({
        what,
        at,
        detail: { organization, fact, patient, type, id, version, what, by },
      }));

export const handler = live(({ organization, log }: Deps) =>
  publishFacts({ organization, log, bus: eventBus(environment("EVENT_BUS")) }),
);
