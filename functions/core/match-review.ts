import type { Task } from "@medplum/fhirtypes";
import type { Match } from "./match.ts";
import { staffTask } from "./staff-task.ts";

const duplicateSystem = "urn:sojourn:duplicate";

/** Two records that may be of one person. The review is filed with the newer one. */
export interface Pair {
  readonly older: string;
  readonly newer: string;
  readonly match: Match;
}

/** Ids begin with the time of creation. */
export const pairOf = (one: string, other: string, match: Match): Pair => {
  const [older = "", newer = ""] = [one, other].sort();
  return { older, newer, match };
};

/**
 * The Task to have people compare the two, or undefined when they are asked already, or decided it before and nothing new
 * agrees. `tasks` are those of the newer patient. Nothing of the patients' values is in it.
 */
export const reviewOf = (
  pair: Pair,
  tasks: readonly Task[],
  at: string,
): Task | undefined => {
  const { older, newer, match } = pair;
  const reviews = tasks.filter(
    (task) =>
      numberOf(task, pair) !== undefined &&
      task.focus?.reference === `Patient/${older}`,
  );
  if (reviews.some(({ status }) => !closed.has(status))) return undefined;
  const seen = reviews.flatMap(evidenceIn);
  const isNew = evidenceOf(match).some(
    (mark) => !seen.includes(mark) && !seen.includes(mark.replace("~", "")),
  );
  if (!isNew) return undefined;
  const last = Math.max(0, ...reviews.map((task) => numberOf(task, pair) ?? 0));
  return staffTask({
    reason: "duplicate",
    identifier: {
      system: duplicateSystem,
      value: `${older}.${newer}.${String(last + 1)}`,
    },
    authoredOn: at,
    patientId: newer,
    focus: `Patient/${older}`,
    input: [
      { name: "grade", text: match.grade },
      { name: "rule", text: match.rule ?? "" },
      { name: evidence, text: evidenceOf(match).join(" ") },
      ...(match.disagreed.length > 0
        ? [{ name: "disagreed", text: match.disagreed.join(" ") }]
        : []),
    ],
  });
};

const closed: ReadonlySet<Task["status"]> = new Set([
  "completed",
  "cancelled",
  "failed",
  "rejected",
  "entered-in-error",
]);

const numberOf = (
  { identifier = [] }: Task,
  { older, newer }: Pair,
): number | undefined => {
  const prefix = `${older}.${newer}.`;
  const own = identifier.find(
    ({ system, value }) =>
      system === duplicateSystem && value?.startsWith(prefix),
  );
  return own?.value === undefined
    ? undefined
    : Number(own.value.slice(prefix.length));
};

const evidence = "agreed";

/** Names of the fields that speak for one person; `~`: alike only. */
const evidenceOf = ({ agreed, fuzzy }: Match): readonly string[] => [
  ...agreed,
  ...fuzzy.map((field) => `${field}~`),
];

const evidenceIn = ({ input = [] }: Task): readonly string[] =>
  input.flatMap(({ type, valueString = "" }) =>
    type.text === evidence ? valueString.split(" ") : [],
  );
