import { readFileSync } from "node:fs";

const root = new URL("../../", import.meta.url);

export const sourceOf = (file: string): string =>
  readFileSync(new URL(file, root), "utf8");

/** A number that a file keeps to itself: `const name = 350 * 1024;`. Throws when it is not there any more. */
export const constantIn = (file: string, name: string): number => {
  const [, product = ""] =
    new RegExp(String.raw`^const ${name} = ([\d_ *]+);`, "mu").exec(
      sourceOf(file),
    ) ?? [];
  if (product === "")
    throw new Error(`${file} has no constant ${name}; the documents quote it`);
  return product
    .split("*")
    .reduce((result, factor) => result * Number(factor.replaceAll("_", "")), 1);
};
