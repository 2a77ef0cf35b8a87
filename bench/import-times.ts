import { execFile } from "node:child_process";
import { pathToFileURL } from "node:url";
import { promisify } from "node:util";

const run = promisify(execFile);

const script = `const started = performance.now();
await import(process.argv[1]);
process.stdout.write(String(performance.now() - started));
process.exit(0);`;

/** Milliseconds that a fresh Node process takes to import a module. */
export const importTime = async (file: string): Promise<number> => {
  const { stdout } = await run(
    process.execPath,
    ["--input-type=module", "-e", script, pathToFileURL(file).href],
    { env: { AWS_REGION: "us-east-1", NODE_DISABLE_COMPILE_CACHE: "1" } },
  );
  return Number(stdout);
};
