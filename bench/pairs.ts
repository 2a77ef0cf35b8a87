import { expected, type Handler } from "./front-desk.ts";
import type { Kind } from "./kinds.ts";
import { progress } from "./progress.ts";
import type { Asked, OperationResult } from "./results.ts";
import { compared } from "./statistics.ts";
import { described, type Sent, type Tap } from "./tap.ts";

/** The environment under test: warm, and able to be made anew. */
export interface Bench {
  readonly environment: () => Handler;
  readonly tap: Tap;
  /** Sends bare what was sent since the last time. */
  readonly mirrored: () => () => Promise<void>;
}

/** Each kind of request through the whole handler, every sample followed by the same commands sent bare. */
export const inPairs = async (
  label: string,
  kinds: readonly Kind[],
  { environment, tap, mirrored }: Bench,
  { warmUp, samples }: { readonly warmUp: number; readonly samples: number },
): Promise<readonly OperationResult[]> => {
  const handler = environment();
  const times = kinds.map((kind) => ({
    ...kind,
    ours: [] as number[],
    bare: [] as number[],
  }));
  const tell = progress(label, warmUp + samples);
  for (let round = 0; round < warmUp + samples; round += 1) {
    for (const kind of times) {
      const event = kind.request(round);
      const [ours, answer] = await timed(() => handler(event));
      kind.seen?.(expected(answer, kind.status).id);
      const [alone] = await timed(mirrored());
      if (round < warmUp) continue;
      kind.ours.push(ours);
      kind.bare.push(alone);
    }
    tell(round + 1);
  }
  tap.countUnits();
  const first = await askedBy(kinds, warmUp + samples, tap, environment);
  const warm = await askedBy(kinds, warmUp + samples + 1, tap, () => handler);
  return times.map((kind, index) => ({
    name: kind.name,
    comparison: compared(kind),
    first: first[index] ?? nothing,
    warm: warm[index] ?? nothing,
  }));
};

const nothing: Asked = { commands: [], units: 0 };

export const timed = async <R>(run: () => Promise<R>): Promise<[number, R]> => {
  const started = performance.now();
  const result = await run();
  return [performance.now() - started, result];
};

/** What one round asks of DynamoDB. */
const askedBy = async (
  kinds: readonly Kind[],
  round: number,
  tap: Tap,
  environment: () => Handler,
): Promise<readonly Asked[]> => {
  const all: Asked[] = [];
  for (const { request, status, seen } of kinds) {
    const answer = await environment()(request(round));
    seen?.(expected(answer, status).id);
    all.push(asked(tap.take()));
  }
  return all;
};

export const asked = (sent: readonly Sent[]): Asked => ({
  commands: sent.map(described),
  units: sent.reduce((sum, { units }) => sum + units, 0),
});
