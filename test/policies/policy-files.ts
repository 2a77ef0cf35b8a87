import { readdirSync, readFileSync } from "node:fs";
import { jurisdictions } from "../../packs/jurisdictions.ts";

const room = new URL("../../policies/", import.meta.url);

export const readPolicies = (file: string): string =>
  readFileSync(new URL(file, room), "utf8");

export const policyFiles = readdirSync(room).filter((file) =>
  file.endsWith(".cedar"),
);

export type Jurisdiction = keyof typeof jurisdictions;
export const names = Object.keys(jurisdictions) as Jurisdiction[];

/** What is written above a policy's head, by name. */
export const annotationsIn = (
  text: string,
): readonly Readonly<Record<string, string>>[] =>
  [...text.matchAll(/(?:^@\w+\("[^"]*"\)\n)+/gmu)].map(([head]) =>
    Object.fromEntries(
      [...head.matchAll(/^@(\w+)\("([^"]*)"\)$/gmu)].map(
        ([, name = "", value = ""]) => [name, value],
      ),
    ),
  );
