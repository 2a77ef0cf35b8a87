import {
  availableParallelism,
  cpus,
  loadavg,
  platform,
  arch,
  totalmem,
} from "node:os";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { format } from "prettier";
import { measureBundles } from "./bundles.ts";
import { measured } from "./child.ts";
import { chartOf, missed, page } from "./report.ts";
import type {
  ColdResult,
  GrowthResult,
  JourneysResult,
  OperationResult,
  PermissionResult,
  Results,
} from "./results.ts";

const { values } = parseArgs({
  options: { quick: { type: "boolean", default: false } },
});
const { quick } = values;
const docs = join(import.meta.dirname, "..", "docs");

const machine: Results["machine"] = {
  date: new Date().toISOString().slice(0, 10),
  node: process.versions.node,
  cores: availableParallelism(),
  processor: cpus()[0]?.model ?? "unknown",
  memoryGb: Math.round(totalmem() / 2 ** 30),
  platform: `${platform()} ${arch()}`,
  load: loadavg()[0] ?? 0,
};
const results: Results = {
  machine,
  operations: await measured<readonly OperationResult[]>(
    import.meta.resolve("./operations.ts"),
    {
      quick,
    },
  ),
  large: await measured<readonly OperationResult[]>(
    import.meta.resolve("./large.ts"),
    { quick },
  ),
  growth: await measured<GrowthResult>(import.meta.resolve("./growth.ts"), {
    quick,
  }),
  bundles: await measureBundles(quick),
  cold: await measured<ColdResult>(import.meta.resolve("./cold.ts"), {
    quick,
  }),
  permission: await measured<PermissionResult>(
    import.meta.resolve("./permission.ts"),
    { quick },
  ),
  journeys: await measured<JourneysResult>(
    import.meta.resolve("./journeys.ts"),
    { quick },
  ),
};

const text = await format(page(results, "performance.svg"), {
  parser: "markdown",
});
console.log(text);
const misses = missed(results);
console.log(
  misses.length === 0
    ? "All goals are met."
    : `Missed:\n${misses.map((miss) => `- ${miss}`).join("\n")}`,
);
if (!quick) {
  await writeFile(join(docs, "performance.md"), text);
  await writeFile(join(docs, "performance.svg"), chartOf(results));
}
