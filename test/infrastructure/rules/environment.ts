import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { ofType } from "../synthesized.ts";

/** The variables behind each dependency that an entry may take. */
const variables: Readonly<Record<string, readonly string[]>> = {
  records: ["RECORDS_TABLE", "KEYS_TABLE", "DATA_KEY_ID"],
  exportJobs: ["RECORDS_TABLE", "KEYS_TABLE", "DATA_KEY_ID"],
  importJobs: ["RECORDS_TABLE", "KEYS_TABLE", "DATA_KEY_ID"],
  emergencies: ["RECORDS_TABLE", "KEYS_TABLE", "DATA_KEY_ID"],
  activity: ["RECORDS_TABLE", "KEYS_TABLE", "DATA_KEY_ID"],
  disclosures: ["RECORDS_TABLE", "KEYS_TABLE", "DATA_KEY_ID", "RECIPIENTS"],
  documents: ["DOCUMENTS_BUCKET"],
  erasures: ["RECORDS_TABLE", "KEYS_TABLE", "DATA_KEY_ID"],
  holds: ["RECORDS_TABLE", "KEYS_TABLE", "DATA_KEY_ID"],
  disposals: ["RECORDS_TABLE", "KEYS_TABLE", "DATA_KEY_ID"],
  erasing: [
    "RECORDS_TABLE",
    "KEYS_TABLE",
    "DATA_KEY_ID",
    "DOCUMENTS_BUCKET",
    "EXCHANGE_BUCKET",
  ],
  /** Records of Binaries have their bytes there. */
  Binary: ["DOCUMENTS_BUCKET"],
  takeLines: ["DOCUMENTS_BUCKET"],
  fileResult: ["DOCUMENTS_BUCKET"],
  vendorRegister: ["VENDORS"],
  liveSignIn: ["SIGN_IN_URL"],
  exchange: ["EXCHANGE_BUCKET"],
  channels: [
    "SMS_ORIGINATION",
    "SMS_CONFIGURATION_SET",
    "EMAIL_FROM",
    "EMAIL_CONFIGURATION_SET",
    "PUSH_APPLICATION_ID",
  ],
  journeys: ["JOURNEYS"],
  liveAuthenticate: [
    "PATIENT_POOL_ID",
    "PATIENT_CLIENT_IDS",
    "STAFF_POOL_ID",
    "STAFF_CLIENT_IDS",
    "CLINIC_CLIENTS",
  ],
};
const always = [
  "ORGANIZATION",
  "JURISDICTIONS",
  "POWERTOOLS_SERVICE_NAME",
  "POWERTOOLS_METRICS_NAMESPACE",
  "POWERTOOLS_LOG_LEVEL",
];

/** An entry and the files beside it that are its own, without comments and the names of other files. */
const sourceOf = (entry: string): string =>
  [
    `${entry}.ts`,
    ...(existsSync(entry)
      ? readdirSync(entry).map((name) => join(entry, name))
      : []),
  ]
    .map((file) => readFileSync(file, "utf8"))
    .join("\n")
    .replaceAll(/\/\*\*?[^]*?\*\/|\/\/ .*|"\.[^"]*"/g, "");

const neededBy = (handler: string): readonly string[] => {
  const source = sourceOf(`functions/${handler.replace(/\.handler$/, "")}`);
  const taken = Object.keys(variables).filter((dependency) =>
    new RegExp(`\\b${dependency}\\b`).test(source),
  );
  const named = [...source.matchAll(/environment\("(\w+)"\)/g)].map(
    ([, name = ""]) => name,
  );
  return [
    ...new Set([
      ...always,
      ...taken.flatMap((dependency) => variables[dependency] ?? []),
      ...named,
    ]),
  ].sort();
};

const functions = (): readonly {
  readonly handler: string;
  readonly environment: Readonly<Record<string, unknown>>;
}[] =>
  ofType("AWS::Lambda::Function").map(({ properties }) => ({
    handler: String(properties.Handler),
    environment: (
      properties.Environment as { Variables: Record<string, unknown> }
    ).Variables,
  }));

export const environment = (): void => {
  describe("environment", () => {
    it("of a function is what its code reads, no more and no less", () => {
      for (const { handler, environment: given } of functions()) {
        expect(Object.keys(given).sort(), handler).toEqual(neededBy(handler));
      }
    });

    it("stays under the 4 KB that Lambda allows", () => {
      for (const { handler, environment: given } of functions()) {
        const lengths = Object.entries(given).map(
          ([name, value]) =>
            name.length +
            (typeof value === "string" ? value.length : longest(value)),
        );
        expect(
          lengths.reduce((sum, length) => sum + length),
          handler,
        ).toBeLessThan(4096);
      }
    });
  });
};

/** Of a reference alone 128 characters; of text with references in it, the text and all their names. */
const longest = (value: unknown): number => {
  const template = JSON.stringify(value);
  return template.includes("Fn::Join") ? template.length : 128;
};
