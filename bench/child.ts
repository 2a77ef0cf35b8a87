import { fork } from "node:child_process";

export interface Options {
  readonly quick: boolean;
}

/** What deployed functions find in their environment. */
const environment = {
  POWERTOOLS_SERVICE_NAME: "bench",
  POWERTOOLS_METRICS_NAMESPACE: "Sojourn",
  POWERTOOLS_LOG_LEVEL: "INFO",
  AWS_REGION: "us-east-1",
  AWS_ACCESS_KEY_ID: "local",
  AWS_SECRET_ACCESS_KEY: "local",
};

/** Runs one measurement (`import.meta.resolve`) in a process of its own, whose log goes nowhere, and answers what it found. */
export const measured = <Result>(
  file: string,
  asked: Options,
): Promise<Result> =>
  new Promise((resolve, reject) => {
    const child = fork(new URL(file), [], {
      // A hundred thousand patients in memory.
      execArgv: [...process.execArgv, "--max-old-space-size=8192"],
      stdio: ["ignore", "ignore", "inherit", "ipc"],
      env: { ...process.env, ...environment },
    });
    let found: { readonly result: Result } | undefined;
    child.once("message", (message) => {
      found = message as { result: Result };
    });
    child.once("exit", (code) => {
      if (code === 0 && found !== undefined) resolve(found.result);
      else reject(new Error(`${file} ended with ${String(code)}`));
    });
    child.send(asked);
  });

/** The other side of `measured`. */
export const answerWith = <Result>(
  measure: (asked: Options) => Promise<Result>,
): void => {
  process.once("message", (asked) => {
    measure(asked as Options)
      .then((result) =>
        process.send?.({ result }, undefined, undefined, () =>
          process.disconnect(),
        ),
      )
      .catch((error: unknown) => {
        console.error(error);
        process.exit(1);
      });
  });
};
