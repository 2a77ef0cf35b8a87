import type { Bundle, Observation, Resource } from "@medplum/fhirtypes";
import { expect, test } from "vitest";
import { asClient, asPatient, aServer, codesOf } from "./server.ts";
import { aPatient, aPractitioner } from "../store/builders.ts";

const anObservation = (
  patient: string,
  given: Partial<Observation> = {},
): Observation => ({
  resourceType: "Observation",
  status: "final",
  code: { text: "Weight" },
  subject: { reference: `Patient/${patient}` },
  ...given,
});

const base = "https://api.example/fhir/R4";

const pathOf = (bundle: Bundle, relation: string) => {
  const url = bundle.link?.find((one) => one.relation === relation)?.url;
  if (url === undefined) return undefined;
  const { pathname, searchParams } = new URL(url);
  return {
    path: pathname.slice("/fhir/R4".length),
    query: Object.fromEntries(searchParams),
  };
};

test("the whole record is one searchset of what is stored", async () => {
  const { ask, make } = aServer();
  const doctor = await make(aPractitioner());
  const patient = await make(aPatient());
  const observation = await make(
    anObservation(patient.id, {
      performer: [{ reference: `Practitioner/${doctor.id}` }],
    }),
  );
  const { status, headers, body } = await ask<Bundle>(
    "GET",
    `/Patient/${patient.id}/$everything`,
  );
  expect(status).toBe(200);
  expect(headers["content-type"]).toMatch(/^application\/fhir\+json/);
  expect(body).toEqual({
    resourceType: "Bundle",
    type: "searchset",
    total: 2,
    link: [
      { relation: "self", url: `${base}/Patient/${patient.id}/$everything` },
    ],
    entry: [
      {
        fullUrl: `${base}/Observation/${observation.id}`,
        resource: observation,
        search: { mode: "match" },
      },
      {
        fullUrl: `${base}/Patient/${patient.id}`,
        resource: patient,
        search: { mode: "match" },
      },
      {
        fullUrl: `${base}/Practitioner/${doctor.id}`,
        resource: doctor,
        search: { mode: "include" },
      },
    ],
  });
});

test("pages are followed by their links, which hold none of what was asked", async () => {
  const { ask, make } = aServer();
  const patient = await make(aPatient());
  for (let number = 0; number < 5; number += 1)
    await make(
      anObservation(patient.id, {
        effectiveDateTime: `2026-01-0${String(number + 1)}`,
      }),
    );
  const ids: string[] = [];
  let { body } = await ask<Bundle>(
    "POST",
    `/Patient/${patient.id}/$everything`,
    {
      body: {
        resourceType: "Parameters",
        parameter: [
          { name: "_count", valueInteger: 2 },
          { name: "start", valueDate: "2026-01-02" },
          { name: "_type", valueString: "Observation" },
        ],
      },
    },
  );
  for (;;) {
    ids.push(...(body.entry ?? []).map(({ resource }) => resource?.id ?? ""));
    const next = pathOf(body, "next");
    if (next === undefined) break;
    expect(body.total).toBeUndefined();
    expect(Object.keys(next.query)).toEqual(["_cursor"]);
    ({ body } = await ask<Bundle>("GET", next.path, { query: next.query }));
  }
  expect(new Set(ids).size).toBe(4);
  expect(ids).toHaveLength(4);
  expect(body.total).toBe(4);
});

test("the self link of a GET shows what was asked", async () => {
  const { ask, make } = aServer();
  const patient = await make(aPatient());
  const { body } = await ask<Bundle>(
    "GET",
    `/Patient/${patient.id}/$everything`,
    { query: { _type: "Patient,Task", _format: "json" } },
  );
  expect(pathOf(body, "self")?.query).toEqual({ _type: "Patient,Task" });
});

test.each([
  [{ _type: "Patient,Starship" }, "_type"],
  [{ _type: "" }, "_type"],
  [{ _count: "0" }, "_count"],
  [{ _count: "many" }, "_count"],
  [{ start: "yesterday" }, "start"],
  [{ end: "2026-13-01" }, "end"],
  [{ _since: "1" }, "_since"],
  [{ start: ["2026", "2027"] }, "start"],
  [{ _cursor: "forged" }, "cursor"],
  [{ _cursor: "x", _count: "1" }, "_cursor"],
  [{ _tpye: "Patient" }, "This operation takes"],
])("%j is refused with its name and nothing of it", async (query, named) => {
  const { ask, make } = aServer();
  const patient = await make(aPatient());
  const { status, text } = await ask(
    "GET",
    `/Patient/${patient.id}/$everything`,
    { query },
  );
  expect(status).toBe(400);
  expect(text).toContain(named);
  expect(text).not.toMatch(/Starship|yesterday|forged|_tpye/);
});

test.each([
  "[]",
  '{"resourceType":"Patient"}',
  '{"resourceType":"Parameters","parameter":{}}',
  '{"resourceType":"Parameters","parameter":[null]}',
  '{"resourceType":"Parameters","parameter":[{"name":"start"}]}',
  '{"resourceType":"Parameters","parameter":[{"name":"start","valuePeriod":{}}]}',
])("the body %s is refused", async (body) => {
  const { ask, make } = aServer();
  const patient = await make(aPatient());
  const { status } = await ask("POST", `/Patient/${patient.id}/$everything`, {
    body,
  });
  expect(status).toBe(400);
});

test("who may not see the patient is refused, and whom nobody knows is not found", async () => {
  const { ask, make } = aServer();
  const [own, other] = [await make(aPatient()), await make(aPatient())];
  const path = `/Patient/${other.id}/$everything`;
  expect((await ask("GET", path, { as: asPatient(own.id) })).status).toBe(403);
  expect((await ask("GET", path, { as: asPatient(other.id) })).status).toBe(
    200,
  );
  const unknown = await ask("GET", "/Patient/unknown/$everything");
  expect([unknown.status, ...codesOf(unknown)]).toEqual([404, "not-found"]);
});

test("a caller learns which types were left out", async () => {
  const { ask, make } = aServer();
  const patient = await make(aPatient());
  await make(anObservation(patient.id));
  const { body } = await ask<Bundle>(
    "GET",
    `/Patient/${patient.id}/$everything`,
    {
      as: asClient("system/Patient.rs"),
      query: { _type: "Patient,Observation" },
    },
  );
  expect(
    body.entry?.map(({ search, resource }) => [
      search?.mode,
      resource?.resourceType,
    ]),
  ).toEqual([
    ["match", "Patient"],
    ["outcome", "OperationOutcome"],
  ]);
  const { issue } = body.entry?.[1]?.resource as Resource & {
    issue: readonly { details: { text: string } }[];
  };
  expect(issue[0]?.details.text).toContain("Observation");
});
