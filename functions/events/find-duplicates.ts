import type { Patient, Task } from "@medplum/fhirtypes";
import * as z from "zod";
import type { Context } from "../core/caller.ts";
import { Fault } from "../core/fault.ts";
import { matchTerms, type MatchTerms } from "../core/match-identity.ts";
import { pairOf, reviewOf, type Pair } from "../core/match-review.ts";
import type { Deps } from "../runtime/dependencies.ts";
import { event } from "../runtime/event.ts";
import { live } from "../runtime/live.ts";
import { findMatches } from "../store/match-candidates.ts";
import type { Stored, Work } from "../store/records.ts";

const PatientChange = z.object({
  detail: z.object({
    fact: z.string(),
    type: z.literal("Patient"),
    id: z.string(),
  }),
});

/** A record of junk resembles many others; people are asked about the likeliest. */
const mostReviews = 5;

/**
 * Has people compare a new or changed patient with those of the record who are certainly or probably the same person.
 * Nothing is merged here. The event says only where to look, so late and repeated events do no harm.
 */
export const findDuplicates = ({
  records,
  organization,
  now,
  log,
}: Pick<Deps, "records" | "organization" | "now" | "log">) => {
  const terms = matchTerms(organization);
  return event(PatientChange, async ({ detail: { fact, id } }) => {
    const context: Context = {
      by: { kind: "system", id: "find-duplicates" },
      purpose: "HOPERAT",
      requestId: fact,
    };
    const pairs = await records.change(context, (work) =>
      pairsOf(work, id, terms),
    );
    for (const pair of pairs) {
      const task = await records
        .change(context, (work) => review(work, pair, now().toISOString()))
        .catch(unlessMade);
      if (task !== undefined)
        log("DuplicateSuspected", {
          id: task.id,
          patient: pair.newer,
          reason: pair.match.grade,
        });
    }
  });
};

const pairsOf = async (
  work: Work,
  id: string,
  terms: MatchTerms,
): Promise<readonly Pair[]> => {
  const patient = await work.read("Patient", id);
  if (patient === undefined || !isInUse(patient)) return [];
  const { found } = await findMatches(work, patient, {
    terms,
    isSelf: true,
  });
  return found
    .filter(
      ({ match, patient: other }) =>
        match.grade !== "possible" &&
        isInUse(other) &&
        !isLinked(patient, other),
    )
    .slice(0, mostReviews)
    .map(({ match, patient: other }) => pairOf(id, other.id, match));
};

const isInUse = ({ active, link = [] }: Patient): boolean =>
  active !== false && !link.some(({ type }) => type === "replaced-by");

/** The two are known to be one person, in two records. */
const isLinked = (one: Stored<Patient>, other: Stored<Patient>): boolean =>
  [
    [one, other],
    [other, one],
  ].some(([from, to]) =>
    from?.link?.some(
      ({ other: target }) => target.reference === `Patient/${to?.id ?? ""}`,
    ),
  );

const review = async (
  work: Work,
  pair: Pair,
  at: string,
): Promise<Stored<Task> | undefined> => {
  const tasks = await work.ofPatient("Task", pair.newer);
  const task = reviewOf(pair, tasks, at);
  return task === undefined ? undefined : work.create(task);
};

/** The event of the other record of the pair came at the same time. */
const unlessMade = (error: unknown): undefined => {
  if (!(error instanceof Fault && error.name === "DuplicateIdentifier"))
    throw error;
};

export const handler = live(findDuplicates);
