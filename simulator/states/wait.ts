import type { WaitState } from "../definition.ts";
import { sleepUntil } from "../fiber.ts";
import { limits } from "../limits.ts";
import { instant } from "../timestamp.ts";
import { EvaluationFailure } from "../template.ts";
import {
  count,
  surroundings,
  typed,
  type Completion,
  type Visit,
} from "./visit.ts";

const due = async (visit: Visit<WaitState>): Promise<number> => {
  const { seconds, timestamp } = visit.state;
  const against = surroundings(visit);
  if (!timestamp)
    return (
      visit.host.clock.now() +
      ((await count(seconds, against, {
        name: "Seconds",
        most: limits.seconds,
      })) ?? 0) *
        1000
    );
  const text = (await typed(timestamp, against, {
    name: "Timestamp",
    types: ["string"],
  })) as string;
  const time = instant(text);
  if (time !== undefined) return time;
  throw new EvaluationFailure(
    "Timestamp",
    `The Timestamp parameter does not reference a valid ISO-8601 extended offset date-time format string: ${text}`,
  );
};

export const wait = async (visit: Visit<WaitState>): Promise<Completion> => {
  await sleepUntil(visit.host.clock, visit.line, await due(visit));
  return { ending: visit.state };
};
