import { mkdir, writeFile } from "node:fs/promises";
import { startSystem, type System } from "../../local/system.ts";
import { freePorts } from "../../local/system/ports.ts";
import { progress } from "../../local/system/progress.ts";
import { fhirJson } from "./in-process.ts";
import type { Send } from "./loading.ts";
import { cache, directory, emulatorProcess } from "./places.ts";

export interface Deployment extends System {
  readonly token: () => Promise<string>;
  readonly send: Send;
}

/** The demo organization, deployed to an emulator of its own, as its clinic's record system sees it. */
export const deploy = async (): Promise<Deployment> => {
  await mkdir(directory, { recursive: true });
  const system = await startSystem({
    ...{ ports: await freePorts(), pace: 1, cache, directory },
    progress: progress((line) => {
      process.stdout.write(`${line}\n`);
    }),
    started: (pid) => writeFile(emulatorProcess, String(pid)),
  });
  const token = () => system.accounts.clinic("ehr");
  const send: Send = async (method, path, body) => {
    const answer = await fetch(`${system.urls.fhir}${path}`, {
      method,
      headers: { authorization: `Bearer ${await token()}`, ...fhirJson },
      ...(body !== undefined && { body }),
    });
    return { status: answer.status, text: await answer.text() };
  };
  return { ...system, token, send };
};
