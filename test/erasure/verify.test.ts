import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { generateKeyPairSync } from "node:crypto";
import { afterEach, beforeEach, expect, it } from "vitest";
import { verifyCertificate } from "../../erasure/verify-certificate.ts";
import {
  certificateFile,
  certificateOf,
  certificateText,
} from "../../functions/core/erasure-certificate.ts";
import { documentationDuties } from "../../functions/core/retention.ts";
import { signer } from "./run.ts";

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "sojourn-certificate-"));
});
afterEach(() => rmSync(folder, { recursive: true }));

const put = (name: string, content: string): string => {
  const path = join(folder, name);
  writeFileSync(path, content);
  return path;
};

const certificate = certificateOf(
  {
    organization: "demo",
    request: "request-1",
    requested: "2026-03-02T15:00:00.000Z",
    patients: [
      {
        id: "01KJQH0EAG0000000000000001",
        shredded: "2026-03-02T15:01:00.000Z",
      },
    ],
    held: { resources: 4, documents: 1 },
    facts: { count: 7, sha256: "0".repeat(64) },
    hadAccount: true,
    seen: "2026-03-02T15:10:00.000Z",
    key: signer.key,
  },
  { keys: 7, records: 365 },
  documentationDuties(),
);
const issued = async (): Promise<string> =>
  certificateFile(certificate, await signer.sign(certificateText(certificate)));

const verify = (
  ...args: readonly string[]
): { readonly code: number; readonly printed: string } => {
  const printed: string[] = [];
  const code = verifyCertificate(args, (text) => printed.push(text));
  return { code, printed: printed.join("\n") };
};

it("a certificate verifies with the public key alone, and tells the last day of every copy", async () => {
  const file = put("certificate.json", await issued());
  const key = put("key.pem", await signer.publicKey());
  const { code, printed } = verify(file, "--public-key", key);
  expect(printed).toContain("is genuine: demo erased 1 record(s)");
  expect(printed).toContain("left 0");
  // The day after which no destroyed key can be had from a restore, and the last backup of the record.
  expect(printed).toContain("until 2026-03-09T15:01:00.000Z");
  expect(printed).toContain("until 2027-03-02T15:01:00.000Z");
  expect(printed).toContain("45 CFR 164.316(b)(2)(i)");
  expect(code).toBe(0);
});

it.each([
  ["a byte", (text: string) => text.replace("demo", "dem0")],
  ["a space", (text: string) => `${text} `],
  ["a count", (text: string) => text.replace('"resources":4', '"resources":5')],
  ["what is left", (text: string) => text.replace('"left":0', '"left":1')],
  ["everything", () => "{}"],
])("%s changed is found", async (_what, change) => {
  const file = put("certificate.json", change(await issued()));
  const key = put("key.pem", await signer.publicKey());
  expect(verify(file, "--public-key", key).code).toBe(1);
});

it("another key is found, and what cannot be read is told apart", async () => {
  const { publicKey } = generateKeyPairSync("ec", { namedCurve: "P-256" });
  const other = put(
    "other.pem",
    publicKey.export({ format: "pem", type: "spki" }).toString(),
  );
  const file = put("certificate.json", await issued());
  expect(verify(file, "--public-key", other).code).toBe(1);
  expect(verify(file).code).toBe(2);
  expect(verify(join(folder, "none"), "--public-key", other).code).toBe(2);
});
