import type { Patient, Practitioner, Slot, Task } from "@medplum/fhirtypes";
import { expect, test } from "vitest";
import type { KnownType } from "../../functions/resources/declaration.ts";
import { loadSearch, parseSearch } from "../../functions/resources/search.ts";
import { aRecord, bySystem, type TestRecord } from "../record.ts";
import { onBothTables } from "./both-tables.ts";
import { aPatient, aPractitioner, aTask } from "./builders.ts";

type Pairs = readonly (readonly [string, string])[];

/** Ids of all pages. */
const idsBy =
  ({ records }: Pick<TestRecord, "records">) =>
  async (type: KnownType, params: Pairs): Promise<readonly string[]> => {
    await loadSearch(type, params);
    const ids: string[] = [];
    let more: Pairs | undefined = [];
    while (more !== undefined) {
      const query = parseSearch(type, [...params, ...more], { strict: true });
      const { matches, next } = await records.search(bySystem, query);
      ids.push(...matches.map(({ id }) => id));
      more = next === undefined ? undefined : [["_cursor", next]];
    }
    return ids;
  };

onBothTables((emptyTable) => {
  test("every way of reading pages goes on where it stopped", async () => {
    const record = aRecord({ table: (await emptyTable()).table });
    const ids = idsBy(record);
    const create = async (
      resource: Patient | Practitioner | Task | Slot,
    ): Promise<string> =>
      (await record.records.change(bySystem, (work) => work.create(resource)))
        .id;
    const patients: string[] = [];
    for (let number = 0; number < 9; number += 1)
      patients.push(await create(aPatient()));
    const [first = "", second = ""] = patients;
    const doctors = [
      await create(aPractitioner()),
      await create(aPractitioner()),
      await create(aPractitioner()),
    ];
    const owner = { reference: `Practitioner/${doctors[0] ?? ""}` };
    const tasks: string[] = [];
    for (const patient of [first, first, first, second, second])
      tasks.push(await create(aTask(patient, { owner })));
    const named = await create(
      aTask(second, { focus: { reference: `Patient/${first}` } }),
    );
    const { id: schedule } = await record.records.change(bySystem, (work) =>
      work.create({
        resourceType: "Schedule",
        actor: [{ reference: owner.reference }],
      }),
    );
    const slots: string[] = [];
    for (const hour of ["08", "09", "10", "11", "12"])
      slots.push(
        await create({
          resourceType: "Slot",
          status: "free",
          schedule: { reference: `Schedule/${schedule}` },
          start: `2026-03-10T${hour}:00:00Z`,
          end: `2026-03-10T${hour}:20:00Z`,
        }),
      );
    for (const _count of ["1", "2", "100"])
      for (const _total of ["none", "accurate"]) {
        const paged = [
          ["_count", _count],
          ["_total", _total],
        ] as const;
        const all = async (type: KnownType, ...params: Pairs) =>
          ids(type, [...params, ...paged]);
        expect(await all("Patient")).toEqual(patients);
        expect(await all("Patient", ["_sort", "-_id"])).toEqual(
          patients.toReversed(),
        );
        expect(await all("Practitioner")).toEqual(doctors);
        expect(await all("Task", ["patient", `${first},${second}`])).toEqual([
          ...tasks,
          named,
        ]);
        expect(await all("Task", ["patient", first])).toEqual(
          tasks.slice(0, 3),
        );
        expect(await all("Task", ["focus", `Patient/${first}`])).toEqual([
          named,
        ]);
        expect(await all("Task", ["owner", owner.reference])).toEqual(tasks);
        expect(
          await all(
            "Slot",
            ["schedule", schedule],
            ["start", "ge2026-03-10T09:00:00Z"],
            ["start", "lt2026-03-10T12:00:00Z"],
          ),
        ).toEqual(slots.slice(1, 4));
      }
  }, 60_000);
});
