import {
  actorWords,
  deedWords,
  purposeWords,
  thingsIn,
  type Deed,
  type Language,
} from "./access-words.ts";

/** As much of a fact as a patient is told of. */
export interface AccessFact {
  readonly at: string;
  readonly by: string;
  readonly kind: string;
  readonly outcome: string;
  readonly purpose: string;
  readonly changes: readonly { readonly type: string; readonly what: string }[];
}

export interface AccessRow {
  readonly at: string;
  readonly who: {
    readonly kind: "patient" | "proxy" | "staff" | "client" | "system";
    readonly id: string;
    readonly name: string;
    readonly role?: string;
  };
  readonly did: string;
  readonly what: readonly string[];
  readonly why: string;
  readonly emergency: boolean;
}

/** A member of staff as the directory knows them. */
export interface Named {
  readonly name: string;
  readonly role?: string;
}

export interface Telling {
  readonly language: Language;
  /** The records of the person it is about. */
  readonly people: readonly string[];
  /** The one who reads it is that person. */
  readonly isSelf: boolean;
  readonly staff: ReadonlyMap<string, Named>;
}

/** What somebody did to the record, not what was decided or refused. */
export const isAccess = ({ kind, outcome }: AccessFact): boolean =>
  outcome === "done" &&
  (kind === "read" || kind === "change" || kind === "admin");

export const accessRow = (
  { at, by, purpose, kind, changes }: AccessFact,
  telling: Telling,
): AccessRow => {
  const { language } = telling;
  const events = changes.map(({ what }) => what);
  return {
    at,
    who: whoOf(by, telling),
    did: deedWords(deedOf(kind, events), language),
    what: thingsIn(
      changes.map(({ type }) => type),
      language,
    ),
    why: purposeWords(purpose, language),
    emergency: purpose === "ETREAT" || events.includes("EmergencyAccessOpened"),
  };
};

const deedOf = (kind: string, events: readonly string[]): Deed => {
  const [event = ""] = events;
  return (
    deedOfEvent[event] ??
    (kind === "change" ? "changed" : kind === "read" ? "saw" : "managed")
  );
};

const deedOfEvent: Readonly<Record<string, Deed>> = {
  Exported: "exported",
  EmergencyAccessOpened: "opened",
  EmergencyAccessEnded: "closed",
  Disclosed: "disclosed",
  DisclosuresAccounted: "saw",
};

const whoOf = (
  by: string,
  { language, people, isSelf, staff }: Telling,
): AccessRow["who"] => {
  const [said = "", ...rest] = by.split(":");
  const id = rest.join(":");
  switch (said) {
    case "patient":
      return people.includes(id)
        ? {
            kind: "patient",
            id,
            name: actorWords(isSelf ? "self" : "patient", language),
          }
        : { kind: "proxy", id, name: actorWords("proxy", language) };
    case "staff": {
      const { name = actorWords("staff", language), role } =
        staff.get(id) ?? {};
      return { kind: "staff", id, name, ...(role !== undefined && { role }) };
    }
    case "client":
      return { kind: "client", id, name: actorWords("client", language) };
    default:
      return { kind: "system", id, name: actorWords("system", language) };
  }
};
