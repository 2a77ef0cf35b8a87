import { present } from "./present.ts";

interface Timer {
  readonly at: number;
  readonly order: number;
  readonly wake: () => void;
  cancelled: boolean;
}

const earlier = (a: Timer, b: Timer) =>
  a.at < b.at || (a.at === b.at && a.order < b.order);

/** A binary heap of timers, earliest first and in the order of their making when they are due together; a cancelled timer stays until it surfaces. */
export interface Timers {
  add(at: number, wake: () => void): Timer;
  next(): Timer | undefined;
  take(): Timer | undefined;
}

export const timers = (): Timers => {
  const heap: Timer[] = [];
  let order = 0;

  const swap = (i: number, j: number) => {
    const held = present(heap[i]);
    heap[i] = present(heap[j]);
    heap[j] = held;
  };
  const up = (from: number) => {
    for (let i = from; i > 0;) {
      const parent = (i - 1) >> 1;
      if (!earlier(present(heap[i]), present(heap[parent]))) return;
      swap(i, parent);
      i = parent;
    }
  };
  const down = () => {
    for (let i = 0; ;) {
      let least = i;
      for (const child of [2 * i + 1, 2 * i + 2]) {
        if (
          child < heap.length &&
          earlier(present(heap[child]), present(heap[least]))
        )
          least = child;
      }
      if (least === i) return;
      swap(i, least);
      i = least;
    }
  };
  const remove = (): Timer | undefined => {
    const first = heap[0];
    const last = heap.pop();
    if (first && last && first !== last) {
      heap[0] = last;
      down();
    }
    return first;
  };
  const next = () => {
    while (heap[0]?.cancelled) remove();
    return heap[0];
  };
  return {
    add: (at, wake) => {
      const timer = { at, order: order++, wake, cancelled: false };
      heap.push(timer);
      up(heap.length - 1);
      return timer;
    },
    next,
    take: () => (next() ? remove() : undefined),
  };
};
