import type { Profiler, Runtime } from "node:inspector";

/** A room of ours, a package, Node.js or the garbage collector, with its share of the processor's time. */
export interface Share {
  readonly name: string;
  readonly share: number;
}

/** Where the processor's time went, largest first; what waits is left out. */
export const shares = ({
  nodes,
  samples = [],
  timeDeltas = [],
}: Profiler.Profile): readonly Share[] => {
  const names = new Map(
    nodes.map(({ id, callFrame }) => [id, placeOf(callFrame)]),
  );
  const times = new Map<string, number>();
  for (const [index, id] of samples.entries()) {
    const name = names.get(id) ?? "";
    if (name !== "")
      times.set(name, (times.get(name) ?? 0) + (timeDeltas[index] ?? 0));
  }
  const total = [...times.values()].reduce((sum, time) => sum + time, 0);
  return [...times]
    .map(([name, time]) => ({ name, share: time / total }))
    .sort((one, other) => other.share - one.share);
};

const placeOf = ({ functionName, url }: Runtime.CallFrame): string => {
  if (functionName === "(idle)" || functionName === "(root)") return "";
  if (functionName === "(garbage collector)") return "garbage collection";
  const [, packaged] = /.*node_modules\/((?:@[^/]+\/)?[^/]+)/.exec(url) ?? [];
  if (packaged !== undefined) return packaged;
  const [, room] =
    /\/((?:functions|simulator|packs|workflows|test|bench)(?:\/[a-z]+(?=\/))?)\//.exec(
      url,
    ) ?? [];
  return room ?? "Node.js";
};
