import type { Decide, Question } from "../core/permission.ts";
import type { Policies } from "./cedar.ts";

const remembered = 5_000;

/**
 * Permission by the policies: `base.cedar` and the packs of the organization's jurisdictions for people and systems that
 * call, `tasks.cedar` and the packs for our own code. What any of them forbids is forbidden; what none permits, too. Cedar
 * is loaded with the first question; an answer is remembered, because it depends on nothing but the question.
 */
export const createPolicies = (
  jurisdictions: readonly string[],
  more?: Policies,
): Decide => {
  const sets = new Map<
    string,
    Promise<(question: Question) => string | undefined>
  >();
  const answers = new Map<string, string | undefined>();

  const load = async (base: string) => {
    const [{ cedar, policiesIn }, { policyFile }] = await Promise.all([
      import("./cedar.ts"),
      import("./files.ts"),
    ]);
    return cedar(
      new Map(
        [base, ...jurisdictions]
          .flatMap((name) => [...policiesIn(policyFile(`${name}.cedar`))])
          .concat([...(more ?? [])]),
      ),
    );
  };

  return async (question) => {
    const name = JSON.stringify(question);
    if (answers.has(name)) return answers.get(name);
    const base = question.principal.kind === "System" ? "tasks" : "base";
    const known = sets.get(base) ?? load(base);
    sets.set(base, known);
    const answer = (await known)(question);
    if (answers.size >= remembered)
      answers.delete(answers.keys().next().value ?? "");
    answers.set(name, answer);
    return answer;
  };
};
