import { isDeepStrictEqual } from "node:util";
import {
  CommitRefused,
  transactionLimits,
  type Guard,
  type Item,
  type Table,
  type TableName,
  type Write,
} from "./table.ts";

/** The table in memory: the same contract, for simulations and tests; the contract suite runs on both. */
export const memoryTable = (): Table & {
  readonly dump: () => readonly (Item & { table: TableName })[];
} => {
  const tables = {
    records: new Map<string, Map<string, Item>>(),
    keys: new Map<string, Map<string, Item>>(),
  };
  const tokens = new Map<string, readonly Write[]>();
  const sorted = new Map<string, readonly string[]>();

  const find = (table: TableName, pk: string, sk: string): Item | undefined =>
    tables[table].get(pk)?.get(sk);
  const put = (table: TableName, item: Item): void => {
    let partition = tables[table].get(item.pk);
    if (partition === undefined)
      tables[table].set(item.pk, (partition = new Map<string, Item>()));
    if (!partition.has(item.sk)) sorted.delete(`${table}:${item.pk}`);
    partition.set(item.sk, item);
  };
  const sortKeys = (pk: string): readonly string[] => {
    const name = `records:${pk}`;
    let keys = sorted.get(name);
    if (keys === undefined)
      sorted.set(
        name,
        (keys = [...(tables.records.get(pk)?.keys() ?? [])].sort(byBytes)),
      );
    return keys;
  };

  return {
    get: (places) => {
      if (
        new Set(places.map(({ table, pk, sk }) => `${table}|${pk}|${sk}`))
          .size < places.length
      )
        return Promise.reject(new Error("a batch reads each item once"));
      return Promise.resolve(
        places.flatMap(({ table, pk, sk }) => {
          const item = find(table, pk, sk);
          return item === undefined ? [] : [{ ...item, table }];
        }),
      );
    },
    query: ({
      pk,
      prefix = "",
      between,
      after,
      limit = 1000,
      descending = false,
    }) => {
      const inRange = sortKeys(pk).filter(
        (sk) =>
          sk.startsWith(prefix) &&
          (between === undefined ||
            (byBytes(sk, between[0]) >= 0 && byBytes(sk, between[1]) <= 0)) &&
          (after === undefined ||
            (descending ? byBytes(sk, after) < 0 : byBytes(sk, after) > 0)),
      );
      if (descending) inRange.reverse();
      const page = inRange.slice(0, limit);
      const last = page.at(-1);
      return Promise.resolve({
        items: page.flatMap((sk) => find("records", pk, sk) ?? []),
        ...(inRange.length > limit && last !== undefined && { after: last }),
      });
    },
    commit: (writes, token) => {
      const earlier = tokens.get(token);
      if (earlier !== undefined)
        return isDeepStrictEqual(plain(earlier), plain(writes))
          ? Promise.resolve()
          : Promise.reject(
              new Error("the token belongs to a commit of other writes"),
            );
      if (writes.length > transactionLimits.items || namesTwice(writes))
        return Promise.reject(
          new Error("a commit takes 100 writes, each of another item"),
        );
      const refused = writes.flatMap((write, index) => {
        const { table, key } = target(write);
        const found = find(table, key.pk, key.sk);
        return holds(write.guard, found) ? [] : [{ index, found }];
      });
      if (refused.length > 0) return Promise.reject(new CommitRefused(refused));
      for (const write of writes) {
        if ("put" in write)
          put(write.table ?? "records", structuredClone(write.put));
        if ("mark" in write) {
          const table = write.table ?? "records";
          const found = find(table, write.mark.pk, write.mark.sk);
          if (found !== undefined)
            put(table, { ...found, [write.attribute]: write.value });
        }
        if (
          "remove" in write &&
          tables.records.get(write.remove.pk)?.delete(write.remove.sk) === true
        ) {
          sorted.delete(`records:${write.remove.pk}`);
        }
      }
      tokens.set(token, writes);
      if (tokens.size > keptTokens)
        tokens.delete(tokens.keys().next().value ?? "");
      return Promise.resolve();
    },
    append: (items) => {
      for (const item of items) put("records", structuredClone(item));
      return Promise.resolve();
    },
    dump: () =>
      (["records", "keys"] as const).flatMap((table) =>
        [...tables[table].values()].flatMap((partition) =>
          [...partition.values()].map((item) => ({ ...item, table })),
        ),
      ),
  };
};

/** DynamoDB knows a token for ten minutes. */
const keptTokens = 10_000;

/** What is written, without the functions beside it. */
const plain = (writes: readonly Write[]): readonly object[] =>
  writes.map(({ otherwise: _otherwise, ...write }) => write);

const namesTwice = (writes: readonly Write[]): boolean =>
  new Set(
    writes.map((write) => {
      const { table, key } = target(write);
      return JSON.stringify([table, key.pk, key.sk]);
    }),
  ).size < writes.length;

const target = (
  write: Write,
): { table: TableName; key: { pk: string; sk: string } } => {
  if ("put" in write)
    return { table: write.table ?? "records", key: write.put };
  if ("check" in write)
    return { table: write.table ?? "records", key: write.check };
  if ("mark" in write)
    return { table: write.table ?? "records", key: write.mark };
  return { table: "records", key: write.remove };
};

const holds = (guard: Guard, found: Item | undefined): boolean => {
  if (guard === "any") return true;
  if (guard === "absent") return found === undefined;
  if (guard === "live")
    return found !== undefined && found.shredded === undefined;
  if ("version" in guard) return found?.v === guard.version;
  return found === undefined || found.holder === guard.holder;
};

/** DynamoDB orders sort keys by their UTF-8 bytes. */
const byBytes = (one: string, other: string): number =>
  Buffer.compare(Buffer.from(one), Buffer.from(other));
