import type { Observation, Patient } from "@medplum/fhirtypes";
import { describe, expect, it } from "vitest";
import { bySystem } from "../record.ts";
import { importClinic, type ImportClinic } from "./import-clinic.ts";

const patient = (id: string, more: Partial<Patient> = {}): Patient => ({
  resourceType: "Patient",
  id,
  name: [{ family: `Doe-${id}` }],
  ...more,
});

const weight = (
  id: string,
  subject: string,
  more: Partial<Observation> = {},
): Observation => ({
  resourceType: "Observation",
  id,
  status: "final",
  code: { text: "Weight" },
  subject: { reference: subject },
  ...more,
});

const named = async (clinic: ImportClinic, name: string) => {
  const type = name.split("/")[0] as "Patient";
  const [found] = await clinic.records.change(bySystem, (work) =>
    work.byIdentifier(type, "urn:sojourn:source:old-ehr", name),
  );
  return found;
};

describe("an import", () => {
  it("takes resources whatever the order of files and lines, with references", async () => {
    const clinic = importClinic();
    const { status, counts, outcomes } = await clinic.imported([
      ["Observation", [weight("o", "Patient/p")]],
      [
        "Patient",
        [
          patient("p", {
            generalPractitioner: [{ reference: "Practitioner/d" }],
          }),
        ],
      ],
      ["Practitioner", [{ resourceType: "Practitioner", id: "d" }]],
    ]);
    expect(outcomes).toEqual([]);
    expect(status).toBe("completed");
    expect(counts).toMatchObject({
      Observation: { read: 1, created: 1 },
      Patient: { created: 1 },
    });
    const [p, o, d] = await Promise.all(
      ["Patient/p", "Observation/o", "Practitioner/d"].map((name) =>
        named(clinic, name),
      ),
    );
    expect((o as unknown as Observation).subject?.reference).toBe(
      `Patient/${p?.id ?? ""}`,
    );
    expect(p?.generalPractitioner?.[0]?.reference).toBe(
      `Practitioner/${d?.id ?? ""}`,
    );
    expect(p?.meta.source).toMatch(/^urn:sojourn:import:/);
  });
});
