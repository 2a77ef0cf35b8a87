import { MedplumClient, OperationOutcomeError } from "@medplum/core";
import type { Observation, Patient } from "@medplum/fhirtypes";
import { randomUUID } from "node:crypto";
import { beforeAll, describe, expect, test } from "vitest";
import { counted } from "./counted.ts";
import type { Deployment } from "./deployment.ts";
import { aPatient, aWeight, transaction } from "./visitors.ts";

type Stored<T> = T & { id: string };

/** What Medplum's own client, pointed at this server, does with it. */
export const medplumClient = (deployed: () => Deployment): void => {
  describe("MedplumClient", () => {
    let client: MedplumClient;
    let patient: Stored<Patient>;
    const step = (name: string, work: () => Promise<void>): void => {
      test(name, async (context) => {
        await work();
        counted(context, {
          table: "Foreign clients over HTTP, on the emulator",
          row: "MedplumClient",
          counts: { "steps passed": 1 },
        });
      });
    };
    const refusal = async (
      call: () => Promise<unknown>,
    ): Promise<readonly (string | undefined)[]> => {
      const error = await call().catch((thrown: unknown) => thrown);
      if (!(error instanceof OperationOutcomeError))
        throw new Error("was not refused", { cause: error });
      return error.outcome.issue.flatMap(({ code, expression = [] }) => [
        code,
        ...expression,
      ]);
    };

    beforeAll(async () => {
      const { api, token } = deployed();
      client = new MedplumClient({
        baseUrl: `${api}/`,
        fhirUrlPath: "fhir/R4",
        accessToken: await token(),
        cacheTime: 0,
        autoBatchTime: 0,
        fetch,
      });
    });

    step("creates", async () => {
      patient = await client.createResource(aPatient("Plum"));
      expect(patient.meta?.versionId).toBe("1");
    });
    step("reads", async () => {
      expect(await client.readResource("Patient", patient.id)).toEqual(patient);
      expect(
        await client.readReference({ reference: `Patient/${patient.id}` }),
      ).toEqual(patient);
    });
    step("updates, and reads either version", async () => {
      const changed = await client.updateResource({
        ...patient,
        gender: "female",
      });
      expect(changed.meta?.versionId).toBe("2");
      expect(await client.readVersion("Patient", patient.id, "1")).toEqual(
        patient,
      );
      patient = changed;
    });
    step("patches, and only the version that it has seen", async () => {
      patient = await client.patchResource("Patient", patient.id, [
        { op: "test", path: "/meta/versionId", value: "2" },
        { op: "add", path: "/maritalStatus", value: { text: "married" } },
      ]);
      expect(patient.maritalStatus?.text).toBe("married");
      await refusal(() =>
        client.patchResource("Patient", patient.id, [
          { op: "test", path: "/meta/versionId", value: "2" },
          { op: "remove", path: "/maritalStatus" },
        ]),
      );
    });
    step("creates only what is not there", async () => {
      const value = randomUUID();
      const create = () =>
        client.createResourceIfNoneExist(
          aPatient("Once", value),
          `identifier=urn:visitors|${value}`,
        );
      expect((await create()).id).toBe((await create()).id);
    });
    step("creates or updates by a search", async () => {
      const value = randomUUID();
      const upsert = (gender: Patient["gender"]) =>
        client.upsertResource(
          { ...aPatient("Upsert", value), ...(gender && { gender }) },
          `identifier=urn:visitors|${value}`,
        );
      const [one, other] = [await upsert("male"), await upsert("other")];
      expect(other).toMatchObject({ id: one.id, gender: "other" });
    });
    step("runs a transaction whose entries refer to each other", async () => {
      const { entry = [] } = await client.executeBatch(
        transaction(`Patient/${patient.id}`),
      );
      expect(entry.map(({ response }) => response?.status.slice(0, 3))).toEqual(
        ["201", "201"],
      );
      const [weight] = await client.searchResources("Observation", {
        patient: patient.id,
      });
      const [encounter] = await client.searchResources("Encounter", {
        patient: patient.id,
      });
      expect(weight?.encounter?.reference).toBe(
        `Encounter/${encounter?.id ?? ""}`,
      );
    });
    step("searches", async () => {
      const one = await client.searchOne("Observation", {
        patient: patient.id,
        code: "http://loinc.org|29463-7",
      });
      expect(one?.code.coding?.[0]?.code).toBe("29463-7");
      const bundle = await client.search("Observation", {
        patient: patient.id,
        _include: "Observation:subject",
        _total: "accurate",
      });
      expect(bundle.total).toBe(1);
      expect(bundle.entry?.map(({ search }) => search?.mode)).toEqual([
        "match",
        "include",
      ]);
    });
    step("pages to the end", async () => {
      for (let number = 0; number < 7; number += 1)
        await client.createResource(
          aWeight(`Patient/${patient.id}`, 70 + number),
        );
      const seen: string[] = [];
      let pages = 0;
      for await (const page of client.searchResourcePages("Observation", {
        patient: patient.id,
        _count: 3,
      })) {
        pages += 1;
        seen.push(...page.map(({ id }) => id));
      }
      expect(pages).toBe(3);
      expect(new Set(seen).size).toBe(8);
    });
    step("reads a history", async () => {
      const { entry = [] } = await client.readHistory("Patient", patient.id);
      expect(entry.map(({ resource }) => resource?.meta?.versionId)).toEqual([
        "3",
        "2",
        "1",
      ]);
    });
    step("asks for everything of a patient", async () => {
      const { entry = [] } = await client.readPatientEverything(patient.id);
      expect(entry.map(({ resource }) => resource?.resourceType)).toEqual(
        expect.arrayContaining(["Patient", "Observation", "Encounter"]),
      );
    });
    step("asks for a summary of a patient", async () => {
      const { type, entry = [] } = await client.readPatientSummary(patient.id);
      expect(type).toBe("document");
      expect(entry[0]?.resource?.resourceType).toBe("Composition");
    });
    step("deletes, and is told so ever after", async () => {
      const made: Stored<Observation> = await client.createResource(
        aWeight(`Patient/${patient.id}`, 70),
      );
      await client.deleteResource("Observation", made.id);
      expect(
        await refusal(() => client.readResource("Observation", made.id)),
      ).toContain("deleted");
    });
    step("gets an OperationOutcome for what is wrong", async () => {
      expect(
        await refusal(() =>
          client.createResource({
            resourceType: "Patient",
            gender: "f" as never,
          }),
        ),
      ).toEqual(["code-invalid", "Patient.gender"]);
      expect(
        await refusal(() => client.readResource("Patient", "nobody")),
      ).toContain("not-found");
    });
  });
};
