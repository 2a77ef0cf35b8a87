import type { Patient } from "@medplum/fhirtypes";
import fc from "fast-check";
import { expect, it } from "vitest";
import type { Item } from "../../functions/store/table.ts";
import { virtualClock } from "../../simulator/clock.ts";
import { aRecord, bySystem } from "../record.ts";
import { memoryTable } from "../../functions/store/memory-table.ts";
import { aPatient, aTask } from "../store/builders.ts";
import { erasureRun } from "./run.ts";

const people = 3;

/** What happens between people, in any order. */
const step = fc.record({
  does: fc.constantFrom(
    "task",
    "cover",
    "uncover",
    "group",
    "rename",
    "merge",
    "read",
  ),
  one: fc.nat(people - 1),
  other: fc.nat(people - 1),
});

interface Step {
  readonly does: string;
  readonly one: number;
  readonly other: number;
}

/** Facts (and the days that list them), the tombstones, the ledger, the erasure itself. */
const mayMention = ({ pk, sk, deleted }: Item): boolean =>
  sk.startsWith("F#") ||
  pk.includes("#Fact#day#") ||
  pk.startsWith("SHRED#") ||
  sk === "KEY" ||
  sk === "ERASURE" ||
  (sk.startsWith("A#Patient#") && deleted === true);

/** What of an item can be read without a key. */
const clear = (item: Item): string =>
  JSON.stringify(item, (_name, value: unknown) =>
    value instanceof Uint8Array ? "" : value,
  );

it("whatever was linked and merged before, nothing names an erased person but facts, tombstones and the ledger", async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(step, { maxLength: 20 }),
      fc.nat(people - 1),
      async (steps, chosen) => {
        const clock = virtualClock(Date.parse("2026-03-02T15:00:00.000Z"));
        const table = memoryTable();
        const record = aRecord({ table, now: () => new Date(clock.now()) });
        const { records } = record;
        const ids: string[] = [];
        for (let person = 0; person < people; person += 1) {
          const made = await records.change(bySystem, (work) =>
            work.create(
              aPatient({
                telecom: [
                  { system: "phone", value: `+1202555010${String(person)}` },
                ],
              }),
            ),
          );
          ids.push(made.id);
        }
        for (const one of steps)
          await play(records, ids, one).catch(() => undefined);
        const victim = ids[chosen] ?? "";
        const set = await (await record.erasures()).setOf(victim);
        const others = ids.filter((id) => !set.includes(id));
        const before = await Promise.all(
          others.map((id) => records.read(bySystem, "Patient", id)),
        );

        const run = erasureRun(record, { clock });
        expect(await run.erase(victim, "request-1")).toBe("SUCCEEDED");

        const mentions = table
          .dump()
          .filter((item) => !mayMention(item))
          .filter((item) => set.some((id) => clear(item).includes(id)));
        expect(mentions.map(({ pk, sk }) => `${pk} ${sk}`)).toEqual([]);
        // Nobody else lost anything.
        expect(
          await Promise.all(
            others.map((id) => records.read(bySystem, "Patient", id)),
          ),
        ).toEqual(before);
        for (const id of set)
          await expect(
            records.read(bySystem, "Patient", id),
          ).rejects.toMatchObject({ status: 410 });
      },
    ),
    { numRuns: 40 * Number(process.env.SOJOURN_TEST_RUNS ?? 1) },
  );
}, 60_000);

const play = async (
  records: ReturnType<typeof aRecord>["records"],
  ids: readonly string[],
  { does, one, other }: Step,
): Promise<void> => {
  const [mine = "", theirs = ""] = [ids[one], ids[other]];
  await records.change(bySystem, async (work) => {
    if (does === "task")
      await work.create(
        aTask(mine, { focus: { reference: `Patient/${theirs}` } }),
      );
    if (does === "cover")
      await work.create({
        resourceType: "Coverage",
        status: "active",
        beneficiary: { reference: `Patient/${mine}` },
        policyHolder: { reference: `Patient/${theirs}` },
        payor: [{ display: "somebody" }],
      });
    if (does === "uncover")
      for (const coverage of await work.ofPatient("Coverage", mine)) {
        const { policyHolder: _holder, ...rest } = coverage;
        await work.update(rest);
      }
    if (does === "group")
      await work.create({
        resourceType: "Group",
        type: "person",
        actual: true,
        member: [mine, theirs].map((id) => ({
          entity: { reference: `Patient/${id}` },
        })),
      });
    if (does === "read") await work.demand("Patient", mine);
    if (does === "rename" || does === "merge") {
      const patient: Patient & { id: string } = await work.demand(
        "Patient",
        mine,
      );
      await work.update(
        does === "rename"
          ? { ...patient, name: [{ family: `Other${String(other)}` }] }
          : {
              ...patient,
              active: false,
              link: [
                {
                  type: "replaced-by",
                  other: { reference: `Patient/${theirs}` },
                },
              ],
            },
      );
    }
  });
};
