/** A repeatable source of choices: the same seed gives the same clinic. */
export interface Random {
  /** From 0 up to, and without, 1. */
  readonly next: () => number;
  readonly below: (limit: number) => number;
  readonly chance: (probability: number) => boolean;
  /** One of at least one. */
  readonly pick: <T>(from: readonly T[]) => T;
  /** A version 4 UUID. */
  readonly uuid: () => string;
}

export const seeded = (seed: number): Random => {
  let state = seed >>> 0;
  // mulberry32 (Tommy Ettinger, 2017, public domain)
  const next = () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
  const below = (limit: number) => Math.floor(next() * limit);
  const hex = (length: number) =>
    Array.from({ length }, () => below(16).toString(16)).join("");
  return {
    next,
    below,
    chance: (probability) => next() < probability,
    pick: (from) => {
      const [picked] = from.slice(below(from.length));
      if (picked === undefined) throw new Error("nothing to pick from");
      return picked;
    },
    uuid: () =>
      `${hex(8)}-${hex(4)}-4${hex(3)}-${"89ab".charAt(below(4))}${hex(3)}-${hex(12)}`,
  };
};
