import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, relative } from "node:path";
import { bundle, closure, type Outputs } from "../lib/bundle.ts";
import { builtAlone } from "./alone.ts";
import { importTime, type ImportTime } from "./import-times.ts";
import { progress } from "./progress.ts";
import type { BundleResult, ModuleWeight, Results } from "./results.ts";
import { compared } from "./statistics.ts";

const onlyTheClient = `import { DynamoDBClient } from "@aws-sdk/client-dynamodb";
export const handler = new DynamoDBClient({});
`;

/** Size, weight and import time of every function, each import beside one of a bundle that holds the DynamoDB client alone. */
export const measureBundles = async (
  quick: boolean,
): Promise<Results["bundles"]> => {
  const samples = quick ? 3 : 7;
  const directory = await mkdtemp(join(tmpdir(), "sojourn-bench-"));
  try {
    const { entries, outputs } = bundle(join(directory, "deployed"));
    const names = Object.keys(entries);
    const base = await builtAlone(onlyTheClient, join(directory, "alone"));
    const times = new Map(
      names.map((name) => [
        name,
        { ours: [] as ImportTime[], bare: [] as ImportTime[] },
      ]),
    );
    const tell = progress("imports", samples + 1);
    for (let sample = 0; sample <= samples; sample += 1) {
      for (const [name, { file }] of Object.entries(entries)) {
        const ours = await importTime(file);
        const bare = await importTime(base.file);
        // The first round fills the file system's cache.
        if (sample === 0) continue;
        times.get(name)?.ours.push(ours);
        times.get(name)?.bare.push(bare);
      }
      tell(sample + 1);
    }
    return {
      baseBytes: base.bytes,
      entries: names.map((name): BundleResult => {
        const pairs = times.get(name) ?? { ours: [], bare: [] };
        return {
          name,
          ...weights(outputs, name),
          imported: compared(taken(pairs, "wall")),
          processor: compared(taken(pairs, "processor")),
        };
      }),
    };
  } finally {
    await rm(directory, { recursive: true });
  }
};

const taken = (
  { ours, bare }: Readonly<Record<"ours" | "bare", readonly ImportTime[]>>,
  by: keyof ImportTime,
) => ({
  ours: ours.map((time) => time[by]),
  bare: bare.map((time) => time[by]),
});

const weights = (
  outputs: Outputs,
  name: string,
): Pick<BundleResult, "bytes" | "heaviest" | "lazy"> => {
  const entry =
    Object.keys(outputs).find(
      (output) => outputs[output]?.entryPoint === `functions/${name}.ts`,
    ) ?? "";
  const loaded = closure(outputs, entry);
  const packages = new Map<string, number>();
  let bytes = 0;
  for (const output of loaded) {
    bytes += outputs[output]?.bytes ?? 0;
    for (const [input, { bytesInOutput }] of Object.entries(
      outputs[output]?.inputs ?? {},
    ))
      packages.set(
        packageOf(input),
        (packages.get(packageOf(input)) ?? 0) + bytesInOutput,
      );
  }
  return {
    bytes,
    heaviest: byWeight(packages).slice(0, 8),
    lazy: lazyChunks(outputs, loaded),
  };
};

/** Modules of ours, or packages, that the loaded files import when needed. */
const lazyChunks = (
  outputs: Outputs,
  loaded: ReadonlySet<string>,
): readonly ModuleWeight[] => {
  const chunks = new Map<string, number>();
  for (const output of loaded)
    for (const { path, kind } of outputs[output]?.imports ?? []) {
      const point = outputs[path]?.entryPoint;
      if (kind !== "dynamic-import" || point === undefined) continue;
      const brings = [...closure(outputs, path)].filter(
        (part) => !loaded.has(part),
      );
      chunks.set(
        point.includes("node_modules") ? packageOf(point) : point,
        brings.reduce((sum, part) => sum + (outputs[part]?.bytes ?? 0), 0),
      );
    }
  return byWeight(chunks);
};

const byWeight = (
  weighed: ReadonlyMap<string, number>,
): readonly ModuleWeight[] =>
  [...weighed]
    .map(([name, bytes]) => ({ name, bytes }))
    .sort((one, other) => other.bytes - one.bytes);

/** The npm package that a file belongs to; files of ours by their room. */
const packageOf = (file: string): string => {
  const inPackage =
    /.*node_modules\/((?:@[^/]+\/)?[^/]+)/.exec(file)?.[1] ?? undefined;
  return inPackage ?? relative(".", file).split("/").slice(0, 2).join("/");
};
