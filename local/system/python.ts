import { createHash } from "node:crypto";
import { existsSync } from "node:fs";
import { readFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { run } from "./children.ts";
import { Problem } from "./problem.ts";

const requirements = join(import.meta.dirname, "..", "requirements.txt");
const candidates = [
  "python3",
  "python3.14",
  "python3.13",
  "python3.12",
  "python3.11",
  "python3.10",
  "python",
];

/** The Python of the machine's own that is new enough. Throws a Problem that says what to install. */
const findPython = async (): Promise<string> => {
  for (const command of candidates) {
    const { status } = await run({
      command,
      args: [
        "-c",
        "import sys; sys.exit(0 if sys.version_info >= (3, 10) else 1)",
      ],
      env: process.env,
    }).catch(() => ({ status: 1 }));
    if (status === 0) return command;
  }
  throw new Problem(
    "The emulator needs Python 3.10 or newer: install it with `apt-get install python3 python3-venv` or `brew install python`.",
  );
};

/**
 * The Python of a virtual environment under `directory` that holds the pinned emulator; made once, and anew when the pins
 * change.
 */
export const emulatorPython = async (directory: string): Promise<string> => {
  const environment = join(directory, "python");
  const python = join(environment, "bin", "python");
  const mark = join(environment, "installed");
  const wanted = createHash("sha256")
    .update(await readFile(requirements))
    .digest("hex");
  if (existsSync(mark) && (await readFile(mark, "utf8")) === wanted)
    return python;

  const machine = await findPython();
  await rm(environment, { recursive: true, force: true });
  await create(machine, environment);
  const { status, output } = await run({
    command: python,
    args: [
      "-m",
      "pip",
      "install",
      "--quiet",
      "--disable-pip-version-check",
      "--no-deps",
      "-r",
      requirements,
    ],
    env: process.env,
  });
  if (status !== 0)
    throw new Problem(
      `The emulator could not be installed from the Python package index: ${output.trim().split("\n").at(-1) ?? ""}`,
    );
  await writeFile(mark, wanted);
  return python;
};

const create = async (machine: string, environment: string): Promise<void> => {
  for (const args of [
    ["-m", "venv", environment],
    ["-m", "virtualenv", environment],
  ]) {
    const { status } = await run({ command: machine, args, env: process.env });
    if (status === 0) return;
  }
  throw new Problem(
    "Python cannot make virtual environments here: install the missing part with `apt-get install python3-venv`.",
  );
};
