import { createHash } from "node:crypto";
import type { KnownType } from "../resources/declaration.ts";
import { badCursor } from "./history.ts";
import type { Vault } from "./vault.ts";

/** What is asked of a patient's whole record; times are FHIR dates of any precision. */
export interface EverythingQuestion {
  /** Care within this time only. */
  readonly start?: string;
  readonly end?: string;
  /** Changed at or after this instant only. */
  readonly since?: string;
  readonly types?: readonly KnownType[];
  /** Most entries of a page. */
  readonly count?: number;
}

/** Where a page begins. The question is part of it, so that an address holds nothing but the cursor. */
export interface Place {
  readonly question: EverythingQuestion;
  /** The stretch of the record (a compartment, or a type in it; at last the links) and the key to go on behind. */
  readonly stretch: number;
  readonly after?: string;
  /** Digest of the stretches: when they are others now, the cursor leads nowhere. */
  readonly way?: string;
  /** Entries of earlier pages. */
  readonly given: number;
  /** Marks of the directory's resources that earlier pages brought along, joined. */
  readonly brought: string;
  /** References that found no room on the page before. */
  readonly pending: readonly string[];
}

export const firstPlace = (question: EverythingQuestion): Place => ({
  question,
  stretch: 0,
  given: 0,
  brought: "",
  pending: [],
});

/** A cursor belongs to one caller and one patient. */
export const openPlace = async (
  vault: Vault,
  kind: string,
  cursor: string,
): Promise<Place> => {
  const text = await vault.openToken(kind, cursor);
  if (text === undefined) throw badCursor();
  return JSON.parse(text) as Place;
};

export const sealPlace = (
  vault: Vault,
  kind: string,
  place: Place,
): Promise<string> => vault.sealToken(kind, JSON.stringify(place));

const markLength = 8;
/** A cursor must fit into an address: beyond these a resource may be brought along once more. */
const mostMarks = 400;

/** 48 bits of a name's hash. */
export const markOf = (name: string): string =>
  createHash("sha256").update(name).digest("base64").slice(0, markLength);

export const marksIn = (brought: string): string[] =>
  Array.from({ length: brought.length / markLength }, (_, index) =>
    brought.slice(index * markLength, (index + 1) * markLength),
  );

export const joinMarks = (marks: ReadonlySet<string>): string =>
  [...marks].slice(-mostMarks).join("");

export const digestOf = (names: readonly string[]): string =>
  markOf(names.join("|"));
