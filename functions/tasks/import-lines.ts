import type { ByteRange } from "../store/bucket.ts";

/** A line of a file, without its end. */
export interface Line {
  /** From 1. */
  readonly number: number;
  /** Where the next one begins. */
  readonly next: number;
  /** Absent when it is longer than a line may be. */
  readonly bytes: Uint8Array | undefined;
}

export const longestLine = 1024 * 1024;
const stretch = 4 * 1024 * 1024;

/** The lines of a file from an offset on, read stretch by stretch; at most one stretch and one line are held. */
export async function* linesOf(
  read: (range: ByteRange) => Promise<Uint8Array | undefined>,
  bytes: number,
  { offset, line }: { readonly offset: number; readonly line: number },
): AsyncGenerator<Line> {
  let number = line;
  let held: Uint8Array[] = [];
  let length = 0;
  const hold = (part: Uint8Array): void => {
    length += part.length;
    if (length > longestLine) held = [];
    else held.push(part);
  };
  const end = (next: number): Line => {
    number += 1;
    const whole = length > longestLine ? undefined : Buffer.concat(held);
    held = [];
    length = 0;
    return { number, next, bytes: whole };
  };
  for (let from = offset; from < bytes;) {
    const chunk = await read({ from, to: Math.min(from + stretch, bytes) });
    if (chunk === undefined || chunk.length === 0)
      throw new Error("an uploaded file became shorter");
    let start = 0;
    for (
      let at = chunk.indexOf(0x0a);
      at >= 0;
      at = chunk.indexOf(0x0a, start)
    ) {
      hold(chunk.subarray(start, at));
      start = at + 1;
      yield end(from + start);
    }
    // A copy: the stretch itself is let go.
    hold(chunk.slice(start));
    from += chunk.length;
  }
  if (length > 0) yield end(bytes);
}

/** The text of a line; the first may begin with a byte order mark. Undefined when it is not UTF-8. */
export const textOf = ({ bytes }: Line): string | undefined => {
  try {
    return new TextDecoder("utf-8", { fatal: true }).decode(bytes).trim();
  } catch {
    return undefined;
  }
};
