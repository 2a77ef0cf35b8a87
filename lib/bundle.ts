import { buildSync, type BuildOptions, type Metafile } from "esbuild";
import {
  copyFileSync,
  existsSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { basename, join, relative } from "node:path";
import { cedarWasm } from "./cedar-wasm.ts";

const root = join(import.meta.dirname, "..");
const functions = join(root, "functions");
const policies = join(root, "policies");
const rooms = ["api", "tasks", "events"];

interface BundledEntry {
  /** Absolute path of the module that exports `handler`. */
  readonly file: string;
  /** The entry and every chunk that importing it loads; what is imported dynamically is not in it. */
  readonly staticFiles: readonly string[];
  /** Size of the static files together. */
  readonly bytes: number;
}

/** What Lambda runs, by entry: `tasks/send-message` is `functions/tasks/send-message.ts`. */
export type Entries = Readonly<Record<string, BundledEntry>>;

export type Outputs = Metafile["outputs"];

/** An output and every chunk that importing it loads. */
export const closure = (
  outputs: Outputs,
  output: string,
  seen = new Set<string>(),
): ReadonlySet<string> => {
  if (seen.has(output)) return seen;
  seen.add(output);
  for (const { path, kind, external } of outputs[output]?.imports ?? [])
    if (kind === "import-statement" && external !== true)
      closure(outputs, path, seen);
  return seen;
};

/** How everything that runs on Lambda is built. */
export const settings = {
  absWorkingDir: root,
  outExtension: { ".js": ".mjs" },
  entryNames: "[dir]/[name]",
  chunkNames: "chunks/[name]-[hash]",
  bundle: true,
  splitting: true,
  minify: true,
  format: "esm",
  platform: "node",
  target: "node24",
  mainFields: ["module", "main"],
  legalComments: "none",
  metafile: true,
  logLevel: "warning",
  // CommonJS dependencies call require for Node's own modules.
  banner: {
    js: 'import{createRequire as __createRequire}from"node:module";const require=__createRequire(import.meta.url);',
  },
} as const satisfies BuildOptions;

/** Replaces `outdir` by a bundle of every Lambda entry point, made in one go: shared code is a chunk, and the same sources give the same bytes. */
export const bundle = (
  outdir: string,
): {
  readonly entries: Entries;
  /** What each file is made of, as esbuild tells it. */
  readonly outputs: Outputs;
} => {
  rmSync(outdir, { recursive: true, force: true });
  const { metafile } = buildSync({
    ...settings,
    entryPoints: entryPoints(),
    outbase: functions,
    outdir,
  });
  putPolicies(join(outdir, "chunks"));
  const { outputs } = metafile;
  const entries = Object.entries(outputs).flatMap(
    ([output, { entryPoint }]) => {
      const name = nameOf(entryPoint);
      if (name === undefined) return [];
      const files = [...closure(outputs, output)];
      const entry: BundledEntry = {
        file: join(root, output),
        staticFiles: files.map((file) => join(root, file)),
        bytes: files.reduce(
          (sum, file) => sum + (outputs[file]?.bytes ?? 0),
          0,
        ),
      };
      return [[name, entry] as const];
    },
  );
  return { entries: Object.fromEntries(entries), outputs };
};

/** Beside the code that reads them: functions/policy/files.ts. */
export const putPolicies = (directory: string): void => {
  for (const name of readdirSync(policies))
    if (name.endsWith(".cedar"))
      copyFileSync(join(policies, name), join(directory, name));
  copyFileSync(cedarWasm(), join(directory, basename(cedarWasm())));
};

const entryPoints = (): string[] =>
  rooms.flatMap((room) => {
    const directory = join(functions, room);
    if (!existsSync(directory)) return [];
    return readdirSync(directory)
      .filter((name) => name.endsWith(".ts"))
      .map((name) => join(directory, name))
      .filter((file) =>
        /^export const handler\b/m.test(readFileSync(file, "utf8")),
      )
      .sort();
  });

/** Modules that are imported dynamically are entry points of chunks, too; only Lambda's are ours. */
const nameOf = (entryPoint: string | undefined): string | undefined => {
  if (entryPoint === undefined) return undefined;
  const name = relative("functions", entryPoint).replace(/\.ts$/, "");
  const [room = "", , ...deeper] = name.split("/");
  return rooms.includes(room) && deeper.length === 0 ? name : undefined;
};

let built:
  { readonly directory: string; readonly entries: Entries } | undefined;

/** The bundle of this process: built at first use, shared by all organizations, gone at exit. */
export const functionCode = (): {
  readonly directory: string;
  readonly entries: Entries;
} => {
  if (built === undefined) {
    const directory = mkdtempSync(join(tmpdir(), "sojourn-functions-"));
    process.once("exit", () =>
      rmSync(directory, { recursive: true, force: true }),
    );
    built = { directory, ...bundle(directory) };
  }
  return built;
};
