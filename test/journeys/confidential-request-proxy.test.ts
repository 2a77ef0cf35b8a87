import { expect, test } from "vitest";
import type { Caller } from "../../functions/core/caller.ts";
import { bySystem } from "../record.ts";
import { privacyClinic } from "./privacy-clinic.ts";

test.each([
  ["MTH", "2011-05-04"],
  ["HPOWATT", "1970-01-01"],
])(
  "a request to be reached elsewhere is never told to whoever acts for the patient (%s)",
  async (code, birthDate) => {
    const stage = await privacyClinic({ patient: { birthDate } });
    const { patient } = stage;
    await stage.records.change(bySystem, (work) =>
      work.create({
        resourceType: "RelatedPerson",
        active: true,
        identifier: [{ system: "urn:sojourn:user", value: "proxy-1" }],
        patient: { reference: `Patient/${patient}` },
        relationship: [
          {
            coding: [
              {
                system: "http://terminology.hl7.org/CodeSystem/v3-RoleCode",
                code,
              },
            ],
          },
        ],
      }),
    );
    const id = await stage.request("confidential-communications", {
      channel: "email",
      address: "safe@example.org",
    });
    const by = { ...stage.own, id: "proxy-1" } as Caller;
    const context = { by, purpose: "PATRQT" as const, requestId: "x" };
    const told = async () => {
      const of = await Promise.all([
        stage.ask("GET", `/v1/privacy-requests?patient=${patient}`, by),
        stage.ask("GET", `/v1/privacy-requests/${id}`, by),
      ]);
      const tasks = await stage.records.change(context, (work) =>
        work.ofPatient("Task", patient),
      );
      const consents = await stage.records.change(context, (work) =>
        work.ofPatient("Consent", patient),
      );
      return `${of.map(({ text }) => text).join()}${JSON.stringify([tasks, consents])}`;
    };
    expect(await told()).not.toContain("safe@example.org");
    await stage.decide(id, { decision: "accept" });
    await stage.end();
    expect(await told()).not.toContain("safe@example.org");
    const [consent] = await stage.of("Consent");
    if (consent === undefined) throw new Error("there is no Consent");
    await stage.records.change(bySystem, (work) =>
      work.update({ ...consent, status: "inactive" }),
    );
    expect(await told()).not.toContain("safe@example.org");
  },
);
