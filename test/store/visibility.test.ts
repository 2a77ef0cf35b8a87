import type { Group, Patient } from "@medplum/fhirtypes";
import { expect, test } from "vitest";
import type { Context } from "../../functions/core/caller.ts";
import { aRecord, bySystem } from "../record.ts";

test("a look-up finds nothing of other patients", async () => {
  const { records } = aRecord();
  const create = (value: string) =>
    records.change(bySystem, (work) =>
      work.create<Patient>({
        resourceType: "Patient",
        identifier: [{ system: "https://sojourn.example/mrn", value }],
        telecom: [{ system: "phone", value: "+12025550111" }],
      }),
    );
  const [own, other] = [await create("1"), await create("2")];
  const caller: Context = {
    ...bySystem,
    by: { kind: "patient", id: own.id, token: "token" },
    purpose: "PATRQT",
  };
  const found = await records.change(caller, async (work) => ({
    own: await work.byIdentifier("Patient", "https://sojourn.example/mrn", "1"),
    other: await work.byIdentifier(
      "Patient",
      "https://sojourn.example/mrn",
      "2",
    ),
    phone: await work.lookUp("Patient", "phone", ["+12025550111"]),
  }));
  expect(found.own.map(({ id }) => id)).toEqual([own.id]);
  expect(found.other).toEqual([]);
  expect(found.phone).not.toContain(other.id);
});

test("a name of another patient is left out at once, and sending it again changes nothing", async () => {
  const { records } = aRecord();
  const { id } = await records.change(bySystem, (work) =>
    work.create<Patient>({ resourceType: "Patient" }),
  );
  const group: Group = {
    resourceType: "Group",
    type: "person",
    actual: true,
    member: [{ entity: { reference: `Patient/${id}`, display: "Zzyzx" } }],
  };
  const made = await records.change(bySystem, (work) => work.create(group));
  expect(made.member).toEqual([{ entity: { reference: `Patient/${id}` } }]);
  const again = { ...group, id: made.id };
  const after = await records.change(bySystem, (work) => work.update(again));
  expect(after).toEqual(made);
  await expect(
    records.change(bySystem, (work) =>
      work.update({
        ...again,
        member: [
          { entity: { reference: `Patient/${id}`, display: 5 as never } },
        ],
      }),
    ),
  ).rejects.toMatchObject({ status: 422 });
});
