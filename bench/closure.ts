import type { Metafile } from "esbuild";

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
