import { createHash } from "node:crypto";
import { isUlid, timeOf, type Ulid } from "../core/ids.ts";
import { declarations } from "../resources/all.ts";
import type { KnownType } from "../resources/declaration.ts";

/** The data model: every partition and sort key of both tables is made here and nowhere else. */
export interface Key {
  readonly pk: string;
  readonly sk: string;
}

/** A key with the table it belongs to. `keys` holds only the patients' wrapped keys. */
export interface Place extends Key {
  readonly table: "records" | "keys";
}

/** Where a resource lives: known from its id alone, so permission and sealing key are known before it is read. */
export interface Address extends Key {
  readonly type: KnownType;
  readonly id: string;
  readonly local: string;
  /** The patient whose compartment, permission and key decide. */
  readonly patient?: string;
}

const key = (pk: string, sk: string): Key => ({ pk, sk });

export const compartment = (patient: string): string => `PATIENT#${patient}`;

const ofPatient = (patient: string, sk: string): Key =>
  key(compartment(patient), sk);

/** Without a number, what the sort keys of all of them begin with. */
const numbered = (prefix: string, number: number | undefined, digits = 6) =>
  number === undefined
    ? prefix
    : `${prefix}${String(number).padStart(digits, "0")}`;

const slotLocal = /^\d{8}T\d{4}-[0-9A-Z]{8}$/;

/** The address an id names, or undefined: then it is no id of ours and nothing can be stored under it. */
export const addressOf = (type: KnownType, id: string): Address | undefined => {
  const { home, homeOptional, byMonth } = declarations[type];
  const first = id.slice(0, 26);
  if (!isUlid(first)) return undefined;
  const local = id.slice(27);
  if (home === "schedule") {
    return id[26] === "-" && slotLocal.test(local)
      ? { type, id, local, pk: `Schedule#${first}`, sk: `Slot#${local}` }
      : undefined;
  }
  if (id.length === 26) {
    if (home === "self")
      return {
        type,
        id,
        local: id,
        patient: id,
        ...inCompartment(first, type, id),
      };
    return home === "directory" || homeOptional === true
      ? {
          type,
          id,
          local: id,
          pk: directory(type, byMonth === true ? first : undefined),
          sk: `A#${type}#${id}`,
        }
      : undefined;
  }
  return Array.isArray(home) && id[26] === "-" && isUlid(local)
    ? { type, id, local, patient: first, ...inCompartment(first, type, local) }
    : undefined;
};

const inCompartment = (patient: string, type: KnownType, local: string): Key =>
  ofPatient(patient, `A#${type}#${local}`);

export const directory = (type: KnownType, created?: Ulid): string =>
  created === undefined
    ? `DIRECTORY#${type}`
    : `DIRECTORY#${type}#${new Date(timeOf(created)).toISOString().slice(0, 7)}`;

/** Every partition of a directory type's resources that were made by then; ids are times, and none is older than the first month. */
export const directories = (
  type: KnownType,
  until: string,
): readonly string[] => {
  if (declarations[type].byMonth !== true) return [directory(type)];
  const last = new Date(until);
  const count =
    (last.getUTCFullYear() - firstYear) * 12 + last.getUTCMonth() + 1;
  return Array.from(
    { length: count },
    (_, month) =>
      `${directory(type)}#${new Date(Date.UTC(firstYear, month)).toISOString().slice(0, 7)}`,
  );
};

const firstYear = 2025;

/** Sort-key prefix of the current resources of a type in a compartment, the directory or a schedule. */
export const currentOf = (type: KnownType): string =>
  declarations[type].home === "schedule" ? "Slot#" : `A#${type}#`;

export const scheduleOf = (id: string): string => `Schedule#${id}`;

/** A bound for the sort keys of slots that start at or after the instant. */
export const slotsFrom = (instant: string): string =>
  `Slot#${stampOf(instant)}`;

/** `yyyymmddThhmm` in UTC. */
export const stampOf = (instant: string): string =>
  new Date(instant).toISOString().slice(0, 16).replaceAll(/[-:]/g, "");

/** Which other records are of the same person. */
export const mergeOf = (patient: string): Key => ofPatient(patient, "M");

/** Held by works that exclude each other; the name is a keyed hash. */
export const exclusionOf = (name: string): Key => key(`EXCLUSION#${name}`, "X");

export const linkOf = (
  patient: string,
  { type, id }: { type: KnownType; id: string },
): Key => ofPatient(patient, `L#${type}#${id}`);

export const linksOf = (type: KnownType): string => `L#${type}#`;

export const historyOf = (
  { pk, type, local }: Address,
  version?: number,
): Key => key(pk, numbered(`H#${type}#${local}#`, version, 10));

export const factOf = (patient: string | undefined, id: Ulid): Key =>
  key(
    patient === undefined
      ? loneFactsOfDay(
          new Date(timeOf(id)).toISOString().slice(0, 10),
          shard(id),
        )
      : compartment(patient),
    `${factsPrefix}${id}`,
  );

/** The partition of a day's facts without a patient, one of 16. */
export const loneFactsOfDay = (day: string, shardNumber: number): string =>
  `FACTS#${day}#${String(shardNumber)}`;

/** Sort-key prefix of a patient's facts. */
export const factsPrefix = "F#";

/** The partition that lists a day's facts, one of 16. */
export const factsOfDay = (
  version: number,
  day: string,
  shardNumber: number,
): string => indexKey(version, "Fact", "day", `${day}#${String(shardNumber)}`);

/** One of 16 shards, so that no list of everything is one hot partition. */
export const shard = (text: string): number =>
  createHash("sha256").update(text).digest().readUInt8(0) % 16;

export const indexKey = (
  version: number,
  type: KnownType | "Fact",
  list: string,
  key: string,
): string => `I#${String(version)}#${type}#${list}#${key}`;

export const uniqueKey = (
  version: number,
  type: KnownType,
  hash: string,
): Key => key(`U#${String(version)}#${type}#${hash}`, "U");

/** Claims are rows of five minutes of an actor's time; the seat counts up to the declared overbooking. */
export const claimBucketMinutes = 5;

export const claimOf = (actor: string, bucket: string, seat: number): Key =>
  key(`CLAIM#${actor}`, `${bucket}#${String(seat).padStart(2, "0")}`);

/** The five-minute buckets, as UTC instants to the minute, that a stretch of time touches. */
export const bucketsOf = (from: string, until: string): readonly string[] => {
  const width = claimBucketMinutes * 60_000;
  const first = Math.floor(Date.parse(from) / width);
  const last = Math.ceil(Date.parse(until) / width);
  return Array.from(
    { length: last - first },
    (_, index) =>
      `${new Date((first + index) * width).toISOString().slice(0, 16)}Z`,
  );
};

export const patientKeyPlace = (patient: string): Place => ({
  table: "keys",
  pk: compartment(patient),
  sk: "KEY",
});

/** A member of staff's emergency access to a patient's record; the holder is a keyed hash. */
export const emergencyOf = (patient: string, holder: string): Key =>
  ofPatient(patient, `G#${holder}`);

/** Lists emergency accesses by their end. */
export const emergencyEntry = (until: string, { pk, sk }: Key): Key =>
  key(emergencies, `${until}#${pk}#${sk}`);

export const emergencies = "EMERGENCIES";

/** What is kept of the sign-ins of a person; the name is a hash. */
export const sessionsOf = (who: Account): string =>
  `SESSIONS#${who.kind}#${digestOf(who.id)}`;

export const sessionPrefix = "SESSION#";

export const sessionOf = (who: Account, session: string): Key =>
  key(sessionsOf(who), `${sessionPrefix}${session}`);

/** Until when all sign-ins of a person were ended. */
export const sessionsEnded = (who: Account): Key =>
  key(sessionsOf(who), "ENDED");

/** Somebody who signs in, by the name of the account. */
export interface Account {
  readonly kind: "patient" | "staff";
  readonly id: string;
}

const digestOf = (text: string): string =>
  createHash("sha256").update(text).digest("hex").slice(0, 32);

/** To whom data of a patient went, as staff wrote it down. */
export const disclosureOf = (patient: string, id: Ulid): Key =>
  ofPatient(patient, `${disclosurePrefix}${id}`);

export const disclosurePrefix = "D#";

/** What one member of staff did on a day. */
export const activityOf = (day: string, staff: string): Key =>
  key(`ACTIVITY#${day}`, `STAFF#${staff}`);

/** Stands when the day was summed up. */
export const activityDayOf = (day: string): Key =>
  key(`ACTIVITY#${day}`, "DAY");

/** The last decision about somebody's access. */
export const accessDecisionOf = (staff: string): Key =>
  key(accessDecisions, `STAFF#${staff}`);

export const accessDecisions = "ACCESS-DECISIONS";

/** Wrapped organization keys; the sort key is `<purpose>#<version>`. */
export const organizationKeys = "KEYS";

/** A bulk export: the job, the patients that were asked for by name, and what each slice wrote. */
export const exportOf = (id: string): Key => key(`EXPORT#${id}`, "JOB");

export const exportPart = (
  id: string,
  part: "PATIENTS" | "SLICE",
  number?: number,
): Key => key(`EXPORT#${id}`, numbered(`${part}#`, number));

/** The exports of a caller that have not ended. */
export const runningExports = (caller: string): Key =>
  key(`EXPORTS#${caller}`, "RUNNING");

/** An execution that waits for a person. */
export const waitOf = (execution: string): Key =>
  key(`WAIT#${execution}`, "TOKEN");

/** A bulk import: the job, and what each slice did. */
export const importOf = (id: string): Key => key(`IMPORT#${id}`, "JOB");

export const importSliceOf = (id: string, number?: number): Key =>
  key(`IMPORT#${id}`, numbered("SLICE#", number));

/** The import from a source that has not ended. */
export const runningImport = (source: string): Key =>
  key(`IMPORTS#${source}`, "RUNNING");

/** Our id for a resource of another system; the name is a keyed hash. */
export const sourceOf = (name: string): Key => key(`SOURCE#${name}`, "S");

/** Why a patient's record must not be erased. */
export const holdOf = (patient: string): Key => ofPatient(patient, "HOLD");

/** How far a patient's erasure is; stays, with its outcome. */
export const erasureOf = (patient: string): Key =>
  ofPatient(patient, "ERASURE");

/** That a patient's key was destroyed: stays for good, for a restored table must be told. */
export const shredOf = (patient: string): Key =>
  key(shreds(shard(patient)), patient);

export const shreds = (shardNumber: number): string =>
  `SHRED#${String(shardNumber)}`;

/** That a name at a source is of this patient: by it erasure finds the name. */
export const sourceNoteOf = (patient: string, name: string): Key =>
  ofPatient(patient, `S#${name}`);

/** A review of whose record need not be kept any longer: the review, and what each slice of it found. */
export const disposalOf = (id: string): Key => key(`DISPOSAL#${id}`, "REVIEW");

export const disposalPart = (id: string, number?: number): Key =>
  key(`DISPOSAL#${id}`, numbered("LIST#", number));
