import { mkdir, rm, writeFile } from "node:fs/promises";
import { delimiter, dirname, join } from "node:path";
import { setTimeout as wait } from "node:timers/promises";
import { type Daemon, launch } from "./children.ts";
import { Problem } from "./problem.ts";

export interface EmulatorOptions {
  readonly python: string;
  readonly port: number;
  /** For logs and temporary files. */
  readonly directory: string;
  readonly handset: string;
  readonly stepFunctions: string;
}

export interface Emulator {
  readonly url: string;
  readonly pid: number;
  readonly stop: () => Promise<void>;
}

const launcher = join(import.meta.dirname, "..", "emulator.py");

/** Starts the emulator, fresh, and waits until it answers. */
export const startEmulator = async ({
  python,
  port,
  directory,
  handset,
  stepFunctions,
}: EmulatorOptions): Promise<Emulator> => {
  const temporary = join(directory, "tmp");
  // What the functions of earlier runs were unpacked to is gigabytes.
  await rm(temporary, { recursive: true, force: true });
  await mkdir(temporary, { recursive: true });
  // The emulator's own scripts lie here and are CommonJS, whatever the package around them is.
  await writeFile(
    join(temporary, "package.json"),
    JSON.stringify({ type: "commonjs" }),
  );
  const logFile = join(directory, "emulator.log");
  const daemon = launch({
    command: python,
    args: [
      ...[launcher, "--port", String(port), "--parent", String(process.pid)],
      ...["--handset", handset, "--step-functions", stepFunctions],
    ],
    // Functions inherit what is set here: nothing of the caller's, and the Node that runs this file.
    env: {
      HOME: directory,
      LANG: "C.UTF-8",
      PATH: [dirname(process.execPath), process.env.PATH].join(delimiter),
      TMPDIR: temporary,
    },
    logFile,
  });
  const url = `http://127.0.0.1:${port}`;
  await answering(url, daemon, logFile);
  return { url, pid: daemon.pid, stop: daemon.stop };
};

const answering = async (
  url: string,
  { ended, stop }: Daemon,
  logFile: string,
): Promise<void> => {
  const daemon = { over: false };
  void ended.then(() => (daemon.over = true));
  for (let attempt = 0; attempt < 1200; attempt += 1) {
    const healthy = await fetch(`${url}/_ministack/health`).then(
      ({ ok }) => ok,
      () => false,
    );
    if (healthy) return;
    if (daemon.over)
      throw new Problem(
        `The emulator ended as soon as it started: ${logFile} says why.`,
      );
    await wait(100);
  }
  await stop();
  throw new Problem(
    `The emulator does not answer at ${url}: ${logFile} says why.`,
  );
};
