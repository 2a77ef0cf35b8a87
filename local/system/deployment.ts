import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { run } from "./children.ts";
import { Problem } from "./problem.ts";

const root = join(import.meta.dirname, "..", "..");

/** What the emulator takes for an account's credentials: the account number is the key. */
const emulatorEnvironment = (url: string): Record<string, string> => ({
  AWS_ENDPOINT_URL: url,
  AWS_ACCESS_KEY_ID: "000000000000",
  AWS_SECRET_ACCESS_KEY: "local",
  AWS_REGION: "us-east-1",
});

const cdk = async (
  args: readonly string[],
  { env, logFile }: { env: NodeJS.ProcessEnv; logFile: string },
): Promise<void> => {
  const { status, output } = await run({
    command: process.execPath,
    args: [
      join(root, "node_modules", "aws-cdk", "bin", "cdk"),
      ...args,
      "--no-notices",
    ],
    cwd: root,
    env,
    logFile,
  });
  if (status !== 0)
    throw new Problem(
      `cdk ${args[0] ?? ""} failed; all it said is in ${logFile}:\n${output.trim().split("\n").slice(-12).join("\n")}`,
    );
};

export interface DeployOptions {
  readonly url: string;
  /** For the assembly, the outputs and the logs. */
  readonly directory: string;
}

/** Synthesizes into `directory`/cdk.out, every check included. */
export const synthesize = ({
  directory,
}: Pick<DeployOptions, "directory">): Promise<void> =>
  cdk(["synth", "**", "--quiet", "--output", join(directory, "cdk.out")], {
    env: process.env,
    logFile: join(directory, "synth.log"),
  });

export const bootstrap = ({ url, directory }: DeployOptions): Promise<void> =>
  cdk(["bootstrap", "aws://000000000000/us-east-1", "--app", ""], {
    env: { ...process.env, ...emulatorEnvironment(url) },
    logFile: join(directory, "bootstrap.log"),
  });

/** Deploys a synthesized stage into a bootstrapped emulator; the outputs of its stacks, by stack name. */
export const deploy = async (
  stage: string,
  { url, directory }: DeployOptions,
): Promise<Readonly<Record<string, Outputs>>> => {
  const outputs = join(directory, "outputs.json");
  await cdk(
    [
      ...[
        "deploy",
        `${stage}/*`,
        "--app",
        join(directory, "cdk.out"),
        "--outputs-file",
        outputs,
      ],
      ...[
        "--concurrency",
        "6",
        "--method",
        "direct",
        "--require-approval",
        "never",
      ],
    ],
    {
      env: { ...process.env, ...emulatorEnvironment(url) },
      logFile: join(directory, "deploy.log"),
    },
  );
  return JSON.parse(await readFile(outputs, "utf8")) as Record<string, Outputs>;
};

type Outputs = Readonly<Record<string, string>>;
