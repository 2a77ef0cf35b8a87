import { start } from "../../functions/resources/moves.ts";
import { codes, fenced } from "./markdown.ts";

type Moves = Readonly<Record<string, readonly string[]>>;

const mistake = "entered-in-error";
const nameOf = (status: string): string =>
  status === start ? start : status.replaceAll("-", "_");

/** A table of status moves as a chart; the way out for mistakes, open from nearly everywhere, is a sentence beside it. */
export const stateDiagram = (moves: Moves): string => {
  const statuses = [...new Set([...Object.keys(moves), ...moved(moves)])];
  const lines = [
    "stateDiagram-v2",
    ...statuses
      .filter((status) => status.includes("-") && status !== mistake)
      .map((status) => `  state "${status}" as ${nameOf(status)}`),
    ...Object.entries(moves).flatMap(([from, targets]) =>
      targets
        .filter((to) => to !== mistake)
        .map((to) => `  ${nameOf(from)} --> ${nameOf(to)}`),
    ),
  ];
  return [fenced("mermaid", lines.join("\n")), correction(moves)]
    .filter((part) => part !== "")
    .join("\n\n");
};

const correction = (moves: Moves): string => {
  const from = Object.entries(moves)
    .filter(([, targets]) => targets.includes(mistake))
    .map(([status]) => status);
  return from.length === 0
    ? ""
    : `May become \`${mistake}\`, which is final: ${codes(from)}.`;
};

const moved = (moves: Moves): readonly string[] => Object.values(moves).flat();
