import {
  before,
  linesOf,
  linked,
  type FactLine,
  type Link,
} from "../functions/core/fact-chain.ts";
import type { Finding } from "./finding.ts";

/** An object of a root as it lies there now. */
export interface Altered {
  readonly key: string;
  readonly body: Uint8Array;
}

/** Which facts are not the ones that were signed: each is tried behind the link before it, so one wrong fact does not hide the others. */
export const compareFacts = (
  hour: string,
  start: string,
  links: readonly Link[],
  lines: readonly FactLine[],
): readonly Finding[] => {
  const findings: Finding[] = [];
  const found = Map.groupBy(lines, ({ id }) => id);
  const sound = new Set<string>();
  let previous = start;
  for (const { id, hash } of links) {
    const candidates = found.get(id) ?? [];
    const signed = candidates.find((line) => linked(previous, line) === hash);
    if (signed !== undefined) sound.add(signed.text);
    else
      findings.push(
        candidates.length === 0
          ? {
              wrong: "missing",
              what: `fact ${id}`,
              because: `hour ${hour} was signed with it, and no object of the hour holds it`,
            }
          : {
              wrong: "changed",
              what: `fact ${id}`,
              because: `what hour ${hour} holds under this id is not what was signed`,
            },
      );
    previous = hash;
  }
  const signedIds = new Set(links.map(({ id }) => id));
  const changed = new Set(findings.map(({ what }) => what));
  for (const { id, text } of lines)
    if (!sound.has(text) && !(signedIds.has(id) && changed.has(`fact ${id}`))) {
      sound.add(text);
      findings.push({
        wrong: "inserted",
        what: `fact ${id || "(none)"}`,
        because: `it lies in hour ${hour}, which was signed without it`,
      });
    }
  return findings;
};

/** For an object with all its facts and other bytes than were signed. */
export const reorderedIn = ({ key, body }: Altered): Finding => {
  const lines = linesOf(body);
  const at = lines.findIndex((line, index) => {
    const next = lines[index + 1];
    return next !== undefined && before(line, next) > 0;
  });
  const [one, other] = [lines[at], lines[at + 1]];
  return one === undefined || other === undefined
    ? {
        wrong: "replaced",
        what: key,
        because: "it holds the facts that were signed in other bytes",
      }
    : {
        wrong: "reordered",
        what: `fact ${other.id}`,
        because: `in ${key} it stands behind ${one.id}, which came after it`,
      };
};
