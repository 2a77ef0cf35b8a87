import type { KeyObject } from "node:crypto";
import { createPublicKey } from "node:crypto";
import {
  archiveKeys,
  hourAfter,
  isSignedBy,
  rootHash,
  type Root,
  type SignedRoot,
} from "../functions/core/audit-root.ts";
import { beginningOf } from "../functions/core/fact-chain.ts";
import type { Archive } from "../functions/store/archive.ts";
import type { Finding } from "./finding.ts";

export interface RootQuestion {
  readonly archive: Pick<Archive, "get">;
  readonly hour: string;
  readonly signed: SignedRoot;
  /** Unknown behind a gap that was told already. */
  readonly previous: Root | undefined;
  /** The first one of the archive, as far as it goes back. */
  readonly isFirst: boolean;
  readonly trusted: readonly KeyObject[];
}

/** A root's signature, and that it goes on where the one before ended. */
export const examineRoot = async ({
  archive,
  hour,
  signed,
  previous,
  isFirst,
  trusted,
}: RootQuestion): Promise<readonly Finding[]> => {
  const { root } = signed;
  const findings: Finding[] = [];
  const what = `root ${hour}`;
  if (!trusted.some((key) => isSignedBy(signed, key))) {
    const claimed = await publicKeyAt(archive, root.key);
    findings.push(
      claimed !== undefined && isSignedBy(signed, claimed)
        ? {
            wrong: "unsigned",
            what,
            because: `it is signed by another key (${root.key}) than the trusted one; where keys were replaced, give each (--public-key, once for each)`,
          }
        : {
            wrong: "unsigned",
            what,
            because: "its signature does not fit its content",
          },
    );
  }
  if (root.hour !== hour)
    findings.push({
      wrong: "replaced",
      what,
      because: `it is the root of ${root.hour}`,
    });
  if (previous !== undefined) {
    const follows =
      root.previous === rootHash(previous) &&
      root.start === previous.head &&
      root.organization === previous.organization;
    if (!follows)
      findings.push({
        wrong: "unlinked",
        what,
        because: `it does not follow the root of ${hourAfter(hour, -1)} that is there`,
      });
  } else if (
    root.previous === null &&
    !(isFirst && root.start === beginningOf(root.organization))
  )
    findings.push({
      wrong: "unlinked",
      what,
      because: "it says that the archive begins with it, which is not so",
    });
  return findings;
};

/** The key that the archive itself has under a name; undefined when there is none. */
export const publicKeyAt = async (
  archive: Pick<Archive, "get">,
  id: string,
): Promise<KeyObject | undefined> => {
  const found = await archive.get(archiveKeys.publicKey(id));
  try {
    return found && createPublicKey(Buffer.from(found.body));
  } catch {
    return undefined;
  }
};
