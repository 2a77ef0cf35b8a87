import type { Context } from "../core/caller.ts";
import { Fault } from "../core/fault.ts";
import { isKnown } from "../resources/all.ts";
import type { Fact, Touched } from "./facts.ts";
import { addressOf, type Address } from "./keys.ts";
import { latestOf } from "./latest.ts";
import { createMerges } from "./merges.ts";
import { createOpener } from "./opener.ts";
import { createPermits } from "./permits.ts";
import type { Store } from "./store.ts";

/**
 * Facts as their reader may know them. Whoever acts for a patient is told of what they may read. Others are told of
 * everything that was done, but by no name that tells more of a resource (`AppointmentFulfilled`) than they may read of it.
 */
export const toldTo = async (
  store: Store,
  context: Context,
  facts: readonly Fact[],
): Promise<readonly Fact[]> => {
  const { by } = context;
  const { samePerson } = createMerges(store.table);
  const opener = createOpener(store);
  const permits = createPermits(store, context, {
    samePerson,
    keyItem: opener.keyOf,
  });
  const own = by.kind === "patient" ? await samePerson(by.id) : [];
  const isActing = ({ patient }: Fact): boolean =>
    by.kind === "patient" && patient !== undefined && !own.includes(patient);
  const asked = new Map<string, Address>();
  for (const fact of facts)
    for (const touched of fact.changes) {
      const address = addressIn(touched);
      if (address !== undefined && (isActing(fact) || isTelling(touched)))
        asked.set(nameIn(touched), address);
    }
  const latest = await latestOf(opener, await opener.find([...asked.values()]));
  const open = new Map(
    await Promise.all(
      [...asked].map(async ([name, address]) => {
        const resource = latest.get(name);
        return [
          name,
          resource === undefined
            ? opener.isErased(address)
            : await permits.see(resource).then(
                () => true,
                (error: unknown) => {
                  if (error instanceof Fault) return false;
                  throw error;
                },
              ),
        ] as const;
      }),
    ),
  );
  const isOpen = (touched: Touched): boolean =>
    open.get(nameIn(touched)) !== false;
  return facts.flatMap((fact) => {
    const changes = isActing(fact)
      ? fact.changes.filter(isOpen)
      : fact.changes.map((one) => (isOpen(one) ? one : plainly(one)));
    return changes.length === 0 && fact.changes.length > 0
      ? []
      : { ...fact, changes };
  });
};

const addressIn = ({ type, id }: Touched): Address | undefined =>
  isKnown(type) ? addressOf(type, id) : undefined;

const nameIn = ({ type, id }: Touched): string => `${type}/${id}`;

/** What is done to resources of any kind. */
const deeds = ["Created", "Updated", "Deleted", "Read"];

const isTelling = ({ type, what }: Touched): boolean =>
  what !== "Exported" && !deeds.some((deed) => what === `${type}${deed}`);

const plainly = (touched: Touched): Touched => ({
  ...touched,
  what: isTelling(touched)
    ? `${touched.type}${touched.version === 1 ? "Created" : "Updated"}`
    : touched.what,
});
