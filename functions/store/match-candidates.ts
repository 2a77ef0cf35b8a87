import type { Patient } from "@medplum/fhirtypes";
import { matchIdentities, surer, type Match } from "../core/match.ts";
import {
  identityOf,
  type Identity,
  type MatchTerms,
} from "../core/match-identity.ts";
import { lookUpsOf, namesOf, type LookUp } from "../core/match-look-ups.ts";
import { localReference, type Stored, type Work } from "./records.ts";

export interface Matched {
  readonly patient: Stored<Patient>;
  readonly match: Match;
  /** It is a record merged into this patient's that matched. */
  readonly isMerged: boolean;
}

export interface Matches {
  /** The surest first; none of grade `none`. */
  readonly found: readonly Matched[];
  /** Whether all candidates were compared; too many share a value otherwise. */
  readonly isComplete: boolean;
  /** False when nothing is known of the patient by which to look for others. */
  readonly isFindable: boolean;
}

/** With their patients' keys, so many are read by one BatchGetItem. */
const mostCandidates = 50;
/** Of a name that more patients have, none is likelier than the others. */
const mostNamed = 20;

interface MatchOptions {
  readonly terms: MatchTerms;
  readonly certainOnly?: boolean;
  /** The patient is one of the record, who is not to be found. */
  readonly isSelf?: boolean;
}

/**
 * Patients who may be the same person as this one. Candidates come from the index alone. Names are looked up only where the
 * narrower look-ups find nobody probable: certain matches (`certainOnly`) never need them.
 */
export const findMatches = async (
  work: Work,
  patient: Patient,
  { terms, certainOnly = false, isSelf = false }: MatchOptions,
): Promise<Matches> => {
  const identity = identityOf(patient, terms);
  const compare = async (ids: readonly string[]): Promise<readonly Matched[]> =>
    (await compared(work, identity, ids, terms)).filter(
      (one) => !isSelf || one.patient.id !== patient.id,
    );
  const lookUps = lookUpsOf(patient, identity);
  const names = namesOf(identity);
  const isFindable = lookUps.length > 0 || names.length > 0;
  const narrow = within(
    await Promise.all(lookUps.map((one) => lookedUp(work, one))),
    mostCandidates,
  );
  const found = await compare(narrow.ids);
  const isEnough =
    certainOnly || found.some(({ match: { grade } }) => grade !== "possible");
  if (isEnough) return { found, isComplete: narrow.isComplete, isFindable };
  const wide = within(
    await Promise.all(names.map((pair) => inBoth(work, pair))),
    mostNamed,
  );
  return {
    found: await compare([...new Set([...narrow.ids, ...wide.ids])]),
    isComplete: narrow.isComplete && wide.isComplete,
    isFindable,
  };
};

const inBoth = async (
  work: Work,
  [one, other]: readonly [LookUp, LookUp],
): Promise<readonly string[]> => {
  const [some, others] = await Promise.all([
    lookedUp(work, one),
    lookedUp(work, other),
  ]);
  const both = new Set(others);
  return some.filter((id) => both.has(id));
};

const lookedUp = (
  work: Work,
  { list, key }: LookUp,
): Promise<readonly string[]> => work.lookUp("Patient", list, key);

/**
 * At most so many of those listed, who stands in most lists first. Of a list that is longer (a shelter's phone) only who
 * stands in another one too.
 */
const within = (
  lists: readonly (readonly string[])[],
  limit: number,
): { readonly ids: readonly string[]; readonly isComplete: boolean } => {
  const times = new Map<string, number>();
  for (const id of lists.flat()) times.set(id, (times.get(id) ?? 0) + 1);
  const short = new Set(lists.filter(({ length }) => length <= limit).flat());
  const ids = [...times]
    .filter(([id, count]) => short.has(id) || count > 1)
    .toSorted(([, one], [, other]) => other - one)
    .map(([id]) => id)
    .slice(0, limit);
  return { ids, isComplete: ids.length === times.size };
};

/** Each person once, by the best of the records that were merged into theirs. */
const compared = async (
  work: Work,
  identity: Identity,
  ids: readonly string[],
  terms: MatchTerms,
): Promise<readonly Matched[]> => {
  const best = new Map<string, Matched>();
  for (const candidate of await patientsOf(work, ids)) {
    const match = matchIdentities(identity, identityOf(candidate, terms));
    if (match.grade === "none") continue;
    const patient = await survivor(work, candidate);
    if (patient === undefined) continue;
    const known = best.get(patient.id);
    if (known === undefined || surer(match, known.match) < 0)
      best.set(patient.id, {
        patient,
        match,
        isMerged: patient.id !== candidate.id,
      });
  }
  return [...best.values()].toSorted((one, other) =>
    surer(one.match, other.match),
  );
};

const patientsOf = async (
  work: Work,
  ids: readonly string[],
): Promise<readonly Stored<Patient>[]> => {
  if (ids.length === 0) return [];
  const found = await work.compare(ids.map((id) => `Patient/${id}`));
  return found.filter(
    (one): one is Stored<Patient> => one?.resourceType === "Patient",
  );
};

const mostMerges = 10;

/** The record that this one's patient goes on under; undefined when the way there is broken. */
const survivor = async (
  work: Work,
  patient: Stored<Patient>,
): Promise<Stored<Patient> | undefined> => {
  let current = patient;
  for (let steps = 0; steps < mostMerges; steps += 1) {
    const next = localReference(
      current.link?.find(({ type }) => type === "replaced-by")?.other,
    );
    if (next === undefined) return current;
    const [found] = await work.compare([next]);
    if (found?.resourceType !== "Patient") return undefined;
    current = found;
  }
  return undefined;
};
