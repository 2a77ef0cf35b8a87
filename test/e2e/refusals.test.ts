import type { Bundle, OperationOutcome, Patient } from "@medplum/fhirtypes";
import { beforeAll, describe, expect, it } from "vitest";
import {
  fhirClient,
  type FhirRequest,
} from "../../local/system/fhir-client.ts";
import { theWorld, type World } from "./world.ts";

/** In every wrong value, so that an echo of it is found. */
const sign = "Qzxv7Wkpt";

let world: World;
beforeAll(async () => {
  world = await theWorld();
});

const patient = (more: object = {}): object => ({
  resourceType: "Patient",
  name: [{ family: `Family${sign}`, given: ["Given"] }],
  ...more,
});
const create = (body: unknown): FhirRequest => ({
  method: "POST",
  path: "Patient",
  body,
});
const nested = (depth: number): string =>
  `${'{"extension":['.repeat(depth)}${"]}".repeat(depth)}`;
const own = () => world.patients[0]?.id ?? "";

interface Refusal {
  readonly request: () => FhirRequest;
  readonly status: number;
  /** The element that the answer names. */
  readonly names?: string;
}

const refused = (
  request: () => FhirRequest,
  status: number,
  names?: string,
): Refusal => ({ request, status, ...(names !== undefined && { names }) });

const refusals: Readonly<Record<string, Refusal>> = {
  "malformed JSON": refused(
    () => create(`{"resourceType":"Patient","name":"${sign}`),
    400,
  ),
  "a key that comes twice": refused(
    () =>
      create(`{"resourceType":"Patient","gender":"${sign}","gender":"male"}`),
    400,
  ),
  "a body that nests too deep": refused(() => create(nested(200)), 400),
  "an unknown field": refused(
    () => create(patient({ favouriteColour: sign })),
    422,
    "Patient.favouriteColour",
  ),
  "a wrong type": refused(
    () => create(patient({ active: sign })),
    422,
    "Patient.active",
  ),
  "a wrong code": refused(
    () => create(patient({ gender: sign })),
    422,
    "Patient.gender",
  ),
  "a date that is none": refused(
    () => create(patient({ birthDate: `2026-02-31${sign}` })),
    422,
    "Patient.birthDate",
  ),
  "another resource than the address says": refused(
    () => create({ resourceType: "Practitioner", name: [{ family: sign }] }),
    400,
  ),
  "no resource at all": refused(() => create(`["${sign}"]`), 400),
  "a body over the limit": refused(
    () =>
      create(
        patient({
          text: {
            status: "generated",
            div: `<div>${sign.repeat(130_000)}</div>`,
          },
        }),
      ),
    413,
  ),
  "a media type that is not FHIR": refused(
    () => ({ ...create(patient()), headers: { "content-type": "text/csv" } }),
    415,
  ),
  "a stale version": refused(
    () => ({
      method: "PUT",
      path: `Patient/${own()}`,
      body: { ...world.patients[0] },
      headers: { "if-match": 'W/"999"' },
    }),
    412,
  ),
  "an id of nobody": refused(
    () => ({ path: "Patient/01ARZ3NDEKTSV4RRFFQ69G5FAV" }),
    404,
  ),
  "an id that is none": refused(() => ({ path: `Patient/${sign}` }), 404),
  "a type that is not kept": refused(
    () => ({ path: `Observation/${sign}` }),
    404,
  ),
  "an unknown operation": refused(
    () => ({ method: "POST", path: `Patient/$${sign}`, body: {} }),
    404,
  ),
  "an update that makes a resource": refused(
    () => ({
      method: "PUT",
      path: "Patient/01ARZ3NDEKTSV4RRFFQ69G5FAV",
      body: { ...patient(), id: "01ARZ3NDEKTSV4RRFFQ69G5FAV" },
    }),
    404,
  ),
  "a search with a malformed value": refused(
    () => ({
      method: "POST",
      path: "Patient/_search",
      headers: { "content-type": "application/x-www-form-urlencoded" },
      body: `birthdate=${sign}`,
    }),
    400,
  ),
  "a booking without a slot": refused(
    () => ({
      method: "POST",
      path: "Appointment/$book",
      body: {
        resourceType: "Appointment",
        status: "proposed",
        comment: sign,
        participant: [
          { actor: { reference: `Patient/${own()}` }, status: "accepted" },
        ],
      },
    }),
    400,
    "Appointment.slot",
  ),
  "a search of times without an end": refused(
    () => ({ path: `Appointment/$find?start=${sign}` }),
    400,
  ),
};

describe("bad input gets a clear answer that echoes nothing", () => {
  it.each(Object.entries(refusals))(
    "%s",
    async (_, { request, status: wanted, names }) => {
      const { status, body } =
        await world.fhir.request<OperationOutcome>(request());
      expect(body, JSON.stringify(body)).toMatchObject({
        resourceType: "OperationOutcome",
      });
      expect(status, JSON.stringify(body)).toBe(wanted);
      for (const issue of body.issue) {
        expect(issue.severity).toMatch(/error|fatal/);
        expect(
          (issue.details?.text ?? issue.diagnostics ?? "").length,
        ).toBeGreaterThan(10);
      }
      if (names !== undefined)
        expect(body.issue.flatMap((issue) => issue.expression)).toContain(
          names,
        );
      expect(JSON.stringify(body)).not.toContain(sign);
    },
  );
});

describe("callers", () => {
  const as = (token: string) =>
    fhirClient(world.urls.fhir, () => Promise.resolve(token));
  const forged = (
    token: string,
    change: (claims: Record<string, unknown>) => void,
    header?: object,
  ): string => {
    const [head = "", body = "", signature = ""] = token.split(".");
    const claims = JSON.parse(
      Buffer.from(body, "base64url").toString(),
    ) as Record<string, unknown>;
    change(claims);
    const encode = (value: object) =>
      Buffer.from(JSON.stringify(value)).toString("base64url");
    return [
      header ? encode(header) : head,
      encode(claims),
      header ? "" : signature,
    ].join(".");
  };

  // The gateway refuses before a function hears of it; how it words that on AWS is asserted on the templates.
  it("without a token are refused", async () => {
    for (const url of [
      `${world.urls.fhir}/Patient/${own()}`,
      `${world.urls.api}/v1/devices`,
    ]) {
      const method = url.endsWith("devices") ? "POST" : "GET";
      expect((await fetch(url, { method })).status, url).toBe(401);
    }
  });

  it.each([
    [
      "a changed token",
      (token: string) =>
        forged(token, (claims) => (claims.client_id = "other")),
    ],
    [
      "an expired token",
      (token: string) => forged(token, (claims) => (claims.exp = 1_000_000)),
    ],
    [
      "an unsigned token",
      (token: string) => forged(token, () => undefined, { alg: "none" }),
    ],
    ["nonsense", () => sign],
  ])("with %s are refused", async (_, spoil) => {
    const { status, body } = await as(
      spoil(await world.accounts.clinic("ehr")),
    ).request({ path: `Patient/${own()}` });
    expect(status).toBe(401);
    expect(JSON.stringify(body)).not.toContain(sign);
  });

  it("who are patients see themselves and nobody else", async () => {
    const [me, other] = world.patients;
    const client = as(await world.accounts.patient(me?.id ?? ""));
    expect(
      (await client.request({ path: `Patient/${me?.id ?? ""}` })).status,
    ).toBe(200);
    for (const path of [
      `Patient/${other?.id ?? ""}`,
      `Patient/${other?.id ?? ""}/_history`,
    ]) {
      const { status, body } = await client.request({ path });
      expect(status, path).toBe(403);
      expect(body).toMatchObject({
        resourceType: "OperationOutcome",
        issue: [{ code: "forbidden" }],
      });
    }
    expect(
      (
        await client.request({
          method: "PUT",
          path: `Patient/${me?.id ?? ""}`,
          body: me,
        })
      ).status,
    ).toBe(403);
  });

  it("who are staff may do what their role says", async () => {
    const nurse = as(await world.accounts.staff("nurse"));
    expect((await nurse.request({ path: `Patient/${own()}` })).status).toBe(
      200,
    );
    expect(
      (
        await nurse.request({
          method: "POST",
          path: "Practitioner",
          body: { resourceType: "Practitioner", active: true },
        })
      ).status,
    ).toBe(403);
  });

  it("of /v1 get problem+json", async () => {
    const token = await world.accounts.patient(own());
    const answer = await fetch(`${world.urls.api}/v1/devices`, {
      method: "POST",
      headers: {
        authorization: `Bearer ${token}`,
        "content-type": "application/json",
      },
      body: JSON.stringify({ token: sign, platform: sign }),
    });
    expect(answer.status).toBe(400);
    expect(answer.headers.get("content-type")).toMatch(
      /^application\/problem\+json/,
    );
    expect(await answer.text()).not.toContain(sign);
  });
});

describe("a transaction that fails", () => {
  it("leaves nothing behind", async () => {
    const mrn = `https://sojourn.example/mrn|${sign}`;
    const bundle: Bundle = {
      resourceType: "Bundle",
      type: "transaction",
      entry: [
        {
          resource: patient({
            identifier: [
              { system: "https://sojourn.example/mrn", value: sign },
            ],
          }) as Patient,
          request: { method: "POST", url: "Patient" },
        },
        {
          resource: patient({ gender: sign }) as Patient,
          request: { method: "POST", url: "Patient" },
        },
      ],
    };
    const { status, body } = await world.fhir.transaction(bundle);
    expect(status).toBe(422);
    expect(JSON.stringify(body)).not.toContain(sign);
    expect(
      await world.fhir.search<Patient>("Patient", { identifier: mrn }),
    ).toEqual([]);
  });
});
