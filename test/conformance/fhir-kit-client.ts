import type {
  Bundle,
  Observation,
  Patient,
  Resource,
} from "@medplum/fhirtypes";
import { randomUUID } from "node:crypto";
import { Client } from "fhir-kit-client";
import { beforeAll, describe, expect, test } from "vitest";
import { counted } from "./counted.ts";
import type { Deployment } from "./deployment.ts";
import { aPatient, aWeight, transaction } from "./visitors.ts";

type Stored<T extends Resource> = T & {
  id: string;
  meta: { versionId: string };
};

/** What `fhir-kit-client`, knowing nothing of this server, does with it. */
export const fhirKitClient = (deployed: () => Deployment): void => {
  describe("fhir-kit-client", () => {
    let client: Client;
    let patient: Stored<Patient>;
    const step = (name: string, work: () => Promise<void>): void => {
      test(name, async (context) => {
        await work();
        counted(context, {
          table: "Foreign clients over HTTP, on the emulator",
          row: "fhir-kit-client",
          counts: { "steps passed": 1 },
        });
      });
    };
    const status = async (call: () => Promise<unknown>): Promise<number> => {
      try {
        await call();
        return 200;
      } catch (error) {
        return (error as { response: { status: number } }).response.status;
      }
    };

    beforeAll(async () => {
      const { fhir, token } = deployed();
      client = new Client({
        baseUrl: fhir,
        bearerToken: await token(),
      });
    });

    step("reads what the server can do", async () => {
      expect(await client.capabilityStatement()).toMatchObject({
        resourceType: "CapabilityStatement",
        fhirVersion: "4.0.1",
      });
    });
    step("finds out how to sign in", async () => {
      const { tokenUrl } = await client.smartAuthMetadata();
      expect(tokenUrl?.href).toMatch(/^https?:/u);
    });
    step("creates", async () => {
      patient = (await client.create({
        resourceType: "Patient",
        body: aPatient("Kit") as never,
      })) as never;
      expect(patient.meta.versionId).toBe("1");
      const { response } = Client.httpFor(patient as never);
      expect(response?.status).toBe(201);
      expect(response?.headers.get("location")).toBe(
        `${deployed().fhir}/Patient/${patient.id}/_history/1`,
      );
    });
    step("reads, and follows a reference", async () => {
      expect(
        await client.read({ resourceType: "Patient", id: patient.id }),
      ).toEqual(patient);
      expect(
        await client.resolve({ reference: `Patient/${patient.id}` }),
      ).toEqual(patient);
    });
    step("updates, and reads either version", async () => {
      const changed = (await client.update({
        resourceType: "Patient",
        id: patient.id,
        body: { ...patient, gender: "female" },
      })) as unknown as Stored<Patient>;
      expect(changed.meta.versionId).toBe("2");
      const first = await client.vread({
        ...{ resourceType: "Patient", id: patient.id, version: "1" },
      });
      expect(first).toEqual(patient);
      patient = changed;
    });
    step("does not overwrite a version that it has not seen", async () => {
      expect(
        await status(() =>
          client.update({
            resourceType: "Patient",
            id: patient.id,
            body: { ...patient, gender: "male" },
            options: { headers: { "If-Match": 'W/"1"' } },
          }),
        ),
      ).toBe(412);
    });
    step("patches", async () => {
      const patched = (await client.patch({
        resourceType: "Patient",
        id: patient.id,
        jsonPatch: [{ op: "replace", path: "/birthDate", value: "1970-02-03" }],
      })) as unknown as Stored<Patient>;
      expect(patched).toMatchObject({
        birthDate: "1970-02-03",
        meta: { versionId: "3" },
      });
      patient = patched;
    });
    step("creates only what is not there", async () => {
      const value = randomUUID();
      const body = aPatient("Once", value);
      const options = {
        headers: { "If-None-Exist": `identifier=urn:visitors|${value}` },
      };
      const create = () =>
        client.create({
          resourceType: "Patient",
          body: body as never,
          options,
        }) as Promise<unknown> as Promise<Stored<Patient>>;
      const [one, other] = [await create(), await create()];
      expect(other.id).toBe(one.id);
      expect(Client.httpFor(other as never).response?.status).toBe(200);
    });
    step("runs a transaction whose entries refer to each other", async () => {
      const bundle = (await client.transaction({
        body: transaction(`Patient/${patient.id}`) as never,
      })) as unknown as Bundle<Observation>;
      expect(bundle.type).toBe("transaction-response");
      expect(bundle.entry?.map(({ response }) => response?.status)).toEqual([
        expect.stringMatching(/^201/u),
        expect.stringMatching(/^201/u),
      ]);
    });
    step("undoes a transaction of which one entry fails", async () => {
      const before = await total();
      const bundle = transaction(`Patient/${patient.id}`);
      expect(
        await status(() =>
          client.transaction({
            body: {
              ...bundle,
              entry: [
                ...(bundle.entry ?? []),
                {
                  request: { method: "POST", url: "Observation" },
                  resource: { resourceType: "Observation" },
                },
              ],
            },
          }),
        ),
      ).toBe(422);
      expect(await total()).toBe(before);
    });
    const total = async (): Promise<number | undefined> =>
      (
        (await client.search({
          resourceType: "Observation",
          searchParams: { patient: patient.id, _summary: "count" },
        })) as unknown as Bundle
      ).total;
    step("runs a batch", async () => {
      const bundle = (await client.batch({
        body: {
          resourceType: "Bundle",
          type: "batch",
          entry: [
            { request: { method: "GET", url: `Patient/${patient.id}` } },
            { request: { method: "GET", url: "Patient/nobody" } },
          ],
        },
      })) as unknown as Bundle;
      expect(
        bundle.entry?.map(({ response }) => response?.status.slice(0, 3)),
      ).toEqual(["200", "404"]);
    });
    step("searches by GET and by POST alike", async () => {
      const searchParams = { patient: patient.id, code: "29463-7" };
      const ids = async (postSearch: boolean) =>
        (
          (await client.search({
            resourceType: "Observation",
            searchParams,
            options: { postSearch },
          })) as unknown as Bundle
        ).entry?.map(({ resource }) => resource?.id);
      const found = await ids(false);
      expect(found?.length).toBeGreaterThan(0);
      expect(await ids(true)).toEqual(found);
    });
    step("pages to the end", async () => {
      for (let number = 0; number < 7; number += 1)
        await client.create({
          resourceType: "Observation",
          body: aWeight(`Patient/${patient.id}`, 70 + number) as never,
        });
      const all = (await client.search({
        resourceType: "Observation",
        searchParams: { patient: patient.id, _count: 100 },
      })) as unknown as Bundle;
      const seen: (string | undefined)[] = [];
      let pages = 0;
      let bundle: unknown = await client.search({
        resourceType: "Observation",
        searchParams: { patient: patient.id, _count: 2 },
      });
      while (bundle !== undefined) {
        pages += 1;
        const { entry = [] } = bundle as Bundle;
        seen.push(...entry.map(({ resource }) => resource?.id));
        bundle = await client.nextPage({ bundle: bundle as never });
      }
      expect(pages).toBeGreaterThan(3);
      expect(seen.toSorted()).toEqual(
        (all.entry ?? []).map(({ resource }) => resource?.id).toSorted(),
      );
    });
    step("searches a compartment", async () => {
      const bundle = (await client.compartmentSearch({
        resourceType: "Observation",
        compartment: { resourceType: "Patient", id: patient.id },
        searchParams: { code: "29463-7" },
      })) as unknown as Bundle;
      expect(bundle.entry?.length).toBeGreaterThan(6);
    });
    step("reads the history of a resource", async () => {
      const bundle = (await client.history({
        resourceType: "Patient",
        id: patient.id,
      })) as unknown as Bundle;
      expect(bundle.entry?.map(({ request }) => request?.method)).toEqual([
        "PUT",
        "PUT",
        "POST",
      ]);
    });
    step("reads the history of a type", async () => {
      const { type } = (await client.typeHistory({
        resourceType: "Patient",
      })) as unknown as Bundle;
      expect(type).toBe("history");
    });
    step("asks for everything of a patient", async () => {
      const bundle = (await client.operation({
        name: "everything",
        resourceType: "Patient",
        id: patient.id,
        method: "GET",
      })) as unknown as Bundle;
      const types = bundle.entry?.map(({ resource }) => resource?.resourceType);
      expect(types).toContain("Patient");
      expect(types).toContain("Observation");
    });
    step("deletes, and is told so ever after", async () => {
      const made = (await client.create({
        resourceType: "Observation",
        body: aWeight(`Patient/${patient.id}`, 70) as never,
      })) as unknown as Stored<Observation>;
      await client.delete({ resourceType: "Observation", id: made.id });
      expect(
        await status(() =>
          client.read({ resourceType: "Observation", id: made.id }),
        ),
      ).toBe(410);
    });
    step("gets an OperationOutcome for what is wrong", async () => {
      const refused = await client
        .create({
          resourceType: "Patient",
          body: { resourceType: "Patient", gender: "f" },
        })
        .catch((error: unknown) => error);
      expect(refused).toMatchObject({
        response: {
          status: 422,
          data: {
            resourceType: "OperationOutcome",
            issue: [{ expression: ["Patient.gender"] }],
          },
        },
      });
      expect(
        await status(() =>
          client.read({ resourceType: "Patient", id: "nobody" }),
        ),
      ).toBe(404);
    });
  });
};
