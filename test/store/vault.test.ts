import { expect, test } from "vitest";
import { memoryTable } from "../../functions/store/memory-table.ts";
import { CommitContended, type Table } from "../../functions/store/table.ts";
import { createVault } from "../../functions/store/vault.ts";
import { localKeyProvider } from "../record.ts";

const bound = { reference: "Task/p-t", version: 3 };

const aVault = () => {
  const table = memoryTable();
  const provider = localKeyProvider();
  return { table, provider, vault: createVault(table, provider) };
};

test("what was sealed opens in another function, for the same address and version alone", async () => {
  const { table, provider, vault } = aVault();
  const key = await vault.newPatientKey("p");
  const sealed = await vault.seal(bound, "text ✓", key);
  const other = createVault(table, provider);
  expect(await other.open(bound, sealed, key)).toBe("text ✓");
  await expect(
    other.open({ ...bound, version: 4 }, sealed, key),
  ).rejects.toThrow();
  await expect(
    other.open({ ...bound, reference: "Task/p-u" }, sealed, key),
  ).rejects.toThrow();
  await expect(
    other.open(bound, { ...sealed, key: "directory#1" }, key),
  ).rejects.toThrow();
});

test("a patient's wrapped key opens nothing for another patient, nor under another organization's master", async () => {
  const { table, provider, vault } = aVault();
  const key = await vault.newPatientKey("p");
  const sealed = await vault.seal(bound, "text", key);
  const foreign = await vault.newPatientKey("q");
  await expect(vault.open(bound, sealed, foreign)).rejects.toThrow();
  const cold = createVault(table, provider);
  await expect(
    cold.open(bound, sealed, { ...key, pk: "PATIENT#q" }),
  ).rejects.toThrow();
  const stranger = createVault(table, localKeyProvider());
  await expect(stranger.open(bound, sealed, key)).rejects.toThrow();
});

test("bytes open under the very name they were sealed for, by the patient's key alone, until it is gone", async () => {
  const { vault } = aVault();
  const key = await vault.newPatientKey("p");
  const bytes = Buffer.from([0, 255, 10, 13]);
  const sealed = await vault.sealBytes("Binary/p-b/1", bytes, key);
  expect(sealed.key).toBe("patient#1");
  expect(
    Buffer.from(await vault.openBytes("Binary/p-b/1", sealed, key)),
  ).toEqual(bytes);
  await expect(vault.openBytes("Binary/p-b/2", sealed, key)).rejects.toThrow();
  await expect(
    vault.openBytes("Binary/p-b/1", sealed, await vault.newPatientKey("q")),
  ).rejects.toThrow();
  const { wrapped: _gone, ...rest } = key;
  await expect(
    vault.openBytes("Binary/p-b/1", sealed, { ...rest, shredded: "now" }),
  ).rejects.toMatchObject({ name: "Erased", status: 410 });
});

test.each([
  ["empty", ""],
  ["short", "✓"],
  ["repetitive", "a".repeat(300_000)],
  ["mixed", Array.from({ length: 20_000 }, (_, n) => n ** 2).join()],
])("a body opens whole, however much it shrank: %s", async (_name, text) => {
  const { vault } = aVault();
  const key = await vault.newPatientKey("p");
  const sealed = await vault.seal(bound, text, key);
  expect(await vault.open(bound, sealed, key)).toBe(text);
});

test("no body is sealed twice alike", async () => {
  const { vault } = aVault();
  const key = await vault.newPatientKey("p");
  const bodies = await Promise.all(
    Array.from({ length: 50 }, async () =>
      Buffer.from((await vault.seal(bound, "text", key)).body).toString("hex"),
    ),
  );
  expect(new Set(bodies).size).toBe(50);
});

test("more patients than a function remembers are still opened", async () => {
  const { vault } = aVault();
  const keys = await Promise.all(
    Array.from({ length: 2100 }, (_, number) =>
      vault.newPatientKey(String(number)),
    ),
  );
  const [first] = keys;
  const sealed = await vault.seal(bound, "text", first);
  for (const key of keys.slice(1, 2090)) await vault.seal(bound, "x", key);
  expect(await vault.open(bound, sealed, first)).toBe("text");
});

test("a token opens as what it was made for, and not when it was touched", async () => {
  const { vault } = aVault();
  const token = await vault.sealToken("page", "7");
  const touched = `${token.slice(0, 20)}${token[20] === "A" ? "B" : "A"}${token.slice(21)}`;
  expect(await vault.openToken("page", token)).toBe("7");
  expect(await vault.openToken("history", token)).toBeUndefined();
  expect(await vault.openToken("page", touched)).toBeUndefined();
  expect(await vault.openToken("page", "")).toBeUndefined();
});

test("a hash depends on every part and on where the parts end", async () => {
  const { vault } = aVault();
  const hashes = await Promise.all([
    vault.hash("Patient", "name", ["ab", "c"]),
    vault.hash("Patient", "name", ["a", "bc"]),
    vault.hash("Patient", "phone", ["ab", "c"]),
    vault.hash("Practitioner", "name", ["ab", "c"]),
    createVault(memoryTable(), localKeyProvider()).hash("Patient", "name", [
      "ab",
      "c",
    ]),
  ]);
  expect(new Set(hashes).size).toBe(5);
  for (const hash of hashes) expect(hash).toMatch(/^[0-9a-f]{32}$/);
});

test("the first keys are made also when another function makes them at that moment", async () => {
  const { table, provider } = aVault();
  let meeting = true;
  const contended: Table = {
    ...table,
    commit: async (writes, token) => {
      if (meeting) {
        meeting = false;
        throw new CommitContended("another function");
      }
      await table.commit(writes, token);
    },
  };
  expect(await createVault(contended, provider).indexVersion()).toBe(1);
});
