import { beforeAll, describe, expect, it } from "vitest";
import { archiveKeys } from "../../functions/core/audit-root.ts";
import { until } from "../../local/until.ts";
import { deployedArchive } from "./archive.ts";
import { allItems, allLogLines, named } from "./aws.ts";
import { canary, leaks } from "./canary.ts";
import { played } from "./scenario.ts";
import { theWorld, type World } from "./world.ts";

let world: World;
let patient: string;
beforeAll(async () => {
  world = await theWorld();
  patient = (await played()).get("canary")?.person.id ?? "";
});

const nothingIn = (texts: readonly string[], least: number) => {
  expect(texts.length).toBeGreaterThan(least);
  expect(
    texts.flatMap((text) =>
      leaks(text).map((sign) => `${sign} in ${text.slice(0, 400)}`),
    ),
  ).toEqual([]);
};

describe("nothing of the canary patient", () => {
  it("is missing where it belongs: on the own phone", () => {
    const texts = world.handset.carrier
      .messages()
      .filter(({ address }) => address === canary.phone);
    expect(texts.length).toBeGreaterThan(3);
    expect(leaks(texts.map(({ text }) => text).join())).toEqual([
      "wqoulix",
      "my knee",
    ]);
  });

  it("is in the log of a function", async () => {
    const lines = await allLogLines(world.call);
    console.log(`  ${lines.length} log lines searched`);
    nothingIn(lines, 50);
  });

  it("is in an execution's input, output or history", () => {
    const texts = world.engine
      .executions(world.machine)
      .flatMap((execution) => {
        const events = world.engine.history(execution.executionArn);
        return [
          JSON.stringify(execution),
          ...events.map((event) => JSON.stringify(event)),
        ];
      });
    console.log(`  ${texts.length} history events searched`);
    nothingIn(texts, 100);
  });

  it("is in an event", async () => {
    const events = await world.events();
    console.log(`  ${events.length} events searched`);
    nothingIn(events, 50);
  });

  it("is in the archive of facts", async () => {
    const { archive } = await deployedArchive(world);
    const objects = await until("a fact of the canary's visit", async () => {
      const found: string[] = [];
      for await (const { key } of archive.list(archiveKeys.facts)) {
        const { body = [] } = (await archive.get(key)) ?? {};
        found.push(`${key}\n${Buffer.from(body).toString()}`);
      }
      return found.some((text) => text.includes(patient)) ? found : undefined;
    });
    const facts = objects.flatMap((text) => text.split("\n").slice(1));
    console.log(`  ${facts.length} facts of the archive searched`);
    nothingIn([...objects, ...facts], 50);
  });

  it.each(["records", "keys"])(
    "can be read in the bytes of the table %s",
    async (table) => {
      const { TableNames } = await world.call<{ TableNames: string[] }>(
        "dynamodb",
        "DynamoDB_20120810.ListTables",
        {},
      );
      const name =
        TableNames.find((candidate) =>
          candidate.toLowerCase().includes(table),
        ) ?? named(table);
      const items = await allItems(world.call, name);
      console.log(`  ${items.length} items of ${table} searched`);
      nothingIn(items.map(readable), 10);
    },
  );
});

/** Text as it stands, and bytes as what they would read as. */
const readable = (item: object): string =>
  JSON.stringify(item, (key, value: unknown) =>
    key === "B" && typeof value === "string"
      ? Buffer.from(value, "base64").toString("latin1")
      : value,
  );
