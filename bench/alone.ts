import { build, type BuildOptions } from "esbuild";
import { join } from "node:path";
import { closure } from "./closure.ts";

const root = join(import.meta.dirname, "..");

/** As lib/bundle.ts builds; that both give the same bytes, but for names that the minifier chose, is checked. */
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
  banner: {
    js: 'import{createRequire as __createRequire}from"node:module";const require=__createRequire(import.meta.url);',
  },
} as const satisfies BuildOptions;

/** A module of a few lines, built as the functions are: what they are compared with. */
export const builtAlone = async (
  source: string,
  outdir: string,
): Promise<{ readonly file: string; readonly bytes: number }> => {
  const { metafile } = await build({
    ...settings,
    stdin: { contents: source, resolveDir: root, sourcefile: "alone.js" },
    outdir,
  });
  const { outputs } = metafile;
  const entry = Object.keys(outputs).find(
    (name) => outputs[name]?.entryPoint === "alone.js",
  );
  if (entry === undefined) throw new Error("nothing was built");
  const bytes = [...closure(outputs, entry)].reduce(
    (sum, name) => sum + (outputs[name]?.bytes ?? 0),
    0,
  );
  return { file: join(root, entry), bytes };
};
