import fc from "fast-check";
import { expect, test } from "vitest";
import { isUlid, timeOf, ulids } from "../../functions/core/ids.ts";

test("ids grow strictly, whatever the clock does, and tell their time", () => {
  fc.assert(
    fc.property(
      fc.array(fc.nat({ max: 2 ** 47 }), { minLength: 2, maxLength: 30 }),
      (times) => {
        const clock = [...times];
        const next = ulids(() => clock.shift() ?? 0);
        const ids = times.map(() => next());
        expect(ids.toSorted()).toEqual(ids);
        expect(new Set(ids).size).toBe(ids.length);
        let latest = -1;
        for (const [index, id] of ids.entries()) {
          latest = Math.max(latest, times[index] ?? 0);
          expect(isUlid(id)).toBe(true);
          expect(timeOf(id)).toBe(latest);
        }
      },
    ),
  );
});

test("ids of one millisecond grow even from the greatest chance", () => {
  const next = ulids(
    () => 1,
    (bytes) => Buffer.alloc(bytes, 0xff),
  );
  const ids = Array.from({ length: 1000 }, () => next());
  expect(ids.toSorted()).toEqual(ids);
});

test.each([
  "",
  "01ARZ3NDEKTSV4RRFFQ69G5FA",
  "81ARZ3NDEKTSV4RRFFQ69G5FAV",
  "01arz3ndektsv4rrffq69g5fav",
  "01ARZ3NDEKTSV4RRFFQ69G5FIL",
  "01ARZ3NDEKTSV4RRFFQ69G5FAV\n",
])("%j is no id", (text) => {
  expect(isUlid(text)).toBe(false);
});
