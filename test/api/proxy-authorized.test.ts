import type { ConsentProvision } from "@medplum/fhirtypes";
import { describe, expect, test } from "vitest";
import { bySystem } from "../record.ts";
import { aPatient } from "../store/builders.ts";
import {
  aConsent,
  anObservation,
  aRelative,
  bySystemMade,
  canary,
  named,
} from "./relatives.ts";
import { asPatient, aServer } from "./server.ts";

describe("whom a Consent permits by name", () => {
  test.each<[string, ConsentProvision]>([
    [
      "one type",
      {
        class: [
          { system: "http://hl7.org/fhir/resource-types", code: "Appointment" },
        ],
      },
    ],
    ["adding to the record", { action: [{ coding: [{ code: "collect" }] }] }],
    ["data of a period", { dataPeriod: { start: "2020", end: "2021" } }],
    ["treatment", { purpose: [{ code: "TREAT" }] }],
    ["restricted labels", { securityLabel: [{ code: "HIV" }] }],
  ])("%s reads nothing else", async (_, narrowing) => {
    const clinic = aServer();
    const { id: patient } = await clinic.make(aPatient());
    const { id: friend } = await clinic.make(aPatient());
    const observation = await bySystemMade(clinic, anObservation(patient, []));
    const { id } = await bySystemMade(
      clinic,
      aRelative(patient, friend, "FRND"),
    );
    const read = async () => {
      const as = asPatient(friend);
      const one = await clinic.ask("GET", `/Observation/${observation.id}`, {
        as,
      });
      const many = await clinic.ask("GET", "/Observation", {
        as,
        query: { patient },
      });
      return [one.status, many.text.includes(canary)];
    };
    expect(await read()).toEqual([403, false]);
    const consent = await bySystemMade(
      clinic,
      aConsent(patient, { type: "permit", actor: named(id), ...narrowing }),
    );
    expect(await read()).toEqual([403, false]);
    await clinic.records.change(bySystem, (work) =>
      work.update({
        ...consent,
        provision: { type: "permit", actor: named(id) },
      }),
    );
    expect(await read()).toEqual([200, true]);
  });
});
