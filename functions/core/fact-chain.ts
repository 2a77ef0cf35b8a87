import { createHash } from "node:crypto";

/** A fact as the archive has it: one line of canonical JSON, and what orders it. */
export interface FactLine {
  readonly text: string;
  /** When it happened, as the fact says; empty when it is no fact. */
  readonly at: string;
  readonly id: string;
}

/** A fact in its place: SHA-256 over the link before it and its line. */
export interface Link {
  readonly id: string;
  readonly hash: string;
}

/** JSON that is the same for the same values: names in order, no space, bytes as `{"bytes":"<base64>"}`. */
export const canonical = (value: unknown): string => {
  if (value instanceof Uint8Array)
    return `{"bytes":"${Buffer.from(value).toString("base64")}"}`;
  if (Array.isArray(value))
    return `[${value.map((entry) => canonical(entry ?? null)).join(",")}]`;
  if (typeof value !== "object" || value === null) return JSON.stringify(value);
  const members = Object.entries(value)
    .filter(([, member]) => member !== undefined)
    .sort(([one], [other]) => (one < other ? -1 : 1))
    .map(([name, member]) => `${JSON.stringify(name)}:${canonical(member)}`);
  return `{${members.join(",")}}`;
};

/** A line of an object. What is no fact has neither time nor id, and so stands before all that are. */
export const readLine = (text: string): FactLine => {
  try {
    const { at, sk } = JSON.parse(text) as { at?: unknown; sk?: unknown };
    return typeof at === "string" && typeof sk === "string"
      ? { text, at, id: sk.slice("F#".length) }
      : { text, at: "", id: "" };
  } catch {
    return { text, at: "", id: "" };
  }
};

export const linesOf = (body: Uint8Array): readonly FactLine[] =>
  Buffer.from(body)
    .toString("utf8")
    .split("\n")
    .filter(Boolean)
    .map((text) => readLine(text));

/** By time, then id, then text; what was delivered twice stands once. */
export const ordered = (lines: readonly FactLine[]): readonly FactLine[] =>
  [...new Map(lines.map((line) => [line.text, line])).values()].sort(before);

/** Less than zero when the one stands before the other. */
export const before = (one: FactLine, other: FactLine): number =>
  compared(one.at, other.at) ||
  compared(one.id, other.id) ||
  compared(one.text, other.text);

const compared = (one: string, other: string): number =>
  one < other ? -1 : one > other ? 1 : 0;

export const linked = (previous: string, { text }: FactLine): string =>
  createHash("sha256")
    .update(Buffer.from(previous, "hex"))
    .update(text)
    .digest("hex");

/** The links of facts that stand in order, the first behind `start`. */
export const chained = (
  start: string,
  lines: readonly FactLine[],
): readonly Link[] => {
  let hash = start;
  return lines.map((line) => {
    hash = linked(hash, line);
    return { id: line.id, hash };
  });
};

/** What the first fact of an organization is linked to. */
export const beginningOf = (organization: string): string =>
  sha256(`facts of ${organization}`);

export const sha256 = (bytes: string | Uint8Array): string =>
  createHash("sha256").update(bytes).digest("hex");
