import { readFile } from "node:fs/promises";
import { jurisdictions } from "../../packs/jurisdictions.ts";
import { code, generatedFrom, table } from "./markdown.ts";

/** What each jurisdiction pack forbids, after which law, since when, and what it leaves out. */
export const jurisdictionsPage = async (): Promise<string> =>
  [
    generatedFrom("packs/jurisdictions.ts and policies/"),
    "# Jurisdictions",
    "An organization names its jurisdictions in its file. Each adds a pack of policies to those that hold everywhere (`policies/base.cedar`). Packs only forbid: what one of them refuses stays refused, whatever the others say. A refusal names its policy. How a decision is made: [Privacy](privacy.md#how-a-decision-is-made).",
    "The packs are our reading of the law, not advice. Counsel confirms them for each organization.",
    ...(await Promise.all(
      Object.entries(jurisdictions).map(async ([name, pack]) => {
        const { intro, policies } = read(await policyText(pack.policies));
        return [
          `## ${pack.title}`,
          `${code(name)}, compared with its sources in ${pack.reviewed}. ${intro}`,
          table(
            ["policy", "what it is for", "source", "binds since"],
            policies.map(({ id, why, source, effective }) => [
              code(id),
              why,
              source,
              effective,
            ]),
          ),
          "Sources:",
          list(
            pack.sources.map(
              ({ citation, publisher, year, effective: { from, until } }) =>
                `${citation}. ${publisher}, ${String(year)}; binds from ${from}${until === undefined ? "" : ` until ${until}`}.`,
            ),
          ),
          "Not covered:",
          list(pack.notCovered),
        ].join("\n\n");
      }),
    )),
  ].join("\n\n");

const policyText = (file: string): Promise<string> =>
  readFile(new URL(`../../policies/${file}`, import.meta.url), "utf8");

const list = (lines: readonly string[]): string =>
  lines.map((line) => `- ${line}`).join("\n");

/** The file's first comment, and of each policy the comment above it and its annotations. */
const read = (text: string) => ({
  intro: prose(/^(?:\/\/.*\n)+/u.exec(text)?.[0] ?? ""),
  policies: [
    ...text.matchAll(/((?:^\/\/.*\n)*)((?:^@\w+\("[^"]*"\)\n)+)/gmu),
  ].map(([, comment = "", head = ""]) => ({
    why: prose(comment),
    id: annotation(head, "id"),
    source: annotation(head, "source"),
    effective: annotation(head, "effective"),
  })),
});

const prose = (comment: string): string =>
  comment
    .replaceAll(/^\/\/ /gmu, "")
    .replaceAll("\n", " ")
    .trim();

const annotation = (head: string, name: string): string =>
  new RegExp(`@${name}\\("([^"]*)"\\)`, "u").exec(head)?.[1] ?? "";
