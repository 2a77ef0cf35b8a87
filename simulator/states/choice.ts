import type { ChoiceState } from "../definition.ts";
import { RuntimeFailure } from "../errors.ts";
import {
  attributed,
  surroundings,
  typed,
  type Completion,
  type Visit,
} from "./visit.ts";

export const choice = async (
  visit: Visit<ChoiceState>,
): Promise<Completion> => {
  const against = surroundings(visit);
  for (const [i, rule] of visit.state.rules.entries()) {
    if (
      await typed(rule.condition, against, {
        name: `Choices[${i}]/Condition`,
        types: ["boolean"],
      })
    )
      return { ending: rule };
  }
  if (visit.state.next === undefined) {
    // What AWS answers with; the specification's States.NoChoiceMatched has not been seen there.
    throw new RuntimeFailure(
      attributed(
        visit,
        "Failed to transition out of the state. The state does not point to a next state.",
      ),
    );
  }
  return { ending: visit.state };
};
