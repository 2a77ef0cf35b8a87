import { execFile } from "node:child_process";
import { pathToFileURL } from "node:url";
import { promisify } from "node:util";

const run = promisify(execFile);

const script = `const used = process.cpuUsage();
const started = performance.now();
await import(process.argv[1]);
const { user, system } = process.cpuUsage(used);
process.stdout.write(JSON.stringify({ wall: performance.now() - started, processor: (user + system) / 1000 }));
process.exit(0);`;

export interface ImportTime {
  readonly wall: number;
  readonly processor: number;
}

/** Milliseconds that a fresh Node process takes to import a module. */
export const importTime = async (file: string): Promise<ImportTime> => {
  const { stdout } = await run(
    process.execPath,
    ["--input-type=module", "-e", script, pathToFileURL(file).href],
    { env: { AWS_REGION: "us-east-1", NODE_DISABLE_COMPILE_CACHE: "1" } },
  );
  return JSON.parse(stdout) as ImportTime;
};
