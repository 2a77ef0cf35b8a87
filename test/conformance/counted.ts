import type { TestContext } from "vitest";

/** One row of a table that is printed when the run has ended. */
export interface Row {
  readonly table: string;
  readonly row: string;
  readonly counts: Readonly<Record<string, number>>;
}

declare module "vitest" {
  interface TaskMeta {
    rows?: readonly Row[];
    notes?: readonly string[];
  }
}

export const counted = (
  { task }: Pick<TestContext, "task">,
  ...rows: readonly Row[]
): void => {
  task.meta.rows = [...(task.meta.rows ?? []), ...rows];
};

/** A line below the tables. */
export const noted = (
  { task }: Pick<TestContext, "task">,
  ...notes: readonly string[]
): void => {
  task.meta.notes = [...(task.meta.notes ?? []), ...notes];
};
