import type { Observation, Provenance } from "@medplum/fhirtypes";
import { expect, test } from "vitest";
import { loadSearch, parseSearch } from "../../functions/resources/search.ts";
import { aRecord, bySystem } from "../record.ts";
import { aPatient } from "./builders.ts";

const { records } = aRecord();

const anObservation = (patient: string): Observation => ({
  resourceType: "Observation",
  status: "final",
  code: { text: "weight" },
  subject: { reference: `Patient/${patient}` },
});

const provenance = (target: string): Provenance => ({
  resourceType: "Provenance",
  target: [{ reference: target }],
  recorded: "2026-03-10T15:00:00Z",
  agent: [{ who: { display: "lab" } }],
});

const created = await records.change(bySystem, async (work) => {
  const { id: patient } = await work.create(aPatient());
  const { id: observation } = await work.create(anObservation(patient));
  return { patient, observation };
});

const filed = (target: string): Promise<string> =>
  records.change(bySystem, async (work) => {
    const { id } = await work.create(provenance(target));
    return id;
  });

test("a provenance lies with its target, and a search of the patient finds it", async () => {
  const { patient, observation } = created;
  const ids = [
    await filed(`Observation/${observation}/_history/1`),
    await filed(`Patient/${patient}`),
  ];
  expect(ids.map((id) => id.slice(0, 27))).toEqual([
    `${patient}-`,
    `${patient}-`,
  ]);
  const params = [["patient", patient]] as const;
  await loadSearch("Provenance", params);
  const query = parseSearch("Provenance", params, { strict: true });
  const { matches } = await records.search(bySystem, query);
  expect(matches.map(({ id }) => id)).toEqual([ids[1]]);
});

test("one of the directory lies there", async () => {
  const organization = await records.change(bySystem, (work) =>
    work.create({ resourceType: "Organization", name: "Laboratory" }),
  );
  expect(await filed(`Organization/${organization.id}`)).toHaveLength(26);
});

test("one whose target is still to be made is refused", async () => {
  await expect(
    filed("urn:uuid:8b6a3a3e-6d0b-4f0e-9a55-0d4a4f3b1f4e"),
  ).rejects.toMatchObject({ name: "WithoutPatient", status: 422 });
});

test("a provenance stays where it is", async () => {
  const id = await filed(`Observation/${created.observation}`);
  await expect(
    records.change(bySystem, (work) =>
      work.update({ ...provenance("Organization/x"), id }),
    ),
  ).rejects.toMatchObject({ name: "HomeChanged" });
});

test("a clinical resource without a patient is refused", async () => {
  await expect(
    records.change(bySystem, (work) =>
      work.create({
        ...anObservation(created.patient),
        subject: { reference: "Group/g1" },
      }),
    ),
  ).rejects.toMatchObject({ name: "WithoutPatient", status: 422 });
});
