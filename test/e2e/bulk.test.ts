import type { OperationOutcome, Patient, Resource } from "@medplum/fhirtypes";
import { beforeAll, describe, expect, it } from "vitest";
import { fhirClient, type FhirClient } from "../../local/system/fhir-client.ts";
import { until } from "../../local/until.ts";
import { theWorld, type World } from "./world.ts";

let world: World;
let manager: FhirClient;
beforeAll(async () => {
  world = await theWorld();
  manager = fhirClient(world.urls.fhir, () => world.accounts.staff("manager"));
});

const headers = { accept: "application/fhir+json", prefer: "respond-async" };

interface ManifestFile {
  readonly type: string;
  readonly url: string;
  readonly count: number;
}

interface Manifest {
  readonly transactionTime: string;
  readonly output: readonly ManifestFile[];
  readonly deleted?: readonly ManifestFile[];
}

const kickOff = async (path: string): Promise<string> => {
  const answer = await manager.request({ path, headers });
  expect(answer.status).toBe(202);
  const place = answer.headers.get("content-location") ?? "";
  expect(place).toMatch(/^http/);
  return place.replace(/^.*\/fhir\/R4\//, "");
};

const finished = (place: string): Promise<Manifest> =>
  world.whileDaysPass(() =>
    until("the end of the export", async () => {
      const { status, body } = await manager.request<Manifest>({ path: place });
      if (status === 200) return body;
      expect(status).toBe(202);
      return undefined;
    }),
  );

/** By whoever has the link: no token. */
const linesOf = async ({
  url,
  count,
}: ManifestFile): Promise<readonly Resource[]> => {
  const answer = await fetch(url);
  expect(answer.status).toBe(200);
  expect(answer.headers.get("content-type")).toContain(
    "application/fhir+ndjson",
  );
  const lines = (await answer.text()).split("\n").filter(Boolean);
  expect(lines).toHaveLength(count);
  return lines.map((line) => JSON.parse(line) as Resource);
};

describe("a bulk export of all patients", () => {
  it("ends in files that anybody with their links can fetch, and nobody after the removal", async () => {
    const place = await kickOff("Patient/$export?_type=Patient,Appointment");
    const { output, transactionTime } = await finished(place);
    const resources = (await Promise.all(output.map(linesOf))).flat();
    const patients = resources.filter(
      (resource): resource is Patient => resource.resourceType === "Patient",
    );
    const [known] = world.patients;
    expect(patients.length).toBeGreaterThanOrEqual(world.patients.length);
    expect(patients.find(({ id }) => id === known?.id)).toEqual(
      await manager.expect({ path: `Patient/${known?.id ?? ""}` }),
    );
    expect(Date.parse(transactionTime)).toBeLessThan(Date.now());

    const removed = await manager.request({ method: "DELETE", path: place });
    expect(removed.status).toBe(202);
    const again = await manager.request<OperationOutcome>({ path: place });
    expect(again.status).toBe(404);
    expect(again.body.resourceType).toBe("OperationOutcome");
    const [file] = output;
    expect((await fetch(file?.url ?? "")).status).toBe(404);
  });

  it("since the last one holds what has changed since", async () => {
    const first = await finished(
      await kickOff("Patient/$export?_type=Patient"),
    );
    const [, known] = world.patients;
    const patient = await manager.expect<Patient>({
      path: `Patient/${known?.id ?? ""}`,
    });
    await world.fhir.expect({
      method: "PUT",
      path: `Patient/${patient.id ?? ""}`,
      body: { ...patient, maritalStatus: { text: "Married" } },
    });
    const { output } = await finished(
      await kickOff(
        `Patient/$export?_type=Patient&_since=${encodeURIComponent(first.transactionTime)}`,
      ),
    );
    const resources = (await Promise.all(output.map(linesOf))).flat();
    expect(resources.map(({ id }) => id)).toEqual([patient.id]);
  });

  it("is refused to who has no token, or none for so much", async () => {
    const nobody = await fetch(`${world.urls.fhir}/Patient/$export`, {
      headers,
    });
    expect(nobody.status).toBe(401);
    const nurse = fhirClient(world.urls.fhir, () =>
      world.accounts.staff("nurse"),
    );
    const refused = await nurse.request({ path: "$export", headers });
    expect(refused.status).toBe(403);
    const sync = await manager.request({ path: "Patient/$export" });
    expect(sync.status).toBe(400);
  });
});
