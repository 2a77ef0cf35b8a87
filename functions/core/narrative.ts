import type { Narrative } from "@medplum/fhirtypes";

export interface Table {
  readonly caption: string;
  readonly headings: readonly string[];
  readonly rows: readonly (readonly string[])[];
  /** Said below it. */
  readonly note?: string | undefined;
}

export const tableNarrative = ({
  caption,
  headings,
  rows,
  note,
}: Table): Narrative =>
  narrative(
    [
      "<table>",
      `<caption>${escaped(caption)}</caption>`,
      `<thead><tr>${headings.map((text) => `<th scope="col">${escaped(text)}</th>`).join("")}</tr></thead>`,
      `<tbody>${rows.map((cells) => `<tr>${cells.map((text) => `<td>${escaped(text)}</td>`).join("")}</tr>`).join("")}</tbody>`,
      "</table>",
      ...(note === undefined ? [] : [`<p>${escaped(note)}</p>`]),
    ].join(""),
  );

export const textNarrative = (text: string): Narrative =>
  narrative(`<p>${escaped(text)}</p>`);

const narrative = (content: string): Narrative => ({
  status: "generated",
  div: `<div xmlns="http://www.w3.org/1999/xhtml" xml:lang="en" lang="en">${content}</div>`,
});

/** As XHTML: what XML cannot hold at all is left out. */
const escaped = (text: string): string =>
  text
    .replaceAll(/[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\u{10000}-\u{10ffff}]/gu, "")
    .replaceAll("&", "&amp;")
    .replaceAll("<", "&lt;")
    .replaceAll(">", "&gt;")
    .replaceAll('"', "&quot;");
