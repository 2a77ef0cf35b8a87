import { classNames } from "./matrix-classes.ts";
import type { Answered, Clinic } from "./matrix-clinic.ts";
import type { Line } from "./matrix-rows.ts";
import { maySee } from "./matrix-rules.ts";
import type { Cell } from "./matrix-run.ts";

/** What is kept of a refusal. */
export interface RefusalFact {
  readonly requestId: string;
  readonly policy?: string | undefined;
  /** Of refused tokens and sessions. */
  readonly what?: string | undefined;
}

/** What is wrong with an answer; nothing when all is as the rules say. */
export const faultsOf = (
  { caller, line, wanted, answer }: Cell,
  { words }: Clinic,
  facts: ReadonlyMap<string, RefusalFact>,
): readonly string[] => {
  const { status, text, requestId } = answer;
  const told = `${line.name} (${line.needs.map((need) => need.join(" ")).join(", ")}) as ${caller.name}: `;
  const faults: string[] = [];
  const seen = classNames.filter((name) =>
    words[name].some((word) => text.includes(word)),
  );
  const leaked = seen.filter(
    (name) => wanted === "refused" || !maySee(caller.who, name),
  );
  if (leaked.length > 0) faults.push(`tells of ${leaked.join(", ")}`);
  if (status >= 500) faults.push(`failed with ${String(status)}`);
  const isRefused = status === 401 || status === 403;
  if (isRefused !== (wanted === "refused"))
    faults.push(
      `is answered ${String(status)}, not ${wanted}: ${text.slice(0, 300)}`,
    );
  else if (wanted === "allowed" && !line.proof.includes(status))
    faults.push(`is answered ${String(status)}: ${text.slice(0, 300)}`);
  else if (wanted === "hidden" && ![200, 204, 404].includes(status))
    faults.push(`is answered ${String(status)}, not hidden`);
  if (wanted === "allowed" && line.shows && !seen.includes(line.shows))
    faults.push("does not tell what was asked for");
  if (isRefused && requestId !== undefined && caller.isAnonymous !== true)
    faults.push(...unexplained(answer, line, facts.get(requestId)));
  return faults.map((fault) => told + fault);
};

const unexplained = (
  { status, text }: Answered,
  { name }: Line,
  fact: RefusalFact | undefined,
): readonly string[] => {
  if (fact === undefined) return ["leaves no fact"];
  if (status === 401)
    return fact.what === undefined ? ["leaves a fact without a reason"] : [];
  const named = /\(([a-z0-9-]+)\)/.exec(text)?.[1];
  return [
    ...(named === undefined && !name.startsWith("HEAD ")
      ? [`names no policy: ${text.slice(0, 200)}`]
      : []),
    ...(fact.policy === undefined
      ? [`leaves a fact without a policy (${named ?? ""})`]
      : named !== undefined && fact.policy !== named
        ? [`names ${named}, its fact ${fact.policy}`]
        : []),
  ];
};
