import type { Bundle, Patient, Task } from "@medplum/fhirtypes";
import { beforeAll, expect, it } from "vitest";
import { until } from "../../local/until.ts";
import { theWorld, type World } from "./world.ts";

let world: World;
beforeAll(async () => {
  world = await theWorld();
});

/** Nobody of the demo clinic is called so. */
const registered: Patient = {
  resourceType: "Patient",
  name: [{ family: "Quillfeather", given: ["Isolde"] }],
  birthDate: "1961-08-19",
  gender: "female",
  telecom: [{ system: "phone", value: "+17136215000" }],
};

const register = (patient: Patient) =>
  world.fhir.expect<Patient>({
    method: "POST",
    path: "Patient",
    body: patient,
  });

const reviews = async (id: string | undefined): Promise<readonly Task[]> =>
  (
    (
      await world.fhir.expect<Bundle<Task>>({
        path: `Task?patient=${id ?? ""}`,
      })
    ).entry ?? []
  ).flatMap(({ resource }) => resource ?? []);

it("a patient who is registered twice is found, and people are asked once", async () => {
  const first = await register(registered);
  const second = await register({
    ...registered,
    name: [{ family: "Quilfeather", given: ["Isolde", "M."] }],
  });
  const bundle = await world.fhir.expect<Bundle>({
    method: "POST",
    path: "Patient/$match",
    body: {
      resourceType: "Parameters",
      parameter: [{ name: "resource", resource: registered }],
    },
  });
  expect(bundle.entry?.map(({ resource }) => resource?.id)).toEqual([
    first.id,
    second.id,
  ]);
  const asked = await until("the review of the pair", async () => {
    const tasks = await reviews(second.id);
    return tasks.length > 0 ? tasks : undefined;
  });
  expect(asked).toMatchObject([
    {
      code: { coding: [{ code: "duplicate" }] },
      focus: { reference: `Patient/${first.id ?? ""}` },
    },
  ]);
});
