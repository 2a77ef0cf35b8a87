import type { Patient } from "@medplum/fhirtypes";
import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { demo } from "../organizations/demo.ts";
import { createAll, demoClinic } from "./demo-clinic.ts";
import { playVisits, travellers } from "./story.ts";
import { startSystem, type System } from "./system.ts";
import { lock } from "./system/lock.ts";
import { portsFrom, requireFree } from "./system/ports.ts";
import { Problem } from "./system/problem.ts";
import { progress } from "./system/progress.ts";
import { printed, timelineOf } from "./timeline.ts";

const usage = `npm start -- [options]
  --pace <n>    how many times faster than the wall clock journeys wait (14400: four hours a second; 1: real time)
  --port <n>    first of four ports on loopback (4566)
  --no-demo     an empty deployment: no clinic, no patients, no visits
  --once        end when the timeline is printed`;

const options = () => {
  try {
    const { values } = parseArgs({
      allowNegative: true,
      options: {
        pace: { type: "string", default: "14400" },
        port: { type: "string", default: "4566" },
        demo: { type: "boolean", default: true },
        once: { type: "boolean", default: false },
        help: { type: "boolean", default: false },
      },
    });
    const [pace, port] = [Number(values.pace), Number(values.port)];
    if (!(pace >= 1)) throw new Error("--pace must be a number from 1 on");
    if (!Number.isInteger(port) || port < 1024 || port > 65_000)
      throw new Error("--port must be a number from 1024 to 65000");
    return { ...values, pace, port };
  } catch (error) {
    throw new Problem(
      `${error instanceof Error ? error.message : String(error)}\n${usage}`,
    );
  }
};

const started = performance.now();
const directory = join(import.meta.dirname, "..", ".local");

const main = async () => {
  const { pace, port, demo: withDemo, once, help } = options();
  if (help) {
    console.log(usage);
    return;
  }
  if (Number(process.versions.node.split(".")[0]) < 24)
    throw new Problem(
      "Sojourn needs Node 24: run `npm ci`, which brings it on Linux and Windows, or `brew install node@24`.",
    );
  await mkdir(directory, { recursive: true });
  const held = await lock(directory);
  process.on("exit", held.release);

  const show = progress((line) => console.log(line), started);
  const ports = portsFrom(port);
  await requireFree(ports);
  const starting = startSystem({
    ...{ ports, pace, cache: directory, directory, progress: show },
    started: held.holds,
  });
  const interrupted = interruption();
  const system = await Promise.race([starting, interrupted]);
  if (!system) {
    console.log("\nStopping");
    await starting.then(({ stop }) => stop()).catch(() => undefined);
    return;
  }
  try {
    if (withDemo) await Promise.race([tell(system, show), interrupted]);
    console.log(addresses(system));
    if (!once) {
      console.log("\nRunning; Ctrl-C ends everything.");
      await interrupted;
    }
  } finally {
    console.log("\nStopping");
    await system.stop();
  }
};

/** Resolves at the first request to end; a second one does not wait: what was started ends with this process. */
const interruption = (): Promise<undefined> =>
  new Promise((resolve) => {
    let asked = false;
    for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const)
      process.on(signal, () => {
        if (asked) process.exit(130);
        asked = true;
        resolve(undefined);
      });
  });

/** Fills the clinic and takes three patients through their visits. */
const tell = async (system: System, show: ReturnType<typeof progress>) => {
  const { slug, timeZone, displayName } = demo.settings;
  const today = new Date().toLocaleDateString("en-CA", { timeZone });
  const clinic = demoClinic({ today });
  const references = await show.step(
    `Filling the clinic: ${clinic.patients.length} invented patients, a month of free times`,
    (note) =>
      createAll(clinic.entries, system.fhir.transaction, {
        progress: (created) =>
          note(`${created} of ${clinic.entries.length} resources`),
      }),
  );
  const patients = clinic.patients.map(({ fullUrl, resource }) => ({
    ...resource,
    id: references.get(fullUrl)?.replace("Patient/", "") ?? "",
  }));
  system.handset.carrier.introduce(patients.flatMap(contactOf));
  const machine = `arn:aws:states:${demo.region}:${demo.account}:stateMachine:sojourn-${slug}-pre-visit`;
  const people = travellers(patients);
  system.handset.carrier.introduce(
    patients.flatMap((patient) =>
      contactOf(
        patient,
        people.find((one) => one.patient.id === patient.id)?.role,
      ),
    ),
  );
  const travelled = await show.step(
    `Three patients of ${displayName} live through four days`,
    (note) => playVisits(system, machine, people, note),
  );
  console.log("\nWhat happened, in journey time");
  for (const person of travelled) {
    const history = system.engine.history(person.execution.executionArn);
    const moments = timelineOf(person, {
      history,
      messages: system.handset.carrier.messages(),
    });
    console.log(`\n${printed(person, moments, timeZone)}`);
  }
};

const contactOf = (
  { name = [], telecom = [] }: Patient,
  role: string | number = "",
) => {
  const addresses = telecom.flatMap(({ value }) => value ?? []);
  return addresses.length === 0
    ? []
    : [
        {
          name: [name[0]?.given?.[0], name[0]?.family].join(" "),
          note: typeof role === "string" ? role : "",
          addresses,
        },
      ];
};

const addresses = ({ urls }: System): string => `
  API                      ${urls.fhir}
  API document (OpenAPI)   ${urls.openApi}
  Handset                  ${urls.handset}
  Step Functions           ${urls.stepFunctions}
  AWS emulator             ${urls.emulator}`;

try {
  await main();
  process.exit(0);
} catch (error) {
  console.error(error instanceof Problem ? `\n${error.message}` : error);
  process.exit(1);
}
