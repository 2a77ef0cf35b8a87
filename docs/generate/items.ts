import type { Item, TableName } from "../../functions/store/table.ts";
import { code, codes, table } from "./markdown.ts";

type Stood = Item & { readonly table: TableName };

interface Kind {
  readonly what: string;
  readonly holds: (item: Stood) => boolean;
  readonly purpose: string;
}

const under =
  (pk: string, sk: string) =>
  (item: Stood): boolean =>
    item.table === "records" &&
    item.pk.startsWith(pk) &&
    item.sk.startsWith(sk);

/** Every kind of item there is; the first that holds is an item's kind. */
const kinds: readonly Kind[] = [
  {
    what: "Patient's key",
    holds: (item) => item.table === "keys",
    purpose:
      "Seals this patient's resources; itself wrapped by an organization key. Without it nothing of the patient opens.",
  },
  {
    what: "Organization key",
    holds: under("KEYS", ""),
    purpose:
      "A data key of the organization, wrapped by KMS; one per purpose and version.",
  },
  {
    what: "Deleted resource",
    holds: (item) => item.deleted === true,
    purpose: "Stands where the resource stood, without a body; versions go on.",
  },
  {
    what: "Resource of a patient",
    holds: under("PATIENT#", "A#"),
    purpose: "The current resources of a patient's compartment.",
  },
  {
    what: "Resource without a patient",
    holds: under("DIRECTORY#", "A#"),
    purpose:
      "Practitioners, places, services; Tasks without a patient by month of creation.",
  },
  {
    what: "Slot",
    holds: under("Schedule#", "Slot#"),
    purpose: "Lies with its schedule, in order of its start (UTC).",
  },
  {
    what: "Earlier version",
    holds: (item) => item.sk.startsWith("H#"),
    purpose: "A copy of the item it was, under the partition of its resource.",
  },
  {
    what: "Link",
    holds: under("PATIENT#", "L#"),
    purpose:
      "Says in a patient's compartment that a resource at home elsewhere names this patient.",
  },
  {
    what: "Merge",
    holds: under("PATIENT#", "M"),
    purpose:
      "Into which record this one was merged, and which were merged into it: an index of the patients' links.",
  },
  {
    what: "Exclusion",
    holds: under("EXCLUSION#", "X"),
    purpose:
      "Held by writes that must not commit at the same time: conditional ones of the same criteria, a patient's Consents and the messages to them; gone after an hour.",
  },
  {
    what: "Fact about a patient",
    holds: under("PATIENT#", "F#"),
    purpose: "Who did what to which version, when: ids only.",
  },
  {
    what: "Fact without a patient",
    holds: under("FACTS#", "F#"),
    purpose: "The same for directory changes, by day in 16 shards.",
  },
  {
    what: "Emergency access",
    holds: under("PATIENT#", "G#"),
    purpose:
      "A record is open to a member of staff, who is a keyed hash, until then; the reason is sealed.",
  },
  {
    what: "Open emergency access",
    holds: under("EMERGENCIES", ""),
    purpose:
      "Lists emergency accesses by their end, for the privacy officer; gone a day later.",
  },
  {
    what: "Disclosure",
    holds: under("PATIENT#", "D#"),
    purpose: "To whom data went, what, when and why, as staff wrote it down.",
  },
  {
    what: "Activity",
    holds: under("ACTIVITY#", "STAFF#"),
    purpose:
      "What a member of staff did on a day, in numbers; patients as digests of 40 bits, to be counted. Gone after 400 days.",
  },
  {
    what: "Activity summed up",
    holds: under("ACTIVITY#", "DAY"),
    purpose: "Says that the day was summed up from the archive.",
  },
  {
    what: "Access decision",
    holds: under("ACCESS-DECISIONS", ""),
    purpose: "What the last review decided about somebody's access.",
  },
  {
    what: "Legal hold",
    holds: under("PATIENT#", "HOLD"),
    purpose:
      "Nobody erases this record while it is there; the matter is sealed.",
  },
  {
    what: "Erasure",
    holds: under("PATIENT#", "ERASURE"),
    purpose:
      "How far the erasure of a person is, or what stood against it; stays.",
  },
  {
    what: "Shred ledger",
    holds: under("SHRED#", ""),
    purpose:
      "That a patient's key was destroyed, for good; a copy lies beside the record, so that no restore brings the patient back.",
  },
  {
    what: "Review of retention",
    holds: under("DISPOSAL#", "REVIEW"),
    purpose:
      "A month's look at whose record need not be kept any longer; gone four months later.",
  },
  {
    what: "List of a review",
    holds: under("DISPOSAL#", "LIST#"),
    purpose: "Whom it found, for the privacy officer to confirm.",
  },
  {
    what: "Note of a name",
    holds: under("PATIENT#", "S#"),
    purpose:
      "That a name at a source is of this patient, where it is kept for good: by it an erasure finds the name.",
  },
  {
    what: "Index entry",
    holds: under("I#", ""),
    purpose:
      "Lists a resource under a look-up value. It has no attribute beside its key.",
  },
  {
    what: "Uniqueness",
    holds: under("U#", "U"),
    purpose: "At most one resource has this identifier.",
  },
  {
    what: "Claim",
    holds: under("CLAIM#", ""),
    purpose:
      "Five minutes of a practitioner's or a room's time, one item per seat.",
  },
  {
    what: "Session",
    holds: under("SESSIONS#", "SESSION#"),
    purpose:
      "One sign-in of a patient or a member of staff: when it began, was last active, and ended.",
  },
  {
    what: "End of sessions",
    holds: under("SESSIONS#", "ENDED"),
    purpose: "Every sign-in of this account up to then was ended.",
  },
  {
    what: "Bulk export",
    holds: under("EXPORT#", "JOB"),
    purpose:
      "Who asked for what, and how far it is; the address of the request is sealed.",
  },
  {
    what: "Patients of an export",
    holds: under("EXPORT#", "PATIENTS#"),
    purpose: "Whom it is limited to, in lists of a thousand.",
  },
  {
    what: "Slice of an export",
    holds: under("EXPORT#", "SLICE#"),
    purpose: "The files that one run of the task wrote, and where it ended.",
  },
  {
    what: "Running exports",
    holds: under("EXPORTS#", "RUNNING"),
    purpose: "The exports of one caller that have not ended: two at most.",
  },
  {
    what: "Bulk import",
    holds: under("IMPORT#", "JOB"),
    purpose:
      "Who hands over what from which system, and how far it is; the names of the files are sealed.",
  },
  {
    what: "Slice of an import",
    holds: under("IMPORT#", "SLICE#"),
    purpose:
      "What became of the lines that one run of the task took, and where it ended.",
  },
  {
    what: "Running import",
    holds: under("IMPORTS#", "RUNNING"),
    purpose: "The import from one system that has not ended: one at most.",
  },
  {
    what: "Wait for a person",
    holds: under("WAIT#", "TOKEN"),
    purpose:
      "By which token an execution is woken that waits for a decision; gone a day after the wait has ended by itself.",
  },
  {
    what: "Name at a source",
    holds: under("SOURCE#", "S"),
    purpose:
      "Our id for a resource of another system, given before it is written; kept for good where a type has no identifier to hold it, else for a week.",
  },
];

/** Keys with everything that differs from item to item named instead. */
const patternOf = (key: string): string =>
  key
    .replaceAll(/\b\d{8}T\d{4}-[0-9A-Z]{8}\b/gu, "<start>-<8 letters>")
    .replaceAll(/\b[0-7][0-9A-HJKMNP-TV-Z]{25}\b/gu, "<ulid>")
    .replace(/^SESSIONS#(\w+)#.*$/u, "SESSIONS#<kind>#<hash>")
    .replace(/^SESSION#.*$/u, "SESSION#<hash>")
    .replaceAll(/\b[0-9a-f]{32}\b/gu, "<hmac>")
    .replaceAll(/\d{4}-\d{2}-\d{2}T[\d:.]+Z/gu, "<instant>")
    .replaceAll(/\d{4}-\d{2}-\d{2}/gu, "<day>")
    .replaceAll(/#\d{4}-\d{2}$/gu, "#<month>")
    .replaceAll(/#\d{10}$/gu, "#<version>")
    .replace(/^(PATIENTS|SLICE|LIST)#\d{6}$/u, "$1#<number>")
    .replace(/^DISPOSAL#.*$/u, "DISPOSAL#<month>")
    .replace(/^SHRED#\d+$/u, "SHRED#<0..15>")
    .replace(/^STAFF#.*$/u, "STAFF#<name>")
    .replace(/^WAIT#.*$/u, "WAIT#<execution>")
    .replace(/^EXPORTS#.*$/u, "EXPORTS#<caller>")
    .replace(/^IMPORTS#.*$/u, "IMPORTS#<source>")
    .replaceAll(/(?<=<day>)#\d{1,2}\b/gu, "#<0..15>")
    .replace(/^(\w+)#\d+#/u, "$1#<index key>#")
    .replace(/(?<=^<instant>#)\d{2}$/u, "<seat>");

const typeless = (key: string): string =>
  patternOf(key).replace(
    /((?:^|#)(?:DIRECTORY|A|H|L|<index key>)#)[A-Z][A-Za-z]+/u,
    "$1<Type>",
  );

/** Of index keys only their common shape: the lists are told type by type. */
const shapeOf = ({ pk, sk }: Stood): string => {
  const listed = pk.startsWith("I#");
  const partition = listed
    ? "I#<index key>#<Type>#<list>#<value>"
    : typeless(pk).replace(/#<Type>#<month>$/u, "#<Type>[#<month>]");
  const sort = listed ? "<sort>#<id>" : typeless(sk);
  return `${code(partition.replace(/Practitioner|Location/u, "<Type>").replace(/^DIRECTORY#<Type>$/u, "DIRECTORY#<Type>[#<month>]"))} ${code(sort.replace(/^[a-z-]+#\d+$/u, "<purpose>#<version>"))}`;
};

const isSealed = (value: unknown): boolean => value instanceof Uint8Array;

/** A row per kind of item, made of items that were really written. Throws when an item is of no kind, or a kind has no item. */
export const itemKinds = (items: readonly Stood[]): string => {
  const byKind = Map.groupBy(items, (item) => {
    const kind = kinds.find(({ holds }) => holds(item));
    if (kind === undefined)
      throw new Error(
        `${patternOf(item.pk)} ${patternOf(item.sk)}: what is it?`,
      );
    return kind;
  });
  return table(
    ["item", "`pk` `sk`", "clear", "sealed", "what for"],
    kinds.map((kind) => {
      const [first, ...others] = byKind.get(kind) ?? [];
      if (first === undefined)
        throw new Error(`the example has no ${kind.what}`);
      const all = [first, ...others];
      const names = [...new Set(all.flatMap((item) => Object.keys(item)))];
      const sealed = names.filter((name) =>
        all.some((item) => isSealed(item[name])),
      );
      return [
        kind.what,
        [...new Set(all.map(shapeOf))].join(" or "),
        codes(
          names.filter(
            (name) =>
              !["pk", "sk", "table"].includes(name) && !sealed.includes(name),
          ),
        ),
        codes(sealed),
        kind.purpose,
      ];
    }),
  );
};

/** The index lists of a type as they were really written: name, key, order. */
export const indexLists = (type: string, items: readonly Stood[]): string => {
  const entries = items.flatMap(({ pk, sk }) => {
    const [, of, list = "", value = ""] =
      /^I#\d+#([A-Za-z]+)#([a-z-]+)#(.*)$/u.exec(pk) ?? [];
    return of === type ? [{ list, value, sk }] : [];
  });
  const byList = Map.groupBy(entries, ({ list }) => list);
  return [...byList]
    .toSorted(([one], [other]) => one.localeCompare(other))
    .map(([list, [entry]]) => {
      const value = patternOf(entry?.value ?? "");
      const sort = patternOf(entry?.sk ?? "").split("#")[0] ?? "";
      return `\`${list}\` (${value === "<hmac>" ? "hashed" : `readable: \`${listValue(list, value)}\``}${sort === "" ? "" : ", by time"})`;
    })
    .join(", ");
};

const listValue = (list: string, value: string): string => {
  if (list === "all") return "<0..15>";
  if (list.startsWith("team")) return "<system>|<code>";
  return value.replace(/^[A-Z][a-z]+\//u, "<Type>/");
};
