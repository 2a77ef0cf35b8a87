import { canonical, readLine, sha256 } from "../functions/core/fact-chain.ts";
import type { ArchivedFacts } from "./examine.ts";
import type { Finding } from "./finding.ts";

export type FactItem = Readonly<Record<string, unknown>>;

/** Hands every fact of the table to `each`, in no order. */
export type ReadFacts = (each: (item: FactItem) => void) => Promise<void>;

export interface Comparison {
  readonly readFacts: ReadFacts;
  readonly archived: ArchivedFacts;
  /** Instants; facts before may be older than the archive, facts behind may be on their way into it. */
  readonly from: string;
  readonly until: string;
}

export interface Compared {
  readonly findings: readonly Finding[];
  readonly compared: number;
  /** What the table has and the archive has not. */
  readonly lacking: readonly FactItem[];
  /** As before, but from a time before the archive. */
  readonly older: readonly FactItem[];
}

/** Every fact of the table is in the archive as it stands, and the other way round. */
export const compareTable = async ({
  readFacts,
  archived,
  from,
  until,
}: Comparison): Promise<Compared> => {
  const findings: Finding[] = [];
  const lacking: FactItem[] = [];
  const older: FactItem[] = [];
  const seen = new Set<string>();
  let compared = 0;
  await readFacts((item) => {
    const { id, at, text } = readLine(canonical(item));
    if (at >= until) return;
    const known = archived.get(id);
    if (known === undefined && at < from) {
      older.push(item);
      return;
    }
    seen.add(id);
    compared += 1;
    if (known === undefined) {
      lacking.push(item);
      findings.push({
        wrong: "missing",
        what: `fact ${id}`,
        because: "the table has it and the archive has not",
      });
    } else if (known.hash !== sha256(text))
      findings.push({
        wrong: "changed",
        what: `fact ${id}`,
        because: "the table holds another one than was archived",
      });
  });
  for (const [id, { at }] of archived)
    if (at >= from && at < until && !seen.has(id))
      findings.push({
        wrong: "missing",
        what: `fact ${id}`,
        because: "the archive has it and the table has not any more",
      });
  return { findings, compared, lacking, older };
};
