import { staffTask, taskSystem } from "../core/staff-task.ts";
import type { Work } from "../store/records.ts";

/** The id of the Task by which staff are asked about this step of an execution; the same step asks once. */
export const raiseOnce = async (
  work: Work,
  value: string,
  asked: Omit<Parameters<typeof staffTask>[0], "identifier">,
): Promise<string> => {
  const [existing] = await work.byIdentifier("Task", taskSystem, value);
  if (existing !== undefined) return existing.id;
  const created = await work.create(
    staffTask({ ...asked, identifier: { system: taskSystem, value } }),
  );
  return created.id;
};
