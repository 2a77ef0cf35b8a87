import { expect } from "vitest";
import { defective } from "./judgements.ts";
import type { Loaded } from "./loading.ts";

/** Accepted, and read back as it was sent, decimals with their zeros. */
export const expectKept = ({
  example: { file },
  status,
  places,
  changed = [],
  faults,
}: Loaded): void => {
  expect({ file, status, places }).toEqual({ file, status: 201, places: [] });
  expect(
    changed.filter(({ kind }) => kind !== "blanks"),
    file,
  ).toEqual([]);
  expect(faults, file).toEqual([]);
};

/** Refused, and every finding names what is known to be wrong. */
export const expectRefused = ({
  example: { file },
  status,
  places,
}: Loaded): void => {
  const place = defective[file]?.place;
  expect({ file, status }).toEqual({ file, status: 422 });
  expect(places.length, file).toBeGreaterThan(0);
  for (const each of places) expect(each, file).toMatch(place ?? /^$/u);
};
