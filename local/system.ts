import { mkdir } from "node:fs/promises";
import { randomBytes } from "node:crypto";
import { ulids } from "../functions/core/ids.ts";
import type { Organization } from "../functions/core/organization.ts";
import { demo } from "../organizations/demo.ts";
import { type Handset, startHandset } from "./handset.ts";
import { emulated } from "./handset/publish.ts";
import { type Accounts, accounts } from "./system/accounts.ts";
import { openFrontDoor } from "./system/front-door.ts";
import { bootstrap, deploy, synthesize } from "./system/deployment.ts";
import { startEmulator } from "./system/emulator.ts";
import { type FhirClient, fhirClient } from "./system/fhir-client.ts";
import { type RestartableEngine, restartable } from "./system/engine.ts";
import { type JourneyClock, journeyClock } from "./system/journey-clock.ts";
import type { Ports } from "./system/ports.ts";
import { Problem } from "./system/problem.ts";
import { progress as printed, type Progress } from "./system/progress.ts";
import { emulatorPython } from "./system/python.ts";

export interface SystemOptions {
  readonly ports: Ports;
  /** How many times faster than the wall clock journeys wait. */
  readonly pace: number;
  /** For the emulator's environment, which is made once and kept. */
  readonly cache: string;
  /** For this run's logs, assembly and temporary files. */
  readonly directory: string;
  readonly organization?: Organization;
  readonly progress?: Progress;
  /** Called with the emulator's process group as soon as there is one. */
  readonly started?: (emulator: number) => Promise<void>;
}

export interface System {
  readonly urls: {
    /** The base of the REST API; FHIR is under `/fhir/R4`. */
    readonly api: string;
    readonly fhir: string;
    readonly openApi: string;
    readonly handset: string;
    readonly stepFunctions: string;
    readonly emulator: string;
  };
  readonly clock: JourneyClock;
  readonly handset: Handset;
  readonly accounts: Accounts;
  /** The API as the clinic's record system sees it. */
  readonly fhir: FhirClient;
  readonly engine: RestartableEngine;
  readonly stop: () => Promise<void>;
}

/** Time that a reply or an event needs to travel through queues and functions, in wall-clock milliseconds. */
const travel = 3_000;

/**
 * The whole deployment of an organization on this machine: emulator, journeys' engine, handset, everything that `cdk deploy`
 * creates. What was started is stopped again when a later step fails.
 */
export const startSystem = async ({
  ports,
  pace,
  cache,
  directory,
  organization = demo,
  progress = printed(() => undefined),
  started = () => Promise.resolve(),
}: SystemOptions): Promise<System> => {
  const stops: (() => Promise<void>)[] = [];
  const stop = async () => {
    for (const end of stops.splice(0).reverse()) await end();
  };
  try {
    await mkdir(directory, { recursive: true });
    const at = (port: number) => `http://127.0.0.1:${port}`;
    const clock = journeyClock(pace);
    // Needs nothing of the emulator, and takes longest.
    const synthesis = synthesize({ directory });
    synthesis.catch(() => undefined);
    const python = await progress.step("Preparing the emulator", () =>
      emulatorPython(cache),
    );
    const emulator = await progress.step(
      "Starting emulator, journey engine and handset",
      () =>
        startEmulator({
          python,
          port: ports.emulator,
          directory,
          handset: at(ports.handset),
          stepFunctions: at(ports.stepFunctions),
        }),
    );
    stops.push(() => emulator.stop());
    await started(emulator.pid);

    const handset = await startHandset({
      port: ports.handset,
      deployment: emulated(emulator.url),
      now: () => new Date(clock.now()),
      whileTyping: () => clock.slowFor(travel),
    });
    stops.push(() => handset.close());
    const engine = await restartable(
      { emulatorUrl: emulator.url, port: ports.stepFunctions, pace },
      clock,
    );
    stops.push(() => engine.close());

    const { slug } = organization.settings;
    await progress.step("Synthesizing and checking the templates", () =>
      Promise.all([bootstrap({ url: emulator.url, directory }), synthesis]),
    );
    const outputs = await progress.step(
      `Deploying ${slug} with cdk deploy`,
      () => deploy(slug, { url: emulator.url, directory }),
    );
    const { ApiId, ApiStage } = outputs[`${slug}-api`] ?? {};
    if (ApiId === undefined || ApiStage === undefined)
      throw new Problem(`The deployment of ${slug} has no API.`);
    handset.connect({
      phoneNumber: organization.sms.phoneNumber,
      topicArn: `arn:aws:sns:${organization.region}:${organization.account}:sojourn-${slug}-replies`,
      emailConfigurationSet: `sojourn-${slug}-email`,
    });

    const door = await openFrontDoor(
      `${emulator.url}/_aws/execute-api/${ApiId}/${ApiStage}`,
      ports.api,
    );
    stops.push(() => door.close());
    const api = door.url;
    const fhir = `${api}/fhir/R4`;
    const people = await accounts({
      url: emulator.url,
      slug,
      newId: ulids(Date.now, randomBytes),
    });
    return {
      urls: {
        api,
        fhir,
        openApi: `${api}/v1/openapi.json`,
        handset: handset.url,
        stepFunctions: engine.url,
        emulator: emulator.url,
      },
      clock,
      handset,
      accounts: people,
      fhir: fhirClient(fhir, () => people.clinic("ehr")),
      engine,
      stop,
    };
  } catch (error) {
    await stop();
    throw error;
  }
};
