import { createHash, type KeyObject } from "node:crypto";
import type { Report } from "./finding.ts";

const mostShown = 200;

/** A report for a reader: what is wrong first, then what was looked at. */
export const printed = (
  report: Report,
  trusted: readonly KeyObject[],
): string => {
  const { findings, notes } = report;
  const wide = Math.max(0, ...findings.map(({ wrong }) => wrong.length));
  const shown = findings
    .slice(0, mostShown)
    .map(
      ({ wrong, what, because }) =>
        `${wrong.toUpperCase().padEnd(wide)}  ${what}: ${because}.`,
    );
  const more =
    findings.length > mostShown
      ? [`… and ${String(findings.length - mostShown)} more.`]
      : [];
  return [
    ...shown,
    ...more,
    ...(shown.length > 0 ? [""] : []),
    looked(report),
    ...notes,
    ...trusted.map((key) => `Trusted key, SHA-256 ${fingerprint(key)}.`),
    "",
    findings.length === 0
      ? report.roots === 0
        ? "Nothing is wrong, but no hour was signed, so nothing is shown either."
        : "The archive is whole: every fact is the one that was signed, in its place."
      : `THE ARCHIVE IS NOT WHOLE: ${count(findings.length, "finding")}.`,
  ].join("\n");
};

const looked = (report: Report): string => {
  const { from, to, roots, objects, facts, late, repeated, open } = report;
  const period = roots === 0 ? "" : `, ${from} to ${to}`;
  return [
    `${count(roots, "signed hour")}${period}: ${count(objects, "object")}, ${count(facts, "fact")}, ${String(late)} of them archived after their hour, ${String(repeated)} delivered again.`,
    ...(open > 0
      ? [`${count(open, "object")} more of hours that are not signed yet.`]
      : []),
  ].join("\n");
};

const count = (number: number, of: string): string =>
  `${number.toLocaleString("en")} ${of}${number === 1 ? "" : "s"}`;

/** Of the public key as DER. */
export const fingerprint = (key: KeyObject): string =>
  createHash("sha256")
    .update(key.export({ format: "der", type: "spki" }))
    .digest("hex");
