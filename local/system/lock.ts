import { existsSync, readFileSync, rmSync } from "node:fs";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { stopGroup } from "./children.ts";
import { Problem } from "./problem.ts";

interface Run {
  readonly pid: number;
  /** Process group of the emulator. */
  readonly emulator?: number;
}

export interface Lock {
  readonly holds: (emulator: number) => Promise<void>;
  readonly release: () => void;
}

/**
 * One run at a time per directory. What a run that crashed has left behind is stopped; a run that is alive is a Problem.
 */
export const lock = async (directory: string): Promise<Lock> => {
  const file = join(directory, "run.json");
  const earlier = existsSync(file) ? read(file) : undefined;
  if (earlier && earlier.pid !== process.pid && runs(earlier.pid, "start.ts"))
    throw new Problem(
      `npm start is already running here (process ${earlier.pid}): stop it with Ctrl-C in its terminal, or \`kill ${earlier.pid}\`.`,
    );
  if (earlier?.emulator !== undefined && runs(earlier.emulator, "emulator.py"))
    await stopGroup(earlier.emulator);
  const write = (run: Run) => writeFile(file, JSON.stringify(run));
  await write({ pid: process.pid });
  return {
    holds: (emulator) => write({ pid: process.pid, emulator }),
    release: () => rmSync(file, { force: true }),
  };
};

const read = (file: string): Run | undefined => {
  try {
    return JSON.parse(readFileSync(file, "utf8")) as Run;
  } catch {
    return undefined;
  }
};

/** Whether the process is alive and still the program it was; numbers of processes are used again. */
const runs = (pid: number, program: string): boolean => {
  try {
    process.kill(pid, 0);
  } catch {
    return false;
  }
  const commandLine = `/proc/${pid}/cmdline`;
  return (
    !existsSync(commandLine) ||
    readFileSync(commandLine, "utf8").includes(program)
  );
};
