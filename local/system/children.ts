import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { createWriteStream } from "node:fs";
import { setTimeout as wait } from "node:timers/promises";

export interface Command {
  readonly command: string;
  readonly args: readonly string[];
  readonly env: NodeJS.ProcessEnv;
  readonly cwd?: string;
  /** Everything it prints goes here. */
  readonly logFile?: string;
}

export interface Ended {
  readonly status: number | null;
  readonly output: string;
}

/** Runs a command to its end; its output is kept, and written to `logFile` as it comes. */
export const run = async (
  command: Command,
  signal?: AbortSignal,
): Promise<Ended> => {
  const child = begin(command, signal);
  let output = "";
  for (const stream of [child.stdout, child.stderr])
    stream?.on("data", (chunk: Buffer) => (output += chunk.toString()));
  const [status] = (await once(child, "close")) as [number | null];
  return { status, output };
};

export interface Daemon {
  readonly pid: number;
  /** Resolves when it has ended, whoever ended it. */
  readonly ended: Promise<void>;
  /** SIGINT to its whole process group, SIGKILL after five seconds. */
  readonly stop: () => Promise<void>;
}

/** Starts a command that goes on until it is stopped, in a process group of its own. */
export const launch = (command: Command): Daemon => {
  const child = begin({ ...command, detached: true });
  const { pid } = child;
  if (pid === undefined)
    throw new Error(`${command.command} could not be started`);
  const ended = once(child, "exit").then(() => undefined);
  return { pid, ended, stop: () => stopGroup(pid, ended) };
};

const begin = (
  {
    command,
    args,
    env,
    cwd,
    logFile,
    detached = false,
  }: Command & { detached?: boolean },
  signal?: AbortSignal,
): ChildProcess => {
  const child = spawn(command, args, {
    env,
    detached,
    stdio: ["ignore", "pipe", "pipe"],
    ...(cwd !== undefined && { cwd }),
    ...(signal && { signal }),
  });
  if (logFile !== undefined) {
    const log = createWriteStream(logFile);
    child.stdout.on("data", (chunk) => log.write(chunk));
    child.stderr.on("data", (chunk) => log.write(chunk));
    child.once("close", () => log.end());
  }
  return child;
};

/** Also for a group that an earlier run left behind. */
export const stopGroup = async (
  pid: number,
  ended: Promise<unknown> = wait(1_000),
): Promise<void> => {
  signalGroup(pid, "SIGINT");
  const graceful = await Promise.race([
    ended.then(() => true),
    wait(5_000, false, { ref: false }),
  ]);
  // Its workers may outlive it.
  signalGroup(pid, "SIGKILL");
  if (!graceful)
    await Promise.race([ended, wait(2_000, undefined, { ref: false })]);
};

const signalGroup = (pid: number, signal: NodeJS.Signals): void => {
  try {
    process.kill(-pid, signal);
  } catch {
    // The group has ended.
  }
};
