import { createServer } from "node:net";
import { listen } from "../listen.ts";
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

/** Ports that nobody uses now. */
export const freePorts = async (): Promise<Ports> => {
  const servers = await Promise.all(
    [0, 0, 0, 0].map((port) => listen(createServer(), port)),
  );
  const [emulator = 0, handset = 0, stepFunctions = 0, api = 0] = servers.map(
    ({ url }) => Number(new URL(url).port),
  );
  await Promise.all(servers.map(({ close }) => close()));
  return { emulator, handset, stepFunctions, api };
};
