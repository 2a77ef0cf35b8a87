import { createServer } from "node:net";
import { Problem } from "./problem.ts";

/** On loopback, all of them. */
export interface Ports {
  readonly emulator: number;
  readonly handset: number;
  readonly stepFunctions: number;
  /** The front door of the API. */
  readonly api: number;
}

export const portsFrom = (first: number): Ports => ({
  emulator: first,
  handset: first + 1,
  stepFunctions: first + 2,
  api: first + 3,
});

/** Throws a Problem that names the first port that somebody else uses. */
export const requireFree = async (ports: Ports): Promise<void> => {
  for (const [what, port] of Object.entries(ports) as [string, number][]) {
    const free = await isFree(port);
    if (!free)
      throw new Problem(
        `Port ${port} (${what}) is in use: stop what uses it, or choose others with \`npm start -- --port 5566\`.`,
      );
  }
};

const isFree = (port: number): Promise<boolean> =>
  new Promise((resolve) => {
    const probe = createServer();
    probe.once("error", () => resolve(false));
    probe.listen(port, "127.0.0.1", () => probe.close(() => resolve(true)));
  });

const range = { first: 12_000, size: 20_000 } as const;
let next = process.pid * 61;

/**
 * A port that nobody uses now, and that no system hands out by itself before it is taken: those begin at 32,768 or above.
 * Processes that ask at the same time look in different places.
 */
export const freePort = async (): Promise<number> => {
  for (let tries = 0; tries < range.size; tries += 1) {
    const port = range.first + (next % range.size);
    next += 1;
    if (await isFree(port)) return port;
  }
  throw new Problem("This machine has no free port.");
};

/** Ports that nobody uses now. */
export const freePorts = async (): Promise<Ports> => ({
  emulator: await freePort(),
  handset: await freePort(),
  stepFunctions: await freePort(),
  api: await freePort(),
});
