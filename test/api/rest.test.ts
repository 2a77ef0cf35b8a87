import type {
  Bundle,
  OperationOutcome,
  Patient,
  Task,
} from "@medplum/fhirtypes";
import { describe, expect, test } from "vitest";
import {
  aPatient,
  aPractitioner,
  aTask,
  mrn,
  withMrn,
} from "../store/builders.ts";
import { aServer, asClient, asPatient, codesOf, nurse } from "./server.ts";

const nobody = { kind: "system", id: "none" } as const;

describe("create", () => {
  test("gives an id, a version, an ETag and the address of the version", async () => {
    const { ask } = aServer();
    const { status, headers, body } = await ask<Patient>("POST", "/Patient", {
      body: {
        ...aPatient(),
        id: "mine",
        meta: { versionId: "9", lastUpdated: "2001-01-01T00:00:00Z" },
      },
    });
    expect(status).toBe(201);
    expect(body.id).toMatch(/^[0-9A-Z]{26}$/);
    expect(body.meta?.versionId).toBe("1");
    expect(headers).toMatchObject({
      etag: 'W/"1"',
      "content-type": "application/fhir+json; charset=utf-8",
      location: `https://api.example/fhir/R4/Patient/${body.id ?? ""}/_history/1`,
    });
    expect(Date.parse(headers["last-modified"] ?? "")).toBeGreaterThan(
      Date.parse("2026-01-01"),
    );
  });

  test("If-None-Exist answers with the one there is, creates when there is none, and refuses other criteria", async () => {
    const { ask } = aServer();
    const once = (body: unknown, criteria: string) =>
      ask("POST", "/Patient", { body, headers: { "If-None-Exist": criteria } });
    const first = await once(withMrn("1"), `identifier=${mrn}|1`);
    expect(first.status).toBe(201);
    const again = await once(withMrn("1"), `identifier=${mrn}|1`);
    expect(again.status).toBe(200);
    expect(again.body).toEqual(first.body);
    expect((await once(withMrn("2"), "eyes=blue")).status).toBe(400);
    expect((await once(withMrn("2"), "active=true")).status).toBe(400);
    expect((await once(withMrn("2"), "")).status).toBe(412);
    await ask("POST", "/Patient", {
      body: aPatient({ identifier: [{ system: "urn:x", value: "1" }] }),
    });
    await ask("POST", "/Patient", {
      body: aPatient({ identifier: [{ system: "urn:x", value: "1" }] }),
    });
    expect((await once(aPatient(), "identifier=urn:x|1")).status).toBe(412);
  });

  test("Prefer decides how much comes back", async () => {
    const { ask } = aServer();
    const prefer = (wish: string) =>
      ask("POST", "/Patient", { body: aPatient(), headers: { Prefer: wish } });
    expect((await prefer("return=minimal")).text).toBe("");
    expect((await prefer("return=OperationOutcome")).body.resourceType).toBe(
      "OperationOutcome",
    );
    expect((await prefer("return=representation")).body.resourceType).toBe(
      "Patient",
    );
  });
});

describe("read", () => {
  test("HEAD answers as GET without a body, also for what is unknown", async () => {
    const { ask, make } = aServer();
    const { id } = await make(aPatient());
    const got = await ask("GET", `/Patient/${id}`);
    const head = await ask("HEAD", `/Patient/${id}`);
    expect(head).toMatchObject({ status: 200, text: "" });
    expect(head.headers.etag).toBe(got.headers.etag);
    expect(await ask("HEAD", "/Patient/none")).toMatchObject({
      status: 404,
      text: "",
    });
  });

  test("If-None-Match of the present version, strong, weak, among others or a star, is 304; of another one never", async () => {
    const { ask, make } = aServer();
    const { id, ...patient } = await make(aPatient());
    await ask("PUT", `/Patient/${id}`, {
      body: { ...patient, id, gender: "other" },
    });
    const conditional = async (headers: Record<string, string>) =>
      (await ask("GET", `/Patient/${id}`, { headers })).status;
    const { headers } = await ask("GET", `/Patient/${id}`);
    const since = headers["last-modified"] ?? "";
    for (const tag of ['W/"2"', '"2"', 'W/"1", W/"2"', "*"])
      expect([tag, await conditional({ "If-None-Match": tag })]).toEqual([
        tag,
        304,
      ]);
    expect(await conditional({ "If-None-Match": 'W/"1"' })).toBe(200);
    expect(await conditional({ "If-Modified-Since": since })).toBe(304);
    expect(
      await conditional({
        "If-Modified-Since": "Thu, 01 Jan 1970 00:00:00 GMT",
      }),
    ).toBe(200);
    expect(
      await conditional({
        "If-None-Match": 'W/"1"',
        "If-Modified-Since": since,
      }),
    ).toBe(200);
  });

  test("an unknown id is 404, a deleted resource 410, an unknown type 404", async () => {
    const { ask, make } = aServer();
    const { id: patient } = await make(aPatient());
    const { id } = await make(aTask(patient));
    expect((await ask("DELETE", `/Task/${id}`)).status).toBe(204);
    expect(codesOf(await ask("GET", `/Task/${id}`))).toEqual(["deleted"]);
    expect((await ask("GET", `/Task/${id}`)).status).toBe(410);
    expect(
      (await ask("GET", `/Task/${patient}-${id.slice(0, 26)}`)).status,
    ).toBe(404);
    for (const type of [
      "Observation",
      "patient",
      "constructor",
      "__proto__",
      "toString",
    ])
      expect((await ask("GET", `/${type}/${id}`)).status).toBe(404);
  });
});

describe("update and delete", () => {
  test("If-Match: the present version is taken, a stale one is 412, no version is 400", async () => {
    const { ask, make } = aServer();
    const patient = await make(aPatient());
    const put = async (ifMatch: string, birthDate: string) =>
      (
        await ask("PUT", `/Patient/${patient.id}`, {
          body: { ...patient, birthDate },
          headers: { "If-Match": ifMatch },
        })
      ).status;
    expect(await put('W/"1"', "1980-01-02")).toBe(200);
    expect(await put('W/"1"', "1980-01-03")).toBe(412);
    expect(await put('"2"', "1980-01-04")).toBe(200);
    expect(await put("abc", "1980-01-05")).toBe(400);
    expect(await put('W/"7"', "1980-01-05")).toBe(412);
  });

  test("the same content again makes no new version", async () => {
    const { ask, make } = aServer();
    const patient = await make(aPatient());
    const { status, headers } = await ask("PUT", `/Patient/${patient.id}`, {
      body: patient,
    });
    expect([status, headers.etag]).toEqual([200, 'W/"1"']);
  });

  test("an id that is not the address's, is unknown or is of a deleted resource is refused", async () => {
    const { ask, make } = aServer();
    const patient = await make(aPatient());
    const task = await make(aTask(patient.id));
    expect(
      (
        await ask("PUT", `/Patient/${patient.id}`, {
          body: { ...patient, id: "x" },
        })
      ).status,
    ).toBe(400);
    expect(
      (await ask("PUT", "/Patient/x", { body: { ...patient, id: "x" } }))
        .status,
    ).toBe(404);
    expect(
      (await ask("PUT", `/Patient/${patient.id}`, { body: task })).status,
    ).toBe(400);
    await ask("DELETE", `/Task/${task.id}`);
    expect((await ask("PUT", `/Task/${task.id}`, { body: task })).status).toBe(
      410,
    );
  });

  test("deleting again is 204, a patient is never deleted, a stale delete is 412", async () => {
    const { ask, make } = aServer();
    const { id: patient } = await make(aPatient());
    const { id } = await make(aTask(patient));
    expect(
      (await ask("DELETE", `/Task/${id}`, { headers: { "If-Match": 'W/"3"' } }))
        .status,
    ).toBe(412);
    expect((await ask("DELETE", `/Task/${id}`)).status).toBe(204);
    expect((await ask("DELETE", `/Task/${id}`)).status).toBe(204);
    expect((await ask("DELETE", `/Task/none`)).status).toBe(404);
    expect((await ask("DELETE", `/Patient/${patient}`)).status).toBe(422);
  });

  test("a resource stays with its patient, an illegal move is 422", async () => {
    const { ask, make } = aServer();
    const one = await make(aPatient());
    const other = await make(aPatient());
    const task = await make(aTask(one.id));
    const moved = await ask("PUT", `/Task/${task.id}`, {
      body: { ...task, for: { reference: `Patient/${other.id}` } },
    });
    expect(moved.status).toBe(422);
    const done = await ask<Task>("PUT", `/Task/${task.id}`, {
      body: { ...task, status: "completed" },
    });
    expect(done.status).toBe(200);
    const back = await ask("PUT", `/Task/${task.id}`, {
      body: { ...done.body, status: "requested" },
    });
    expect([back.status, ...codesOf(back)]).toEqual([422, "business-rule"]);
  });
});

describe("history", () => {
  test("tells every version, newest first, with what made it, deletions included; pages by cursor", async () => {
    const { ask, make } = aServer();
    const { id: patient } = await make(aPatient());
    const task = await make(aTask(patient));
    await ask("PUT", `/Task/${task.id}`, {
      body: { ...task, status: "in-progress" },
    });
    await ask("DELETE", `/Task/${task.id}`);
    const { body } = await ask<Bundle>("GET", `/Task/${task.id}/_history`);
    expect(body.type).toBe("history");
    expect(
      body.entry?.map(({ request, response }) => [
        request?.method,
        request?.url,
        response?.etag,
      ]),
    ).toEqual([
      ["DELETE", `Task/${task.id}`, 'W/"3"'],
      ["PUT", `Task/${task.id}`, 'W/"2"'],
      ["POST", "Task", 'W/"1"'],
    ]);
    expect(
      body.entry?.map(({ resource }) => resource?.meta?.versionId),
    ).toEqual([undefined, "2", "1"]);
    const first = await ask<Bundle>("GET", `/Task/${task.id}/_history`, {
      query: { _count: "2" },
    });
    expect(first.body.entry).toHaveLength(2);
    const next = new URL(
      first.body.link?.find(({ relation }) => relation === "next")?.url ?? "",
    );
    const second = await ask<Bundle>("GET", `/Task/${task.id}/_history`, {
      query: Object.fromEntries(next.searchParams),
    });
    expect(second.body.entry?.map(({ response }) => response?.etag)).toEqual([
      'W/"1"',
    ]);
    expect(second.body.link?.some(({ relation }) => relation === "next")).toBe(
      false,
    );
    const bad = await ask("GET", `/Task/${task.id}/_history`, {
      query: { _cursor: "AAAA" },
    });
    expect(bad.status).toBe(400);
    const foreign = await ask("GET", `/Patient/${patient}/_history`, {
      query: { _cursor: next.searchParams.get("_cursor") ?? "" },
    });
    expect(foreign.status).toBe(400);
  });

  test("one version is read by its number; the others are 404 or, for the deletion, 410", async () => {
    const { ask, make } = aServer();
    const { id: patient } = await make(aPatient());
    const task = await make(aTask(patient));
    await ask("DELETE", `/Task/${task.id}`);
    const version = async (number: string) =>
      (await ask("GET", `/Task/${task.id}/_history/${number}`)).status;
    expect(
      (await ask<Task>("GET", `/Task/${task.id}/_history/1`)).body,
    ).toEqual(task);
    expect(await version("2")).toBe(410);
    for (const unknown of ["0", "01", "3", "x", "-1", "1.0", "99999999999"])
      expect([unknown, await version(unknown)]).toEqual([unknown, 404]);
  });
});

describe("bad input", () => {
  const deep = (levels: number): string =>
    `${"[".repeat(levels)}${"]".repeat(levels)}`;
  const big = JSON.stringify(
    aPatient({
      text: {
        status: "generated",
        div: `<div xmlns="http://www.w3.org/1999/xhtml">${"x".repeat(1_100_000)}</div>`,
      },
    }),
  );

  test.each([
    ["no JSON", "{", 400, "structure"],
    ["nothing", "", 400, "structure"],
    ["two values", "{}{}", 400, "structure"],
    [
      "a key twice",
      '{"resourceType":"Patient","gender":"male","gender":"female"}',
      400,
      "structure",
    ],
    [
      "a key twice, escaped",
      String.raw`{"resourceType":"Patient","gender":"male","g\u0065nder":"female"}`,
      400,
      "structure",
    ],
    [
      "101 levels",
      `{"resourceType":"Patient","x":${deep(100)}}`,
      400,
      "structure",
    ],
    [
      "100 levels of an unknown field",
      `{"resourceType":"Patient","x":${deep(99)}}`,
      422,
      "structure",
    ],
    ["a list", "[]", 400, "structure"],
    ["null", "null", 400, "structure"],
    ["a text", '"Patient"', 400, "structure"],
    ["another type", '{"resourceType":"Practitioner"}', 400, "invalid"],
    ["over the limit", big, 413, "too-long"],
  ])("%s", async (_name, body, status, code) => {
    const { ask } = aServer();
    const answer = await ask("POST", "/Patient", { body });
    expect([answer.status, ...codesOf(answer)]).toEqual([status, code]);
    expect(answer.body.resourceType).toBe("OperationOutcome");
  });

  test("bytes that are no UTF-8", async () => {
    const { send } = aServer();
    const answer = await send({
      httpMethod: "POST",
      path: "/fhir/R4/Patient",
      headers: { authorization: JSON.stringify(nurse) },
      body: Buffer.from([0x7b, 0xff, 0xfe, 0x7d]).toString("base64"),
      isBase64Encoded: true,
    });
    expect([answer.status, ...codesOf(answer)]).toEqual([400, "structure"]);
  });

  test("fields, types and codes: each finding names its place and no answer holds a value", async () => {
    const { ask } = aServer();
    const answer = await ask<OperationOutcome>("POST", "/Patient", {
      body: {
        resourceType: "Patient",
        canaryField: "canary-1",
        gender: "canary-2",
        birthDate: "canary-3",
        active: "canary-4",
        name: { family: "canary-5" },
        telecom: [{ system: "canary-6", value: "canary-7" }],
        contact: [{ canaryInner: 1 }],
      },
    });
    expect(answer.status).toBe(422);
    expect(
      answer.body.issue.flatMap(({ expression = [] }) => expression).join(" "),
    ).toMatch(/gender.*birthDate|birthDate.*gender/);
    expect(answer.text).not.toContain("canary-");
  });

  test("methods that an address does not have are 405 and name those it has", async () => {
    const { ask, make } = aServer();
    const { id } = await make(aPatient());
    const refused = await ask("POST", `/Patient/${id}`);
    expect(refused.status).toBe(405);
    expect(refused.headers.allow?.split(", ").sort()).toEqual([
      "DELETE",
      "GET",
      "HEAD",
      "PATCH",
      "PUT",
    ]);
    expect(
      (await ask("HEAD", "/Patient")).headers.allow?.split(", ").sort(),
    ).toEqual(["DELETE", "GET", "PATCH", "POST", "PUT"]);
    expect((await ask("PUT", "/metadata")).status).toBe(405);
    expect((await ask("DELETE", "/Appointment/$find")).status).toBe(405);
  });

  test("tricks with the path reach nothing", async () => {
    const { ask, make } = aServer();
    const { id } = await make(aPatient());
    for (const path of [
      `/Patient/..%2F..%2FPatient%2F${id}`,
      `/Patient/${id}%00`,
      `/Patient/${id}/../${id}`,
      `/Patient//${id}`,
      `//Patient/${id}`,
      `/Patient/${id.toLowerCase()}`,
      `/Patient/%24everything`,
      `/Patient/${id}/$nothing`,
      "/Patient/PATIENT%23x",
      `/Practitioner/${id}%7CA%23Patient`,
      "/%E0%A4%A",
    ]) {
      const { status } = await ask("GET", path);
      expect([path, [400, 404, 405].includes(status)]).toEqual([path, true]);
    }
  });

  test("other formats are refused, what asks for JSON in any way is not", async () => {
    const { ask } = aServer();
    const body = JSON.stringify(aPatient());
    const sent = async (headers: Record<string, string>) =>
      (await ask("POST", "/Patient", { body, headers })).status;
    expect(await sent({ "Content-Type": "application/fhir+xml" })).toBe(415);
    expect(await sent({ "Content-Type": "text/plain" })).toBe(415);
    expect(await sent({ Accept: "application/fhir+xml" })).toBe(406);
    expect(
      await sent({
        "Content-Type": "application/fhir+json; charset=utf-8",
        Accept: "application/fhir+json, */*;q=0.1",
      }),
    ).toBe(201);
    expect(
      (await ask("GET", "/metadata", { query: { _format: "xml" } })).status,
    ).toBe(406);
    expect(
      (
        await ask("GET", "/metadata", {
          query: { _format: "json" },
          headers: { Accept: "text/html" },
        })
      ).status,
    ).toBe(200);
  });
});

describe("who may", () => {
  test("without a token 401, also where there is nothing; metadata needs none", async () => {
    const { ask } = aServer();
    const refused = await ask("GET", "/Patient/x", { as: nobody });
    expect([
      refused.status,
      ...codesOf(refused),
      refused.headers["www-authenticate"],
    ]).toEqual([401, "login", "Bearer"]);
    expect((await ask("GET", "/metadata", { as: nobody })).status).toBe(200);
  });

  test("a patient reads the own record and nobody else's, and learns nothing of whether it exists", async () => {
    const { ask, make } = aServer();
    const one = await make(aPatient());
    const other = await make(aPatient());
    const task = await make(aTask(other.id));
    const as = asPatient(one.id);
    expect((await ask("GET", `/Patient/${one.id}`, { as })).status).toBe(200);
    const answers = await Promise.all(
      [
        `/Patient/${other.id}`,
        `/Patient/${other.id.slice(0, 20)}000000`,
        `/Task/${task.id}`,
        `/Task/${task.id}/_history`,
        `/Task/${task.id}/_history/1`,
      ].map((path) => ask("GET", path, { as })),
    );
    expect(answers.map(({ status }) => status)).toEqual([
      403, 403, 403, 403, 403,
    ]);
    expect(new Set(answers.map(({ text }) => text)).size).toBe(1);
    for (const [method, path, body] of [
      ["PUT", `/Patient/${one.id}`, { ...one, gender: "other" }],
      ["PUT", `/Patient/${other.id}`, { ...other, gender: "other" }],
      ["POST", "/Patient", aPatient()],
      ["POST", "/Task", aTask(one.id)],
      ["DELETE", `/Task/${task.id}`, undefined],
    ] as const)
      expect([
        method,
        path,
        (await ask(method, path, { as, body })).status,
      ]).toEqual([method, path, 403]);
  });

  test("a role changes what it may change; no role reads nothing", async () => {
    const { ask, make } = aServer();
    const { id } = await make(aPatient());
    const staff = (...roles: ("front-desk" | "manager" | "nurse")[]) =>
      ({ kind: "staff", id: "s", roles, token: "t" }) as const;
    expect(
      (
        await ask("POST", "/Practitioner", {
          as: staff("front-desk"),
          body: aPractitioner(),
        })
      ).status,
    ).toBe(403);
    expect(
      (
        await ask("POST", "/Practitioner", {
          as: staff("manager"),
          body: aPractitioner(),
        })
      ).status,
    ).toBe(201);
    expect(
      (
        await ask("POST", "/Patient", {
          as: staff("manager"),
          body: aPatient(),
        })
      ).status,
    ).toBe(403);
    expect((await ask("GET", `/Patient/${id}`, { as: staff() })).status).toBe(
      403,
    );
    expect(
      (await ask("GET", `/Patient/${id}`, { as: staff("manager") })).status,
    ).toBe(200);
  });

  test("a clinic system does what its scopes say", async () => {
    const { ask, make } = aServer();
    const { id } = await make(aPatient());
    const status = async (
      scopes: readonly string[],
      method: string,
      path: string,
      body?: unknown,
    ) => (await ask(method, path, { as: asClient(...scopes), body })).status;
    expect(await status([], "GET", `/Patient/${id}`)).toBe(403);
    expect(await status(["system/Patient.r"], "GET", `/Patient/${id}`)).toBe(
      200,
    );
    expect(await status(["system/Patient.r"], "GET", "/Patient")).toBe(403);
    expect(await status(["system/Patient.rs"], "GET", "/Patient")).toBe(200);
    expect(
      await status(["system/Patient.r"], "POST", "/Patient", aPatient()),
    ).toBe(403);
    expect(
      await status(["system/Patient.c"], "POST", "/Patient", aPatient()),
    ).toBe(201);
    expect(await status(["system/*.cruds"], "POST", "/Task", aTask(id))).toBe(
      201,
    );
    expect(
      await status(["system/Task.cruds"], "POST", "/Patient", aPatient()),
    ).toBe(403);
  });
});
