import { expect, test } from "vitest";
import {
  CommitRefused,
  type Item,
  type Page,
  type Range,
  type Table,
  type Write,
} from "../../functions/store/table.ts";
import { onBothTables } from "./both-tables.ts";

const item = (
  sk: string,
  more: Record<string, string | number> = {},
): Item => ({
  pk: "P",
  sk,
  ...more,
});

const refusal = async (
  table: Table,
  writes: readonly [Write, ...Write[]],
): Promise<CommitRefused["refused"]> => {
  try {
    await table.commit(writes, token());
  } catch (error) {
    if (error instanceof CommitRefused) return error.refused;
    throw error;
  }
  throw new Error("the commit was taken");
};

let tokens = 0;
const token = (): string => `token-${(tokens += 1)}`;

const pages = async (table: Table, range: Range): Promise<readonly Page[]> => {
  const page = await table.query(range);
  return page.after === undefined
    ? [page]
    : [page, ...(await pages(table, { ...range, after: page.after }))];
};

const keysOf = (found: readonly Page[]): readonly string[] =>
  found.flatMap(({ items }) => items.map(({ sk }) => sk));

onBothTables((emptyTable) => {
  test("what was appended is read by its keys, from both tables, and absent items are left out", async () => {
    const { table } = await emptyTable();
    const bytes = Uint8Array.of(0, 255, 7);
    await table.append([{ ...item("a"), bytes, list: ["x", "y"], yes: true }]);
    await table.commit(
      [{ put: item("a", { v: 1 }), table: "keys", guard: "absent" }],
      token(),
    );
    const found = await table.get([
      { table: "records", pk: "P", sk: "a" },
      { table: "keys", pk: "P", sk: "a" },
      { table: "records", pk: "P", sk: "none" },
    ]);
    expect(found).toHaveLength(2);
    expect(found).toContainEqual({
      table: "records",
      pk: "P",
      sk: "a",
      bytes,
      list: ["x", "y"],
      yes: true,
    });
    expect(found).toContainEqual({ table: "keys", pk: "P", sk: "a", v: 1 });
  });

  test("a query is in the order of the sort keys' bytes, whatever the order of writing", async () => {
    const { table } = await emptyTable();
    const written = ["b", "a#2", "a#10", "Z", "é", "😀", "￿", "a"];
    await table.append(written.map((sk) => item(sk)));
    await table.append([{ pk: "Q", sk: "a" }]);
    const ascending = written.toSorted((one, other) =>
      Buffer.compare(Buffer.from(one), Buffer.from(other)),
    );
    expect(keysOf(await pages(table, { pk: "P" }))).toEqual(ascending);
    expect(keysOf(await pages(table, { pk: "P", descending: true }))).toEqual(
      ascending.toReversed(),
    );
    expect(keysOf(await pages(table, { pk: "P", prefix: "a" }))).toEqual([
      "a",
      "a#10",
      "a#2",
    ]);
    expect(
      keysOf(await pages(table, { pk: "P", between: ["a#10", "b"] })),
    ).toEqual(["a#10", "a#2", "b"]);
  });

  test.each([{ descending: false }, { descending: true }])(
    "pages of any size hold every item once ($descending)",
    async ({ descending }) => {
      const { table } = await emptyTable();
      const all = Array.from({ length: 60 }, (_, number) =>
        String(number).padStart(3, "0"),
      );
      await table.append(all.map((sk) => item(sk)));
      await table.append([item("x")]);
      for (const limit of [1, 7, 60, 61, 100]) {
        const found = await pages(table, {
          pk: "P",
          prefix: "0",
          limit,
          descending,
        });
        expect(keysOf(found)).toEqual(descending ? all.toReversed() : all);
        expect(
          Math.max(...found.map(({ items }) => items.length)),
        ).toBeLessThanOrEqual(limit);
      }
    },
  );

  test("a guard that does not hold refuses the whole commit and tells what stands there", async () => {
    const { table, dump } = await emptyTable();
    await table.append([
      item("version", { v: 3 }),
      item("held", { holder: "one" }),
      item("there"),
    ]);
    await table.commit(
      [
        { put: item("live"), table: "keys", guard: "any" },
        {
          put: item("shredded", { shredded: "x" }),
          table: "keys",
          guard: "any",
        },
      ],
      token(),
    );
    const before = await dump();
    const refusing: readonly Write[] = [
      { put: item("there"), guard: "absent" },
      { put: item("version", { v: 3 }), guard: { version: 2 } },
      { put: item("none", { v: 3 }), guard: { version: 2 } },
      { put: item("held", { holder: "two" }), guard: { holder: "two" } },
      { remove: item("held"), guard: { holder: "two" } },
      { check: item("there"), guard: "absent" },
      { check: item("version"), guard: { version: 4 } },
      { check: item("shredded"), table: "keys", guard: "live" },
      { check: item("nobody"), table: "keys", guard: "live" },
    ];
    for (const write of refusing) {
      const refused = await refusal(table, [
        { put: item("first"), guard: "absent" },
        write,
        { put: item("last"), guard: "absent" },
      ]);
      expect(refused.map(({ index }) => index)).toEqual([1]);
    }
    expect(
      (
        await refusal(table, [
          refusing[1] ?? { remove: item(""), guard: "any" },
        ])
      )[0]?.found,
    ).toEqual(item("version", { v: 3 }));
    expect(await dump()).toEqual(before);
  });

  test("guards that hold let a commit through, puts, removes and checks together", async () => {
    const { table, dump } = await emptyTable();
    await table.append([
      item("version", { v: 3 }),
      item("held", { holder: "one" }),
      item("gone"),
    ]);
    await table.commit(
      [{ put: item("live"), table: "keys", guard: "absent" }],
      token(),
    );
    await table.commit(
      [
        { put: item("version", { v: 4 }), guard: { version: 3 } },
        {
          put: item("held", { holder: "one", v: 2 }),
          guard: { holder: "one" },
        },
        { put: item("new", { holder: "two" }), guard: { holder: "two" } },
        { put: item("absent"), guard: "absent" },
        { remove: item("gone"), guard: "any" },
        { remove: item("never"), guard: "any" },
        { check: item("live"), table: "keys", guard: "live" },
      ],
      token(),
    );
    expect((await dump()).map(({ sk }) => sk).sort()).toEqual([
      "absent",
      "held",
      "live",
      "new",
      "version",
    ]);
  });

  test("every refused write is named", async () => {
    const { table } = await emptyTable();
    await table.append([item("a"), item("c", { v: 1 })]);
    const refused = await refusal(table, [
      { put: item("a"), guard: "absent" },
      { put: item("b"), guard: "absent" },
      { put: item("c"), guard: { version: 9 } },
    ]);
    expect(refused.map(({ index }) => index)).toEqual([0, 2]);
  });

  test("the same commit again changes nothing and is no failure", async () => {
    const { table, dump } = await emptyTable();
    const once = token();
    const writes = [
      { put: item("a", { v: 1 }), guard: "absent" },
    ] as const satisfies readonly Write[];
    await table.commit(writes, once);
    await table.commit(writes, once);
    await table.commit(
      [{ put: item("a", { v: 2 }), guard: { version: 1 } }],
      token(),
    );
    await table.commit(writes, once);
    expect(await dump()).toEqual([item("a", { v: 2 })]);
  });

  test("one commit never writes an item twice, nor more than 100 items", async () => {
    const { table, dump } = await emptyTable();
    await expect(
      table.commit(
        [
          { put: item("a", { v: 1 }), guard: "absent" },
          { put: item("a", { v: 2 }), guard: "absent" },
        ],
        token(),
      ),
    ).rejects.toThrow();
    const [first, ...rest] = Array.from(
      { length: 101 },
      (_, number) => ({ put: item(String(number)), guard: "absent" }) as const,
    );
    if (first !== undefined)
      await expect(table.commit([first, ...rest], token())).rejects.toThrow();
    expect(await dump()).toEqual([]);
  });

  test("any number of items is appended", async () => {
    const { table, dump } = await emptyTable();
    await table.append(
      Array.from({ length: 61 }, (_, number) => item(String(number))),
    );
    expect(await dump()).toHaveLength(61);
  });
});
