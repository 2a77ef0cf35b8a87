import { expect, test } from "vitest";
import type { Appointment, Patient, Slot } from "@medplum/fhirtypes";
import { aRecord, bySystem } from "../record.ts";
import {
  bookAppointment,
  cancelAppointment,
} from "../../functions/store/booking.ts";

test("a patient is created, read, updated, booked", async () => {
  const { records, table } = aRecord();
  const patient = await records.change(bySystem, (work) =>
    work.create<Patient>({
      resourceType: "Patient",
      identifier: [{ system: "https://sojourn.example/mrn", value: "1" }],
      name: [{ family: "Johnson", given: ["Maria"] }],
      telecom: [{ system: "phone", value: "+12025550111" }],
      gender: "female",
      birthDate: "1980-02-29",
    }),
  );
  expect(await records.read(bySystem, "Patient", patient.id)).toEqual(patient);
  await expect(
    records.change(bySystem, (work) =>
      work.create<Patient>({
        resourceType: "Patient",
        identifier: [{ system: "https://sojourn.example/mrn", value: "1" }],
        name: [{ family: "X" }],
      }),
    ),
  ).rejects.toMatchObject({ name: "DuplicateIdentifier" });
  const updated = await records.change(bySystem, (work) =>
    work.update({ ...patient, gender: "other" }),
  );
  expect(updated.meta.versionId).toBe("2");
  const dump = JSON.stringify(
    table.dump?.().map(({ body, ...rest }) => ({
      ...rest,
      body: Buffer.from((body as Uint8Array | undefined) ?? []).toString(
        "latin1",
      ),
    })),
  );
  expect(dump).not.toContain("Johnson");
  expect(dump).not.toContain("+1202");
  const { slot, location } = await records.change(bySystem, async (work) => {
    const practitioner = await work.create({
      resourceType: "Practitioner",
      name: [{ family: "Doe" }],
    });
    const location = await work.create({
      resourceType: "Location",
      name: "North",
      status: "active",
    });
    const schedule = await work.create({
      resourceType: "Schedule",
      actor: [
        { reference: `Practitioner/${practitioner.id}` },
        { reference: `Location/${location.id}` },
      ],
    });
    const start = new Date(Date.now() + 86400000);
    start.setUTCMinutes(0, 0, 0);
    const slot = await work.create<Slot>({
      resourceType: "Slot",
      schedule: { reference: `Schedule/${schedule.id}` },
      status: "free",
      start: start.toISOString(),
      end: new Date(start.getTime() + 1800000).toISOString(),
    });
    return { slot, location };
  });
  expect(location.id).toHaveLength(26);
  const wish: Appointment = {
    resourceType: "Appointment",
    status: "proposed",
    slot: [{ reference: `Slot/${slot.id}` }],
    participant: [
      { actor: { reference: `Patient/${patient.id}` }, status: "needs-action" },
    ],
  };
  const results = await Promise.allSettled(
    Array.from({ length: 20 }, () =>
      records.change(bySystem, (work) =>
        bookAppointment(work, wish, new Date()),
      ),
    ),
  );
  expect(results.filter(({ status }) => status === "fulfilled")).toHaveLength(
    1,
  );
  const [won] = results.flatMap((r) =>
    r.status === "fulfilled" ? [r.value] : [],
  );
  expect((await records.read(bySystem, "Slot", slot.id)).status).toBe("busy");
  await records.change(bySystem, (work) =>
    cancelAppointment(work, won?.id ?? ""),
  );
  expect((await records.read(bySystem, "Slot", slot.id)).status).toBe("free");
  await records.change(bySystem, (work) =>
    bookAppointment(work, wish, new Date()),
  );
});
