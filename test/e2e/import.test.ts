import type {
  Appointment,
  CarePlan,
  OperationOutcome,
  Patient,
  Resource,
} from "@medplum/fhirtypes";
import { beforeAll, describe, expect, it } from "vitest";
import { fhirClient, type FhirClient } from "../../local/system/fhir-client.ts";
import { until } from "../../local/until.ts";
import { theWorld, type World } from "./world.ts";

let world: World;
/** Speaks to `/v1` as a clinic system. */
let ehr: FhirClient;
beforeAll(async () => {
  world = await theWorld();
  ehr = fhirClient(`${world.urls.api}/v1`, () => world.accounts.clinic("ehr"));
});

const headers = { "content-type": "application/json" };
const source = "urn:sojourn:source:old-ehr";

interface Status {
  readonly status: string;
  readonly counts: Readonly<Record<string, Readonly<Record<string, number>>>>;
  readonly problems?: { readonly url: string; readonly count: number };
}

const imported = async (
  files: Readonly<Record<string, readonly (Resource | string)[]>>,
): Promise<Status> => {
  const { id, uploads } = await ehr.expect<{
    id: string;
    uploads: readonly { url: string; contentType: string }[];
  }>({
    method: "POST",
    path: "imports",
    headers,
    body: {
      source: "old-ehr",
      files: Object.keys(files).map((type) => ({
        type,
        name: `${type}.ndjson`,
      })),
    },
  });
  for (const [index, lines] of Object.values(files).entries()) {
    const { url = "", contentType = "" } = uploads[index] ?? {};
    // By whoever has the link: no token.
    const put = await fetch(url, {
      method: "PUT",
      headers: { "content-type": contentType },
      body: lines
        .map((line) => (typeof line === "string" ? line : JSON.stringify(line)))
        .join("\n"),
    });
    expect(put.status).toBe(200);
  }
  const path = `imports/${id}`;
  await ehr.expect({ method: "POST", path: `${path}/start` });
  return world.whileDaysPass(() =>
    until("the end of the import", async () => {
      const status = await ehr.expect<Status>({ path });
      return status.status === "running" ? undefined : status;
    }),
  );
};

const inDays = (days: number): Pick<Appointment, "start" | "end"> => {
  const start = Date.now() + days * 86_400_000;
  return {
    start: new Date(start).toISOString(),
    end: new Date(start + 1_800_000).toISOString(),
  };
};

const visit = (
  id: string,
  status: Appointment["status"],
  days: number,
): Appointment => ({
  resourceType: "Appointment",
  id,
  status,
  ...inDays(days),
  participant: [
    { actor: { reference: "Patient/p" }, status: "accepted" },
    { actor: { reference: "Practitioner/d" }, status: "accepted" },
  ],
});

const files = {
  Appointment: [
    visit("past", "booked", -30),
    visit("kept", "fulfilled", -20),
    visit("next", "booked", 30),
  ],
  Patient: [
    {
      resourceType: "Patient",
      id: "p",
      name: [{ family: "Imported" }],
      telecom: [{ system: "phone", value: "+12025550188", use: "mobile" }],
    },
    '{"resourceType":"Patient"}',
  ],
  Practitioner: [{ resourceType: "Practitioner", id: "d" }],
} satisfies Readonly<Record<string, readonly (Resource | string)[]>>;

describe("a bulk import", () => {
  it("takes uploaded files in, names what is wrong, and starts journeys for what is to come only", async () => {
    const { status, counts, problems } = await imported(files);
    expect(status).toBe("completed");
    expect(counts).toMatchObject({
      Patient: { read: 2, created: 1, refused: 1 },
      Practitioner: { created: 1 },
      Appointment: { created: 3 },
    });
    const answer = await fetch(problems?.url ?? "");
    const outcome = JSON.parse(await answer.text()) as OperationOutcome;
    expect(outcome.issue[0]).toMatchObject({
      code: "required",
      diagnostics: "Patient.ndjson, line 2",
    });
    const [patient] = await world.fhir.search<Patient>("Patient", {
      identifier: `${source}|Patient/p`,
    });
    const appointments = await world.fhir.search<Appointment>("Appointment", {
      patient: patient?.id ?? "",
    });
    const idOf = (name: string): string =>
      appointments.find(({ identifier = [] }) =>
        identifier.some(({ value }) => value === `Appointment/${name}`),
      )?.id ?? "";
    const plans = await until("a journey", async () => {
      const found = await world.fhir.search<CarePlan>("CarePlan", {
        patient: patient?.id ?? "",
      });
      return found.length > 0 ? found : undefined;
    });
    expect(plans.map(({ supportingInfo }) => supportingInfo)).toEqual([
      [{ reference: `Appointment/${idOf("next")}` }],
    ]);
  });

  it("of the same files again changes nothing", async () => {
    const { counts } = await imported(files);
    expect(counts).toMatchObject({
      Patient: { created: 0, updated: 0, unchanged: 1, refused: 1 },
      Appointment: { created: 0, updated: 0, unchanged: 3 },
    });
  });

  it("is refused to who may not hand over so much", async () => {
    const nurse = fhirClient(`${world.urls.api}/v1`, () =>
      world.accounts.staff("nurse"),
    );
    const { status } = await nurse.request({
      method: "POST",
      path: "imports",
      headers,
      body: { source: "old-ehr", files: [{ type: "Patient", name: "p" }] },
    });
    expect(status).toBe(403);
  });
});
