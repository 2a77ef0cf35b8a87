import { readFileSync } from "node:fs";
import { parseArgs } from "node:util";
import { withIsoTimestamps } from "./history.ts";
import { mocks, type MockConfig } from "./mocks.ts";
import { simulatePreVisit } from "./pre-visit.ts";
import { runStateMachine } from "./run.ts";

const usage = `npm run simulate -- pre-visit [--patient <name>]
node simulator/cli.ts run <definition.json> [--input <file or JSON>] [--mocks <file>] [--case <test case>] [--start <ISO time>] [--history]`;

const textOf = (fileOrJson: string): string =>
  /^\s*[[{"\d-]|^(null|true|false)$/.test(fileOrJson)
    ? fileOrJson
    : readFileSync(fileOrJson, "utf8");

/** Plays one execution of any state machine on a virtual clock and prints how it ended. */
const run = async (args: string[]) => {
  const { values, positionals } = parseArgs({
    args,
    allowPositionals: true,
    options: {
      input: { type: "string", default: "{}" },
      mocks: { type: "string" },
      case: { type: "string" },
      start: { type: "string" },
      history: { type: "boolean", default: false },
    },
  });
  const [file] = positionals;
  if (!file) throw new Error(usage);
  const { status, output, error, cause, history } = await runStateMachine(
    readFileSync(file, "utf8"),
    JSON.parse(textOf(values.input)),
    {
      ...(values.start && { startTime: values.start }),
      ...(values.mocks && {
        mock: mocks(
          JSON.parse(readFileSync(values.mocks, "utf8")) as MockConfig,
          values.case,
        ),
      }),
    },
  );
  const events = values.history
    ? { events: history.map(withIsoTimestamps) }
    : {};
  console.log(
    JSON.stringify(
      {
        status,
        ...(output !== undefined && { output: JSON.parse(output) as unknown }),
        error,
        cause,
        ...events,
      },
      null,
      2,
    ),
  );
  if (status !== "SUCCEEDED") process.exitCode = 1;
};

const modes: Record<string, (args: string[]) => Promise<void>> = {
  run,
  "pre-visit": async (args) => console.log(await simulatePreVisit(args)),
};

const [mode = "", ...args] = process.argv.slice(2);
try {
  const chosen = modes[mode];
  if (!chosen) throw new Error(usage);
  await chosen(args);
} catch (error) {
  console.error((error as Error).message);
  process.exitCode = 2;
}
