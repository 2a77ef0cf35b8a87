import { createPublicKey } from "node:crypto";
import { readFileSync } from "node:fs";
import { parseArgs } from "node:util";
import {
  isCertifiedBy,
  readCertificate,
  type Certificate,
} from "../functions/core/erasure-certificate.ts";

/** 0: the certificate is genuine; 1: it is not; 2: it could not be looked at. */
type ExitCode = 0 | 1 | 2;

const usage =
  "npm run erasure:verify -- certificate.json --public-key certificates.pem";

/** Needs no network: the certificate, and the public key that the organization has published. */
export const verifyCertificate = (
  args: readonly string[],
  print: (text: string) => void,
): ExitCode => {
  const asked = read(args);
  if (typeof asked === "string") {
    print(`${asked}\n\n${usage}`);
    return 2;
  }
  const signed = readCertificate(asked.file);
  if (signed === undefined) {
    print("This is no certificate, or it is not as it was issued.");
    return 1;
  }
  if (!isCertifiedBy(signed, asked.key)) {
    print("The signature is not of this certificate and this key.");
    return 1;
  }
  print(told(signed.certificate));
  return 0;
};

const read = (args: readonly string[]) => {
  try {
    const { positionals, values } = parseArgs({
      args: [...args],
      allowPositionals: true,
      options: { "public-key": { type: "string" } },
    });
    const [file] = positionals;
    const key = values["public-key"];
    if (file === undefined || key === undefined)
      return "Name the certificate and the public key.";
    return {
      file: readFileSync(file),
      key: createPublicKey(readFileSync(key)),
    };
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
};

const told = ({
  organization,
  request,
  patients,
  certified,
  stores,
  remains,
  key,
}: Certificate): string =>
  [
    `The certificate is genuine: ${organization} erased ${String(patients.length)} record(s), request ${request}, certified ${certified}, signed by ${key}.`,
    "",
    ...patients.map(
      ({ id, shredded }) => `Key destroyed: ${id} at ${shredded}`,
    ),
    "",
    ...stores.map(
      ({ store, held, left, how }) =>
        `${store}: held ${counts(held)}; left ${String(left)}. ${how}`,
    ),
    "",
    ...remains.map(
      ({ what, count, because, basis, until }) =>
        `Stays: ${what}${count === undefined ? "" : ` (${String(count)})`}${until === undefined ? "" : `, until ${until}`}. ${because}${basis.length > 0 ? ` ${basis.join("; ")}.` : ""}`,
    ),
  ].join("\n");

const counts = (held: Readonly<Record<string, number>>): string =>
  Object.entries(held)
    .map(([kind, count]) => `${String(count)} ${kind}`)
    .join(", ") || "nothing";
