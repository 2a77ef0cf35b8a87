const shortest = 5;

/**
 * Whether two values of at least five characters differ by one insertion, deletion, substitution, or swap of neighbours:
 * a Damerau-Levenshtein distance of exactly one. Takes time in proportion to the shorter one.
 */
export const isNear = (one: string, other: string): boolean => {
  const [short, long] =
    one.length <= other.length ? [one, other] : [other, one];
  if (short.length < shortest || long.length - short.length > 1) return false;
  if (short === long) return false;
  let at = 0;
  while (short[at] === long[at]) at += 1;
  const rest = (text: string, from: number): string => text.slice(from);
  if (short.length < long.length) return rest(short, at) === rest(long, at + 1);
  const substituted = rest(short, at + 1) === rest(long, at + 1);
  const swapped =
    short[at] === long[at + 1] &&
    short[at + 1] === long[at] &&
    rest(short, at + 2) === rest(long, at + 2);
  return substituted || swapped;
};
