import { archiveKeys } from "../functions/core/audit-root.ts";
import { linesOf } from "../functions/core/fact-chain.ts";
import type { Archive } from "../functions/store/archive.ts";
import { Fact } from "../functions/store/facts.ts";
import {
  readLedger,
  recordedShreds,
  type ShredEntry,
} from "../functions/store/shred-ledger.ts";
import type { Restored } from "./reapply-ledger.ts";

/** Why a restored table must not be used. */
export class RestoreRefused extends Error {}

/**
 * Every erasure there was: the ledger's, none of which the record or the archive of facts may know and the ledger lack, and
 * none of which the ledger alone may know. The archive is what nobody can take anything from. Throws RestoreRefused.
 */
export const knownErasures = async ({
  table,
  ledger,
  archive,
  isNobodyErased,
  isCompleted,
  isTrusted,
}: Restored): Promise<readonly ShredEntry[]> => {
  const entries = await readLedger(ledger).catch((cause: unknown) => {
    throw new RestoreRefused("The shred ledger cannot be read.", { cause });
  });
  const archived = await archivedErasures(archive);
  const recorded = await recordedShreds(table);
  const lacking = lackingIn(entries, [...recorded, ...archived]);
  if (lacking.length > 0 && !isCompleted)
    throw new RestoreRefused(
      `The shred ledger is not whole: it lacks ${erasures(lacking)}, which the record or the archive of facts knows. Bring its objects back from their earlier versions, or let --complete take these from there.`,
    );
  const alone = lackingIn([...recorded, ...archived], entries);
  if (alone.length > 0 && !isTrusted)
    throw new RestoreRefused(
      `Nothing but the ledger knows of ${erasures(alone)}: is it this organization's, and is the archive? Erasures of the last minutes may not be archived yet; --trust-ledger applies them.`,
    );
  const all = [...entries, ...lacking];
  if (all.length === 0 && !isNobodyErased)
    throw new RestoreRefused(
      "The shred ledger is empty: a restore without the ledger would bring erased patients back. If nobody was ever erased, say so by --nobody-was-erased.",
    );
  return all;
};

/** What of others these entries lack, each patient once. */
const lackingIn = (
  entries: readonly ShredEntry[],
  others: readonly ShredEntry[],
): readonly ShredEntry[] => {
  const known = new Set(entries.map(({ patient }) => patient));
  return [
    ...new Map(
      others
        .filter(({ patient }) => !known.has(patient))
        .map((entry) => [entry.patient, entry]),
    ).values(),
  ];
};

const erasures = (entries: readonly ShredEntry[]): string =>
  `${String(entries.length)} erasure${entries.length === 1 ? "" : "s"} (${entries.map(({ patient }) => patient).join(", ")})`;

const archivedErasures = async (
  archive: Pick<Archive, "get" | "list">,
): Promise<readonly ShredEntry[]> => {
  const found: ShredEntry[] = [];
  for await (const { key } of archive.list(archiveKeys.facts)) {
    const object = await archive.get(key);
    if (object === undefined)
      throw new RestoreRefused("An object of the archive cannot be read.");
    for (const { id, text } of linesOf(object.body)) {
      if (!text.includes(`"PatientErased"`)) continue;
      const { at, requestId, patient } = Fact.parse({
        ...(JSON.parse(text) as object),
        id,
      });
      if (patient !== undefined)
        found.push({ patient, shredded: at, request: requestId });
    }
  }
  return found;
};
