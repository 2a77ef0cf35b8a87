import { spawn } from "node:child_process";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import type { Context } from "../functions/core/caller.ts";
import { ulids } from "../functions/core/ids.ts";
import {
  atBest,
  questionOf,
  type Decide,
  type Question,
} from "../functions/core/permission.ts";
import { createPolicies } from "../functions/policy/engine.ts";
import { dynamoTable } from "../functions/store/dynamo-table.ts";
import { createGate } from "../functions/store/gate.ts";
import { createPermits } from "../functions/store/permits.ts";
import { createVault } from "../functions/store/vault.ts";
import { putPolicies } from "../lib/bundle.ts";
import { demo } from "../organizations/demo.ts";
import { localKeyProvider } from "../test/record.ts";
import { builtAlone } from "./alone.ts";
import { answerWith, type Options } from "./child.ts";
import { clientOf, dynamoDbLocal, tables } from "./dynamodb.ts";
import { environments, expected, requestsWith } from "./front-desk.ts";
import { inventedPatient } from "./people.ts";
import { progress } from "./progress.ts";
import type { PermissionResult } from "./results.ts";
import { signIn } from "./sign-in.ts";
import { median } from "./statistics.ts";

const byNurse: Context = {
  by: { kind: "staff", id: "nurse-1", roles: ["nurse"], token: "bench" },
  purpose: "TREAT",
  requestId: "bench",
};

/** Questions that are all different, as policies see them. */
const different = (count: number): readonly Question[] =>
  Array.from({ length: count }, (_, index) =>
    questionOf(
      byNurse,
      "read",
      { type: "Observation", patient: "another" },
      { ...atBest, labels: [`LABEL-${String(index)}`] },
    ),
  );

/** Decisions that Cedar takes, decisions that are remembered, what permission takes of a warm read, and what it adds to a cold start. */
const measurePermission = async ({
  quick,
}: Options): Promise<PermissionResult> => {
  const rounds = quick ? 3 : 11;
  const tell = progress("permission", rounds * 2 + 1);
  // Alone on the machine: neither the database nor its keys run yet.
  const starts = await coldStarts(rounds, tell);
  const local = await dynamoDbLocal();
  const cognito = await signIn();
  try {
    const client = clientOf(local.endpoint);
    const request = requestsWith(cognito.token("nurse-1", ["nurse"]));
    const provider = localKeyProvider();
    const table = dynamoTable(client, tables.ours);
    const handler = environments(table, { provider, cognito })();
    const { id } = expected(
      await handler(request("POST", "/Patient", inventedPatient(1))),
      201,
    );
    const decide = createPolicies(demo.jurisdictions);
    const permission = await readingPermission(decide, id);
    const reads: number[] = [];
    const permissions: number[] = [];
    const asked: number[] = [];
    const remembered: number[] = [];
    for (let round = 0; round <= rounds; round += 1) {
      const questions = different(quick ? 50 : 300);
      const each = questions.length;
      const fresh = createPolicies(demo.jurisdictions);
      await fresh(questionOf(byNurse, "read", { type: "Patient" }, atBest));
      asked.push(
        1000 / (await timeEach(each, (at) => fresh(some(questions, at)))),
      );
      remembered.push(
        1000 / (await timeEach(each, (at) => fresh(some(questions, at)))),
      );
      reads.push(
        await timeEach(quick ? 20 : 100, () =>
          handler(request("GET", `/Patient/${id}`)),
        ),
      );
      permissions.push(await timeEach(2_000, permission));
      tell(rounds + 1 + round);
    }
    return {
      asked: median(asked),
      remembered: median(remembered),
      read: median(reads),
      permission: median(permissions),
      cold: median(starts),
    };
  } finally {
    cognito.stop();
    await local.stop();
  }
};

const coldStarts = async (
  rounds: number,
  tell: (done: number) => void,
): Promise<readonly number[]> => {
  const directory = await mkdtemp(join(tmpdir(), "sojourn-bench-"));
  try {
    const { file } = await builtAlone(engine, join(directory, "engine"));
    putPolicies(join(directory, "engine", "chunks"));
    const starts: number[] = [];
    for (let round = 0; round <= rounds; round += 1) {
      const time = await coldStart(file);
      // The first fills the file system's cache.
      if (round > 0) starts.push(time);
      tell(round);
    }
    return starts;
  } finally {
    await rm(directory, { recursive: true });
  }
};

/** All that a read of a patient asks of the policies. */
const readingPermission = async (
  decide: Decide,
  id: string,
): Promise<() => Promise<void>> => {
  const now = (): Date => new Date();
  const nothing = () => Promise.resolve([]);
  const table = {
    get: nothing,
    query: () => Promise.resolve({ items: [] }),
    commit: () => Promise.resolve(),
    append: () => Promise.resolve(),
  };
  const store = {
    table,
    vault: createVault(table, localKeyProvider()),
    now,
    newId: ulids(Date.now),
    decide,
    states: [],
    zone: "UTC",
    unique: new Set<string>(),
    country: "US" as const,
    keyItems: new Map(),
  };
  const gate = createGate(store);
  const key = { pk: `PATIENT#${id}`, sk: "KEY", v: 1 };
  const meta = { versionId: "1", lastUpdated: now().toISOString() };
  const patient = { ...inventedPatient(1), id, meta };
  const run = async (): Promise<void> => {
    const permits = createPermits(store, byNurse, {
      samePerson: (one) => Promise.resolve([one]),
      keyItem: () => key,
    });
    await gate(byNurse, "read");
    await permits.permit("read", "Patient", id);
    await permits.admit("read", patient);
  };
  await run();
  return run;
};

/** Milliseconds for each of so many, one after the other. */
const timeEach = async (
  count: number,
  run: (at: number) => Promise<unknown>,
): Promise<number> => {
  const started = performance.now();
  for (let at = 0; at < count; at += 1) await run(at);
  return (performance.now() - started) / count;
};

const some = (questions: readonly Question[], at: number): Question => {
  const question = questions[at];
  if (question === undefined) throw new Error("no such question");
  return question;
};

const engine = `import { createPolicies } from "./functions/policy/engine.ts";
export const start = () => createPolicies(${JSON.stringify(demo.jurisdictions)})(${JSON.stringify(
  questionOf(byNurse, "read", { type: "Patient", patient: "another" }, atBest),
)});
`;

const script = `const { start } = await import(process.argv[1]);
const started = performance.now();
const policy = await start();
process.send({ time: performance.now() - started, policy }, () => process.exit(0));`;

/** Milliseconds from the first question in a fresh process to its answer: loading Cedar, parsing the policies, deciding. */
const coldStart = (file: string): Promise<number> =>
  new Promise((resolve, reject) => {
    const child = spawn(
      process.execPath,
      ["--input-type=module", "-e", script, pathToFileURL(file).href],
      { stdio: ["ignore", "ignore", "inherit", "ipc"] },
    );
    let time: number | undefined;
    child.once("message", (message) => {
      const answer = message as { time: number; policy?: string };
      if (answer.policy === undefined) ({ time } = answer);
    });
    child.once("exit", () => {
      if (time === undefined)
        reject(new Error("no permission in a fresh process"));
      else resolve(time);
    });
  });

answerWith(measurePermission);
