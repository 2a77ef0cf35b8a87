import * as z from "zod";
import { asKey, asMerge, asResource } from "./items.ts";
import {
  addressOf,
  disposalOf,
  disposalPart,
  holdOf,
  indexKey,
  mergeOf,
  patientKeyPlace,
} from "./keys.ts";
import { createMerges } from "./merges.ts";
import { allOf } from "./overlay.ts";
import { retentionDuties } from "./retention-duties.ts";
import type { Store } from "./store.ts";
import { held, type Item, type Write } from "./table.ts";

/** A month's review of whose record need not be kept any longer. */
const Review = z.object({
  id: z.string(),
  version: z.int(),
  status: z.enum(["listing", "listed"]),
  /** Persons found so far. */
  count: z.int(),
  /** Lists of them. */
  parts: z.int(),
  /** Where it goes on. */
  shard: z.int(),
  after: z.string().optional(),
});
export type Review = z.infer<typeof Review>;

/** Technical items beside the record, gone four months later. Nobody is disposed of by them. */
export interface Disposals {
  find(id: string): Promise<Review | undefined>;
  /** Ids of persons, by the surviving record. */
  listed(id: string): Promise<readonly string[]>;
  /** Whether the person may still be disposed of, or was. */
  isDueOrGone(patient: string, country: string): Promise<boolean>;
  /** Goes on with the review, beginning it if need be, until it is full or done. */
  review(id: string, country: string, isFull: () => boolean): Promise<Review>;
}

const keptSeconds = 120 * 86_400;
const shards = 16;
const patientsAtOnce = 25;

export const createDisposals = (
  store: Pick<Store, "table" | "vault" | "now" | "newId" | "states">,
): Disposals => {
  const { table, vault, now, newId } = store;
  const expires = (): number =>
    Math.floor(now().getTime() / 1000) + keptSeconds;

  const find: Disposals["find"] = async (id) => {
    const [item] = await table.get([{ table: "records", ...disposalOf(id) }]);
    return item === undefined
      ? undefined
      : Review.parse({ ...item, version: item.v });
  };

  const itemOf = ({ version, ...review }: Review): Item => ({
    ...disposalOf(review.id),
    v: version,
    ...review,
    expires: expires(),
  });

  /** Nothing was done with any record of the person for as long as the law wants it kept, and no hold is on it. */
  const isDue = async (patient: string, country: string): Promise<boolean> => {
    const address = addressOf("Patient", patient);
    if (address === undefined) return false;
    const found = await table.get([
      { table: "records", pk: address.pk, sk: address.sk },
      { table: "records", ...mergeOf(patient) },
    ]);
    const own = found.find(({ sk }) => sk === address.sk);
    const merge = found.find(({ sk }) => sk !== address.sk);
    if (own === undefined || asResource(own).deleted === true) return false;
    // The person is listed once, by the record that survives.
    if (merge !== undefined && asMerge(merge).into !== undefined) return false;
    const set =
      merge === undefined
        ? [patient]
        : await createMerges(table).samePerson(patient);
    const holds = await table.get(
      set.map((one) => ({ table: "records", ...holdOf(one) })),
    );
    if (holds.length > 0) return false;
    const today = now().toISOString().slice(0, 10);
    const duties = await retentionDuties(store, set, {
      country,
      since: "last-activity",
    });
    return duties.length > 0 && duties.every(({ until }) => until <= today);
  };

  /** The next page of all patients. */
  const step = async (review: Review, country: string): Promise<Review> => {
    const { items, after } = await table.query({
      pk: indexKey(
        await vault.indexVersion(),
        "Patient",
        "all",
        String(review.shard),
      ),
      limit: patientsAtOnce,
      ...(review.after !== undefined && { after: review.after }),
    });
    const ids = items.map(({ sk }) => sk.slice(sk.lastIndexOf("#") + 1));
    const due = await Promise.all(ids.map((id) => isDue(id, country)));
    const patients = ids.filter((_, index) => due[index]);
    const { after: _before, ...kept } = review;
    const shard = after === undefined ? review.shard + 1 : review.shard;
    const next: Review = {
      ...kept,
      version: review.version + 1,
      count: review.count + patients.length,
      parts: review.parts + (patients.length > 0 ? 1 : 0),
      shard,
      ...(after !== undefined && { after }),
      status: shard >= shards ? "listed" : "listing",
    };
    const part: readonly Write[] =
      patients.length === 0
        ? []
        : [
            {
              put: {
                ...disposalPart(review.id, review.parts),
                patients,
                expires: expires(),
              },
              guard: "any",
            },
          ];
    const isDone = await held(
      table.commit(
        [
          {
            put: itemOf(next),
            guard:
              review.version === 0 ? "absent" : { version: review.version },
          },
          ...part,
        ],
        newId(),
      ),
    );
    if (!isDone) throw new Error("two reviews of a month ran at the same time");
    return next;
  };

  return {
    find,
    isDueOrGone: async (patient, country) => {
      const [key] = await table.get([patientKeyPlace(patient)]);
      return (
        (key !== undefined && asKey(key).shredded !== undefined) ||
        (await isDue(patient, country))
      );
    },
    listed: async (id) =>
      (
        await allOf(table, {
          pk: disposalOf(id).pk,
          prefix: disposalPart(id).sk,
        })
      ).flatMap(({ patients }) => z.array(z.string()).parse(patients)),
    review: async (id, country, isFull) => {
      let review: Review = (await find(id)) ?? {
        id,
        version: 0,
        status: "listing",
        count: 0,
        parts: 0,
        shard: 0,
      };
      while (review.status === "listing" && !isFull())
        review = await step(review, country);
      return review;
    },
  };
};
