import { afterAll, afterEach, beforeAll, describe, test } from "vitest";
import { corpus, sampleOf } from "./corpus.ts";
import { counted } from "./counted.ts";
import { deploy, type Deployment } from "./deployment.ts";
import { expectKept, expectRefused } from "./expecting.ts";
import { fhirKitClient } from "./fhir-kit-client.ts";
import { defective } from "./judgements.ts";
import { load } from "./loading.ts";
import { medplumClient } from "./medplum-client.ts";

let deployment: Deployment | undefined;
const deployed = (): Deployment => {
  if (!deployment) throw new Error("nothing is deployed");
  return deployment;
};

beforeAll(async () => {
  deployment = await deploy();
});
afterAll(() => deployment?.stop());
afterEach(async ({ task }) => {
  if (task.result?.state === "fail" && task.fails !== true)
    process.stdout.write(
      `${(await deployed().errors()).slice(-3).join("\n")}\n`,
    );
});

fhirKitClient(deployed);
medplumClient(deployed);

describe("the official examples", () => {
  test("a sample is kept and read back over HTTP", async (context) => {
    const sample = sampleOf(corpus, 200);
    const loaded = await load(deployed().send, sample, 4);
    for (const each of loaded) {
      const { file } = each.example;
      if (Object.hasOwn(defective, file)) expectRefused(each);
      else expectKept(each);
    }
    counted(context, {
      table: "Official examples, a sample",
      row: "emulator, over HTTP",
      counts: {
        examples: sample.length,
        "accepted and read back": loaded.filter(
          ({ name }) => name !== undefined,
        ).length,
        "refused as expected": loaded.filter(({ name }) => name === undefined)
          .length,
      },
    });
  });
});
