import { randomBytes } from "node:crypto";

declare const brand: unique symbol;
type Branded<Name extends string> = string & { readonly [brand]: Name };

/** 26 characters of Crockford's base 32: 48 bits of milliseconds, 80 bits of chance; sorts by time of creation. */
export type Ulid = Branded<"Ulid">;

const alphabet = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";
const pattern = /^[0-7][0-9A-HJKMNP-TV-Z]{25}$/;

export const isUlid = (text: string): text is Ulid => pattern.test(text);

/** The moment, in milliseconds since 1970, at which the id was made. */
export const timeOf = (id: Ulid): number =>
  Array.from(id.slice(0, 10)).reduce(
    (sum, letter) => sum * 32 + alphabet.indexOf(letter),
    0,
  );

const encode = (value: bigint, length: number): string => {
  let text = "";
  for (let rest = value, left = length; left > 0; left -= 1, rest >>= 5n)
    text = alphabet.charAt(Number(rest & 31n)) + text;
  return text;
};

/** A source of ids that grow strictly, also within one millisecond. */
export const ulids = (
  now: () => number,
  random: (bytes: number) => Buffer = randomBytes,
): (() => Ulid) => {
  let last = { time: -1, chance: 0n };
  return () => {
    const time = Math.max(now(), last.time);
    const chance =
      time === last.time
        ? last.chance + 1n
        : BigInt(`0x${random(10).toString("hex")}`) >> 1n;
    last = { time, chance };
    return (encode(BigInt(time), 10) + encode(chance, 16)) as Ulid;
  };
};
