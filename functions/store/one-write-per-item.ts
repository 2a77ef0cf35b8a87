import { equal } from "./equal.ts";
import { nameOf } from "./items.ts";
import type { Key } from "./keys.ts";
import type { Write } from "./table.ts";

/**
 * A transaction takes one write per item: an identifier that two resources of a commit claim is refused with the fault of
 * its guard, one that moves from the one to the other is a single put.
 */
export const oneWritePerItem = (writes: readonly Write[]): readonly Write[] => {
  const byItem = new Map<string, Write>();
  for (const write of writes) {
    const name = itemOf(write);
    const known = byItem.get(name);
    byItem.set(name, known === undefined ? write : joined(known, write));
  }
  return [...byItem.values()];
};

const itemOf = (write: Write): string => {
  const table = "remove" in write ? undefined : write.table;
  return `${table ?? "records"}:${nameOf(keyOf(write))}`;
};

const keyOf = (write: Write): Key => {
  if ("put" in write) return write.put;
  if ("remove" in write) return write.remove;
  return "mark" in write ? write.mark : write.check;
};

const joined = (one: Write, other: Write): Write => {
  if ("put" in one && "put" in other) {
    if (equal(one.put, other.put)) return one;
    throw one.otherwise?.() ?? new Error("a commit puts one item twice");
  }
  const put = "put" in one ? one : other;
  // Who gives it up is guarded by the own version, so nobody else holds it.
  return "put" in put ? { ...put, guard: "any" } : one;
};
