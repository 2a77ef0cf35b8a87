import { verify, type KeyObject } from "node:crypto";
import * as z from "zod";
import { canonical } from "./fact-chain.ts";

const count = z.int().min(0);
const hash = z.string().regex(/^[0-9a-f]{64}$/);

/** A place where something of the patient lay, what went, and what was seen there when it was looked at again. */
const Store = z.strictObject({
  store: z.enum([
    "keys",
    "record",
    "documents",
    "exchange",
    "accounts",
    "journeys",
    "logs",
  ]),
  /** What it held when the keys were destroyed, by kind. */
  held: z.record(z.string(), count),
  /** What is left: nothing, or there is no certificate. */
  left: z.literal(0),
  seen: z.iso.datetime(),
  how: z.string(),
});

/** What stays, why, and until when. */
const Remainder = z.strictObject({
  what: z.string(),
  count: count.optional(),
  /** Over the names of what stays, in order. */
  sha256: hash.optional(),
  because: z.string(),
  /** The law that lets or makes it stay. */
  basis: z.array(z.string()),
  /** The last instant at which a copy may be had; none where it stays for good. */
  until: z.iso.datetime().optional(),
});

/** That a person was erased: every store, with what shows it. Ids, counts and instants only. */
export const Certificate = z.strictObject({
  v: z.literal(1),
  organization: z.string(),
  request: z.string(),
  requested: z.iso.datetime(),
  /** The person's records: each was one whose key is destroyed. */
  patients: z
    .array(z.strictObject({ id: z.string(), shredded: z.iso.datetime() }))
    .min(1),
  certified: z.iso.datetime(),
  stores: z.array(Store).min(1),
  remains: z.array(Remainder),
  /** Id of the key that signs. */
  key: z.string(),
});
export type Certificate = z.infer<typeof Certificate>;

const Signed = z.strictObject({
  certificate: Certificate,
  signature: z.base64(),
});
export type SignedCertificate = z.infer<typeof Signed>;

/** What is signed. */
export const certificateText = (certificate: Certificate): string =>
  canonical(certificate);

export const certificateFile = (
  certificate: Certificate,
  signature: Uint8Array,
): string =>
  canonical({
    certificate,
    signature: Buffer.from(signature).toString("base64"),
  });

/** Undefined when this is no certificate, byte for byte as one is issued. */
export const readCertificate = (
  file: Uint8Array,
): SignedCertificate | undefined => {
  const text = Buffer.from(file).toString("utf8");
  try {
    const signed = Signed.parse(JSON.parse(text));
    return canonical(signed) === text ? signed : undefined;
  } catch {
    return undefined;
  }
};

/** ECDSA on P-256 over the SHA-256 of the certificate, in DER: KMS's ECDSA_SHA_256. */
export const isCertifiedBy = (
  { certificate, signature }: SignedCertificate,
  key: KeyObject,
): boolean =>
  verify(
    "sha256",
    Buffer.from(certificateText(certificate)),
    key,
    Buffer.from(signature, "base64"),
  );

export interface Findings {
  readonly organization: string;
  readonly request: string;
  readonly requested: string;
  readonly patients: Certificate["patients"];
  readonly held: Readonly<Record<string, number>>;
  /** Facts that stay, and the hash over their names. */
  readonly facts: { readonly count: number; readonly sha256: string };
  readonly hadAccount: boolean;
  /** When everything was looked at again. */
  readonly seen: string;
  readonly key: string;
}

/** For how long copies last beside the stores; days. */
export interface Recovery {
  readonly keys: number;
  readonly records: number;
}

const day = 86_400_000;
const after = (instant: string, days: number): string =>
  new Date(Date.parse(instant) + days * day).toISOString();

/** What a certificate says of these findings; only made when nothing is left. */
export const certificateOf = (
  { held, facts, seen, hadAccount, ...named }: Findings,
  recovery: Recovery,
  duties: readonly { readonly name: string; readonly source: string }[],
): Certificate => {
  const { documents = 0, exchange = 0, ...record } = held;
  const last =
    named.patients
      .map(({ shredded }) => shredded)
      .toSorted()
      .at(-1) ?? seen;
  const basis = duties.map(({ name, source }) => `${name}: ${source}`);
  const store = (
    name: Certificate["stores"][number]["store"],
    counts: Readonly<Record<string, number>>,
    how: string,
  ): Certificate["stores"][number] => ({
    store: name,
    held: counts,
    left: 0,
    seen,
    how,
  });
  return {
    v: 1,
    ...named,
    certified: seen,
    stores: [
      store(
        "keys",
        { keys: named.patients.length },
        "Each patient's key item was read again: a tombstone without a key stands in its place.",
      ),
      store(
        "record",
        record,
        "Index entries, uniqueness, claims, links and sessions were removed by the exact list of each resource and read again before it went; then the compartments were read again and hold nothing but what remains.",
      ),
      store(
        "documents",
        { versions: documents },
        "All versions under the patients' ids were listed again.",
      ),
      store(
        "exchange",
        { versions: exchange },
        "Files of exports and imports that had touched the record were removed with all versions and listed again.",
      ),
      store(
        "accounts",
        { accounts: hadAccount ? 1 : 0 },
        "The sign-in was removed and asked for again.",
      ),
      store(
        "journeys",
        {},
        "Executions were stopped; their histories hold ids only and end after 90 days.",
      ),
      store("logs", {}, "Logs, metrics and events hold ids only."),
    ],
    remains: [
      {
        what: "facts: who did what to which version, when",
        count: facts.count,
        sha256: facts.sha256,
        because:
          "Documentation that the law wants kept; ids only, which name nobody any more. The archive of facts holds the same.",
        basis,
      },
      {
        what: "shred ledger and the record of this erasure",
        count: named.patients.length,
        because: "So that no restored table brings the patient back; ids only.",
        basis: ["GDPR Articles 5(2) and 17(3)(e)"],
      },
      {
        what: "references by id from other patients' resources and directories",
        because:
          "The id alone remains: it leads to an answer of 410, nothing lists it, and no reference to another patient carries a name or an identifier.",
        basis: ["GDPR Article 11"],
      },
      {
        what: "what records of other people say of the person in words",
        because: "It belongs to those records; nothing finds it by the person.",
        basis: ["GDPR Articles 11 and 17(3)"],
      },
      {
        what: "backups of the record",
        because:
          "Bodies in them are sealed with the key that is gone; index values are keyed hashes.",
        basis: [],
        until: after(last, recovery.records),
      },
      {
        what: "point-in-time copies of the keys",
        because:
          "The table of keys can be restored to an instant before; every restore applies the shred ledger first.",
        basis: [],
        until: after(last, recovery.keys),
      },
      {
        what: "how many patients a member of staff opened on a day",
        because:
          "Patients are counted by digests of 40 bits, which lead to nobody.",
        basis: [],
        until: after(last, 400),
      },
      {
        what: "files handed over for imports that had not come to the person; replies that wait in queues",
        because: "They are removed by their own clocks.",
        basis: [],
        until: after(last, 14),
      },
    ],
  };
};
