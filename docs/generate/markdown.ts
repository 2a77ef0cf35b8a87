const cell = (text: string): string =>
  text.replaceAll("|", "\\|").replaceAll("\n", " ");

export const table = (
  head: readonly string[],
  rows: readonly (readonly string[])[],
): string =>
  [head, head.map(() => "---"), ...rows]
    .map((row) => `| ${row.map(cell).join(" | ")} |`)
    .join("\n");

export const fenced = (language: string, text: string): string =>
  ["```" + language, text, "```"].join("\n");

export const code = (text: string): string => `\`${text}\``;

export const codes = (texts: readonly string[]): string =>
  texts.map(code).join(", ");

/** First lines of a page that nobody edits. */
export const generatedFrom = (sources: string): string =>
  `<!-- Written by docs/generate.ts from ${sources}. Run \`npm run docs\` after a change there. -->`;
