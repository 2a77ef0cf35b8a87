import type { Reporter } from "vitest/node";
import type { Row } from "./counted.ts";

/** Prints what the tests counted, as tables, when all have ended. */
export const report: Reporter = {
  onTestRunEnd: (modules) => {
    const metas = modules.flatMap(({ children }) =>
      [...children.allTests()].map((test) => test.meta()),
    );
    const rows = metas.flatMap((meta) => meta.rows ?? []);
    for (const name of new Set(rows.map(({ table }) => table)))
      show(
        `\n${name}\n${tableOf(merged(rows.filter(({ table }) => table === name))).join("\n")}`,
      );
    const notes = metas.flatMap((meta) => meta.notes ?? []);
    if (notes.length > 0) show(`\n${notes.join("\n")}`);
    show("");
  },
};

const show = (text: string): void => {
  process.stdout.write(`${text}\n`);
};

/** Rows of one name added up. */
const merged = (rows: readonly Row[]): readonly Row[] => {
  const byName = new Map<string, Row>();
  for (const each of rows) {
    const { counts = {} } = byName.get(each.row) ?? {};
    const sums = Object.entries(each.counts).map(
      ([name, count]) => [name, (counts[name] ?? 0) + count] as const,
    );
    byName.set(each.row, {
      ...each,
      counts: { ...counts, ...Object.fromEntries(sums) },
    });
  }
  return [...byName.values()];
};

const tableOf = (rows: readonly Row[]): readonly string[] => {
  const columns = [
    ...new Set(rows.flatMap(({ counts }) => Object.keys(counts))),
  ];
  const total: Row = {
    table: "",
    row: "all",
    counts: Object.fromEntries(
      columns.map((column) => [
        column,
        rows.reduce((sum, { counts }) => sum + (counts[column] ?? 0), 0),
      ]),
    ),
  };
  const first = Math.max(...rows.map(({ row }) => row.length), 3);
  const line = (name: string, cells: readonly string[]): string =>
    `  ${name.padEnd(first)}${cells.map((cell, index) => `  ${cell.padStart(columns[index]?.length ?? 0)}`).join("")}`;
  return [
    line("", columns),
    ...[...rows, ...(rows.length > 1 ? [total] : [])].map(({ row, counts }) =>
      line(
        row,
        columns.map((column) =>
          counts[column] === undefined ? "" : String(counts[column]),
        ),
      ),
    ),
  ];
};
