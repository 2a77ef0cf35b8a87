import { readdirSync, readFileSync } from "node:fs";

const root = new URL("../../", import.meta.url);

export const sourceOf = (file: string): string =>
  readFileSync(new URL(file, root), "utf8");

/** The files of a room whose names begin so. */
export const filesOf = (room: string, beginning = ""): readonly string[] =>
  readdirSync(new URL(`${room}/`, root))
    .filter((name) => name.startsWith(beginning) && name.endsWith(".ts"))
    .sort()
    .map((name) => `${room}/${name}`);

/** A number that one file of a room keeps to itself: `const name = 350 * 1024;`. Throws when none does, or several. */
export const constantIn = (room: string, name: string): number => {
  const declared = new RegExp(String.raw`^const ${name} = ([\d_ *]+);`, "gmu");
  const [product, ...more] = filesOf(room).flatMap((file) =>
    [...sourceOf(file).matchAll(declared)].map(([, found = ""]) => found),
  );
  if (product === undefined || more.length > 0)
    throw new Error(
      `the documents quote the constant ${name}, which ${room} must have once`,
    );
  return product
    .split("*")
    .reduce((result, factor) => result * Number(factor.replaceAll("_", "")), 1);
};
