import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { importedTypes } from "../../functions/core/import-types.ts";
import { withoutIdentifiers } from "../../functions/core/import-resource.ts";
import { loaders } from "../../functions/resources/definitions/loaders.generated.ts";
import {
  linesOf,
  longestLine,
  textOf,
  type Line,
} from "../../functions/tasks/import-lines.ts";
import type { ByteRange } from "../../functions/store/bucket.ts";

const start = { offset: 0, line: 0 };

const readerOf =
  (body: Uint8Array) =>
  ({ from, to }: ByteRange): Promise<Uint8Array> =>
    Promise.resolve(body.slice(from, to));

const all = async (lines: AsyncIterable<Line>): Promise<readonly Line[]> => {
  const list: Line[] = [];
  for await (const line of lines) list.push(line);
  return list;
};

describe("the lines of a file", () => {
  it("are the same from wherever one goes on", async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.string({ unit: "grapheme", maxLength: 12 }), {
          maxLength: 8,
        }),
        fc.boolean(),
        async (texts, isEnded) => {
          const lines = texts.map((text) => text.replaceAll(/[\r\n]/gu, " "));
          const body = Buffer.from(
            `${lines.join("\n")}${isEnded && lines.length > 0 ? "\n" : ""}`,
          );
          const whole = await all(linesOf(readerOf(body), body.length, start));
          const expected = lines.at(-1) === "" && !isEnded ? -1 : undefined;
          expect(whole.map(textOf)).toEqual(
            lines.slice(0, expected).map((text) => text.trim()),
          );
          for (const [index, { next, number }] of whole.entries()) {
            expect(number).toBe(index + 1);
            expect(
              await all(
                linesOf(readerOf(body), body.length, {
                  offset: next,
                  line: number,
                }),
              ),
            ).toEqual(whole.slice(index + 1));
          }
        },
      ),
    );
  });

  it("of a gigabyte are read in stretches, and none that is too long is held", async () => {
    const stretch = Buffer.alloc(4 * 1024 * 1024, "x");
    stretch[2 * longestLine] = 0x0a;
    const ranges: number[] = [];
    let lines = 0;
    let largest = 0;
    for await (const { bytes } of linesOf(
      ({ from, to }) => {
        ranges.push(to - from);
        return Promise.resolve(stretch.subarray(0, to - from));
      },
      1024 ** 3,
      start,
    )) {
      lines += 1;
      expect(bytes).toBeUndefined();
      if (lines % 64 === 0)
        largest = Math.max(largest, process.memoryUsage().arrayBuffers);
    }
    expect(lines).toBe(257);
    expect(Math.max(...ranges)).toBe(stretch.length);
    expect(largest).toBeLessThan(512 * 1024 * 1024);
  });

  it("that became fewer meanwhile are no end", async () => {
    await expect(
      all(linesOf(() => Promise.resolve(undefined), 10, start)),
    ).rejects.toThrow("shorter");
  });
});

describe("types without a list of identifiers", () => {
  it("are those of the definitions", async () => {
    for (const type of importedTypes) {
      const { definition } = await loaders[type]();
      expect(
        definition.types[type]?.elements.identifier?.startsWith(
          "Identifier*",
        ) ?? false,
        type,
      ).toBe(!withoutIdentifiers.has(type));
    }
  });
});
