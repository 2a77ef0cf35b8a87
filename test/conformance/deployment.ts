import { existsSync } from "node:fs";
import { mkdir, readFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { stopGroup } from "../../local/system/children.ts";
import { startSystem } from "../../local/system.ts";
import { freePorts } from "../../local/system/ports.ts";
import { progress } from "../../local/system/progress.ts";
import { allLogLines, aws } from "../e2e/aws.ts";
import { fhirJson } from "./in-process.ts";
import type { Send } from "./loading.ts";
import { cache, directory } from "./places.ts";

export interface Deployment {
  /** The base of the REST API. */
  readonly api: string;
  readonly fhir: string;
  /** What went wrong in the functions so far, as they logged it. */
  readonly errors: () => Promise<readonly string[]>;
  readonly stop: () => Promise<void>;
  readonly token: () => Promise<string>;
  readonly send: Send;
}

/** Holds the process group of the emulator. */
const emulatorProcess = join(directory, "emulator.pid");

/** Ends an emulator that an interrupted run has left. */
const endLeftover = async (): Promise<void> => {
  if (existsSync(emulatorProcess))
    await stopGroup(Number(await readFile(emulatorProcess, "utf8")));
};

/** The demo organization, deployed to an emulator of its own, as its clinic's record system sees it. */
export const deploy = async (): Promise<Deployment> => {
  await mkdir(directory, { recursive: true });
  await endLeftover();
  const system = await startSystem({
    ...{ ports: await freePorts(), pace: 1, cache, directory },
    progress: progress((line) => {
      process.stdout.write(`${line}\n`);
    }),
    started: (pid) => writeFile(emulatorProcess, String(pid)),
  });
  const { api, fhir } = system.urls;
  const token = () => system.accounts.clinic("ehr");
  const send: Send = async (method, path, { body, patient } = {}) => {
    const whose =
      patient === undefined ? token() : system.accounts.patient(patient);
    const answer = await fetch(`${fhir}${path}`, {
      method,
      headers: { authorization: `Bearer ${await whose}`, ...fhirJson },
      ...(body !== undefined && { body }),
    });
    return { status: answer.status, text: await answer.text() };
  };
  const stop = async () => {
    await system.stop();
    await rm(emulatorProcess, { force: true });
  };
  const errors = async () =>
    (await allLogLines(aws(system.urls.emulator))).filter((line) =>
      line.includes('"ERROR"'),
    );
  return { api, fhir, token, send, errors, stop };
};
