import type { Cell } from "./matrix-run.ts";

const columns = [
  "requests",
  "allowed",
  "hidden",
  "refused",
  "at the gate",
  "facts",
  "wrong",
] as const;

/** Counts by kind of caller, as text. */
export const tableOf = (
  cells: readonly (Cell & { readonly faults: readonly string[] })[],
  facts: ReadonlyMap<string, unknown>,
): string => {
  const counts = new Map<string, Record<(typeof columns)[number], number>>();
  for (const { caller, wanted, answer, faults } of cells) {
    const row = counts.get(caller.name) ?? {
      ...{ requests: 0, allowed: 0, hidden: 0, refused: 0 },
      ...{ "at the gate": 0, facts: 0, wrong: 0 },
    };
    counts.set(caller.name, row);
    const isRefused = answer.status === 401 || answer.status === 403;
    row.requests += 1;
    if (!isRefused) row[wanted === "hidden" ? "hidden" : "allowed"] += 1;
    else if (answer.requestId === undefined) row["at the gate"] += 1;
    else row.refused += 1;
    if (isRefused && facts.has(answer.requestId ?? "")) row.facts += 1;
    if (faults.length > 0) row.wrong += 1;
  }
  const rows = [...counts];
  const all = [
    ...rows,
    [
      "all",
      Object.fromEntries(
        columns.map((column) => [
          column,
          rows.reduce((sum, [, row]) => sum + row[column], 0),
        ]),
      ) as Record<(typeof columns)[number], number>,
    ] as const,
  ];
  const width = Math.max(...all.map(([name]) => name.length));
  const line = (name: string, cellsOf: readonly string[]): string =>
    `  ${name.padEnd(width)}${cellsOf.map((cell, index) => `  ${cell.padStart(Math.max(7, columns[index]?.length ?? 0))}`).join("")}`;
  return [
    line("", columns),
    ...all.map(([name, row]) =>
      line(
        name,
        columns.map((column) => String(row[column])),
      ),
    ),
  ].join("\n");
};
