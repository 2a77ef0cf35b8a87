import {
  archiveKeys,
  hashIn,
  readLinks,
  type Root,
} from "../functions/core/audit-root.ts";
import {
  chained,
  linesOf,
  ordered,
  sha256,
  type FactLine,
} from "../functions/core/fact-chain.ts";
import type { Archive } from "../functions/store/archive.ts";
import { compareFacts, reorderedIn, type Altered } from "./compare-facts.ts";
import type { Finding } from "./finding.ts";

export interface HourQuestion {
  readonly archive: Pick<Archive, "get">;
  readonly hour: string;
  readonly root: Root;
  /** What lies under the hour now. */
  readonly keys: readonly string[];
}

export interface ExaminedHour {
  readonly findings: readonly Finding[];
  readonly lines: readonly FactLine[];
}

const readAtOnce = 16;

/** The objects and facts of an hour against its root. */
export const examineHour = async (
  question: HourQuestion,
): Promise<ExaminedHour> => {
  const { archive, hour, root, keys } = question;
  const named = new Set(root.objects.map(({ key }) => key));
  const inserted = keys.filter((key) => !named.has(key));
  const findings: Finding[] = inserted.map((what) => ({
    wrong: "inserted",
    what,
    because: `hour ${hour} was signed without it`,
  }));
  const present: Altered[] = [];
  const altered: Altered[] = [];
  for (let from = 0; from < root.objects.length; from += readAtOnce) {
    const some = root.objects.slice(from, from + readAtOnce);
    await Promise.all(
      some.map(async (object) => {
        const { key } = object;
        const found = await archive.get(key);
        if (found === undefined) {
          findings.push({
            wrong: "missing",
            what: key,
            because: `the root of ${hour} names it${await original(archive, object)}`,
          });
          return;
        }
        present.push({ key, body: found.body });
        const hash = sha256(found.body);
        if (hash === object.sha256) {
          if (hash !== hashIn(key))
            findings.push({
              wrong: "replaced",
              what: key,
              because:
                "its content is not what its name says, and was not when it was signed",
            });
          return;
        }
        altered.push({ key, body: found.body });
        findings.push({
          wrong: "replaced",
          what: key,
          because: `its content is not the one that was signed${await original(archive, object)}`,
        });
      }),
    );
  }
  const lines = ordered(present.flatMap(({ body }) => linesOf(body)));
  const links = await linksOf(archive, root);
  if (links === undefined)
    findings.push({
      wrong: "replaced",
      what: `links of ${hour}`,
      because:
        "the list of its facts is missing or not the one that was signed",
    });
  const isWhole =
    present.length === root.objects.length && altered.length === 0;
  if (isWhole && fits(root, lines)) return { findings, lines };
  if (links === undefined) return { findings, lines };
  const wrong = compareFacts(hour, root.start, links, lines);
  findings.push(...(wrong.length > 0 ? wrong : altered.map(reorderedIn)));
  return { findings, lines };
};

const fits = (root: Root, lines: readonly FactLine[]): boolean => {
  const links = chained(root.start, lines);
  return (
    links.length === root.count &&
    (links.at(-1)?.hash ?? root.start) === root.head
  );
};

const linksOf = async (
  archive: Pick<Archive, "get">,
  { hour, links }: Root,
) => {
  if (links === undefined) return [];
  const found = await archive.get(archiveKeys.links(hour, links));
  return found !== undefined && sha256(found.body) === links
    ? readLinks(found.body)
    : undefined;
};

/** Where versions are kept, whether the signed one is still there. */
const original = async (
  archive: Pick<Archive, "get">,
  { key, version, sha256: signed }: Root["objects"][number],
): Promise<string> => {
  if (version === undefined) return "";
  const found = await archive.get(key, version);
  return found?.version === version && sha256(found.body) === signed
    ? `; the original is still there as version ${version}`
    : "";
};
