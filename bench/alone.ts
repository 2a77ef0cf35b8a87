import { build } from "esbuild";
import { join } from "node:path";
import { closure, settings } from "../lib/bundle.ts";

const root = join(import.meta.dirname, "..");

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
