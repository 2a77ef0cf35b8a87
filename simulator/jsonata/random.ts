const mask = (1n << 48n) - 1n;
const multiplier = 0x5deece66dn;

/** The first double of a seeded java.util.Random (the generator that is behind `$random(seed)`). */
export const seededRandom = (seed: number): number => {
  let state = (BigInt(Math.trunc(seed)) ^ multiplier) & mask;
  const next = (bits: bigint) => {
    state = (state * multiplier + 0xbn) & mask;
    return Number(state >> (48n - bits));
  };
  return (next(26n) * 2 ** 27 + next(27n)) * 2 ** -53;
};

/** A version 4 UUID out of a source of numbers in [0, 1). */
export const uuid = (random: () => number): string =>
  "xxxxxxxx-xxxx-4xxx-yxxx-xxxxxxxxxxxx".replace(/[xy]/g, (place) => {
    const digit = Math.floor(random() * 16);
    return (place === "x" ? digit : (digit & 3) | 8).toString(16);
  });
