import { verify, type KeyObject } from "node:crypto";
import * as z from "zod";
import { canonical, sha256, type Link } from "./fact-chain.ts";

const hash = z.string().regex(/^[0-9a-f]{64}$/);

/** What an hour of the archive holds. Objects belong to the hour in which they were written, facts to the object that brought them. */
export const Root = z.strictObject({
  v: z.literal(1),
  organization: z.string(),
  /** `2026-03-02T15`, in UTC. */
  hour: z.string().regex(/^\d{4}-\d\d-\d\dT\d\d$/),
  /** Hash of the root of the hour before; null in the first one. */
  previous: hash.nullable(),
  /** The last link before this hour, and the last one in it. */
  start: hash,
  head: hash,
  count: z.int(),
  /** Facts of hours before this one. */
  late: z.int(),
  first: z.string().optional(),
  last: z.string().optional(),
  objects: z.array(
    z.strictObject({
      key: z.string(),
      sha256: hash,
      bytes: z.int(),
      version: z.string().optional(),
    }),
  ),
  /** Hash of the list of this hour's links; absent when there are none. */
  links: hash.optional(),
  /** Id of the key that signs. */
  key: z.string(),
});
export type Root = z.infer<typeof Root>;

const SignedRoot = z.strictObject({ root: Root, signature: z.base64() });
export type SignedRoot = z.infer<typeof SignedRoot>;

/** What is signed: a root without its signature. */
export const rootText = (root: Root): string => canonical(root);

/** What the next root names. */
export const rootHash = (root: Root): string => sha256(rootText(root));

export const rootFile = (root: Root, signature: Uint8Array): string =>
  canonical({ root, signature: Buffer.from(signature).toString("base64") });

/** Undefined when this is no signed root, byte for byte as one is written. */
export const readRoot = (body: Uint8Array): SignedRoot | undefined => {
  const text = Buffer.from(body).toString("utf8");
  try {
    const signed = SignedRoot.parse(JSON.parse(text));
    return canonical(signed) === text ? signed : undefined;
  } catch {
    return undefined;
  }
};

/** ECDSA on P-256 over the SHA-256 of the root, in DER: KMS's ECDSA_SHA_256. */
export const isSignedBy = (
  { root, signature }: SignedRoot,
  key: KeyObject,
): boolean =>
  verify(
    "sha256",
    Buffer.from(rootText(root)),
    key,
    Buffer.from(signature, "base64"),
  );

/** A line `<hash> <id>` for each link. */
export const linksFile = (links: readonly Link[]): string =>
  links.map(({ hash: link, id }) => `${link} ${id}\n`).join("");

export const readLinks = (body: Uint8Array): readonly Link[] =>
  Buffer.from(body)
    .toString("utf8")
    .split("\n")
    .filter(Boolean)
    .map((line) => ({ hash: line.slice(0, 64), id: line.slice(65) }));

const hourLength = 3_600_000;

export const hourOf = (instant: Date): string =>
  instant.toISOString().slice(0, 13);

export const startOf = (hour: string): Date => new Date(`${hour}:00:00.000Z`);

export const hourAfter = (hour: string, count = 1): string =>
  hourOf(new Date(startOf(hour).getTime() + count * hourLength));

const path = (hour: string): string => hour.replaceAll(/[-T]/g, "/");

/** Every name in the archive. What a name calls by its hash is never written twice. */
export const archiveKeys = {
  facts: "facts/",
  roots: "roots/",
  factsOfDay: (day: string): string => `facts/${day.replaceAll("-", "/")}/`,
  factsOfHour: (hour: string): string => `facts/${path(hour)}/`,
  object: (hour: string, body: string): string =>
    `facts/${path(hour)}/${sha256(body)}.ndjson`,
  links: (hour: string, links: string): string =>
    `links/${path(hour)}/${links}.txt`,
  rootsOfMonth: (month: string): string =>
    `roots/${month.replaceAll("-", "/")}/`,
  root: (hour: string): string => `roots/${path(hour)}.json`,
  publicKey: (id: string): string => `keys/${id}.pem`,
} as const;

/** The hour of an object's or a root's name; undefined when it is no name of ours. */
export const hourIn = (key: string): string | undefined => {
  const [, year, month, day, hour] =
    /^(?:facts|roots|links)\/(\d{4})\/(\d\d)\/(\d\d)\/(\d\d)(?:\/[0-9a-f]{64}\.(?:ndjson|txt)|\.json)$/.exec(
      key,
    ) ?? [];
  return hour === undefined
    ? undefined
    : `${year ?? ""}-${month ?? ""}-${day ?? ""}T${hour}`;
};

/** The hash that an object has in its name. */
export const hashIn = (key: string): string =>
  /([0-9a-f]{64})\.(?:ndjson|txt)$/.exec(key)?.[1] ?? "";
