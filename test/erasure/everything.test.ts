import { expect, it } from "vitest";
import { aCanary } from "../canary/patient.ts";
import { aRecord, bySystem } from "../record.ts";
import { oneOfEach, patientTypes } from "./everything.ts";

it("the canary has something of every type", async () => {
  const { records } = aRecord();
  const { id } = await records.change(bySystem, (work) =>
    work.create(aCanary()),
  );
  const made = await oneOfEach(records, id);
  expect(
    patientTypes.filter(
      (type) => !made.some(({ resourceType }) => resourceType === type),
    ),
  ).toEqual([]);
});
