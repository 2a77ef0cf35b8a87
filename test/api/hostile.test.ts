import fc from "fast-check";
import { beforeAll, describe, expect, test } from "vitest";
import { openApi } from "../../functions/api/open-api.ts";
import {
  aPatient,
  aPractitioner,
  aSchedule,
  aSlot,
  aTask,
  aWish,
} from "../store/builders.ts";
import { hostileServer, type Hostile } from "./hostile-server.ts";
import { aRequest, asClient, asPatient, nurse, type Ask } from "./server.ts";

const runs = 250 * Number(process.env.SOJOURN_TEST_RUNS ?? 1);
/** Milliseconds; the test machine may be busy with other things. */
const patience = 2000;

interface Operation {
  readonly method: string;
  readonly path: string;
  readonly responses: Readonly<Record<string, unknown>>;
}

const { paths, components } = openApi("A clinic", "https://api.example") as {
  paths: Record<string, Record<string, Pick<Operation, "responses">>>;
  components: { responses: Record<string, unknown> };
};
const operations: readonly Operation[] = Object.entries(paths).flatMap(
  ([path, methods]) =>
    Object.entries(methods).map(([method, { responses }]) => ({
      method: method.toUpperCase(),
      path,
      responses,
    })),
);

const server = hostileServer();
const send = (method: string, path: string, ask: Ask = {}): Promise<Hostile> =>
  server.send({
    ...aRequest(method, "", ask),
    path: /^\/(fhir|v1)\//.test(path) ? path : `/fhir/R4${path}`,
  });
const make = async (resource: { resourceType: string }): Promise<string> => {
  const { text } = await send("POST", `/${resource.resourceType}`, {
    body: resource,
  });
  return (JSON.parse(text) as { id: string }).id;
};

const known = { patient: "", other: "", task: "", slot: "", appointment: "" };
beforeAll(async () => {
  known.patient = await make(aPatient());
  known.other = await make(aPatient({ name: [{ family: "Brown" }] }));
  known.task = await make(aTask(known.patient));
  const practitioner = await make(aPractitioner());
  const schedule = await make(aSchedule([`Practitioner/${practitioner}`]));
  const hour = Math.ceil(Date.now() / 3_600_000 + 24) * 3_600_000;
  known.slot = await make(aSlot(schedule, new Date(hour).toISOString(), 30));
  const { text } = await send("POST", "/Appointment/$book", {
    body: aWish(known.patient, [known.slot]),
  });
  known.appointment = (JSON.parse(text) as { id: string }).id;
});

/** All that is kept but facts, and what lists them. */
const kept = (): string =>
  JSON.stringify(
    server.table
      .dump?.()
      .filter(
        ({ pk, sk }) =>
          !sk.startsWith("F#") && !pk.includes("#Fact#") && pk !== "KEYS",
      ),
  );

/** What is wrong with an answer; empty when nothing is. */
const faultsOf = (
  { status, headers, text, took, failure }: Hostile,
  { method, path, responses }: Operation,
): readonly string[] => {
  const type = headers["content-type"]?.split(";")[0] ?? "";
  const documented = (responses[String(status)] ?? responses.default) as {
    $ref?: string;
    content?: Record<string, unknown>;
  };
  const { content } =
    documented.$ref === undefined
      ? documented
      : (components.responses[
          documented.$ref.split("/").at(-1) ?? ""
        ] as typeof documented);
  const refused = status >= 400 && text !== "";
  const said = refused
    ? (JSON.parse(text) as {
        resourceType?: string;
        issue?: { details?: { text?: string } }[];
        detail?: string;
        status?: number;
      })
    : undefined;
  const isClear = path.startsWith("/fhir/")
    ? said?.resourceType === "OperationOutcome" &&
      said.issue?.every(({ details }) => details?.text) === true
    : said?.status === status && said.detail !== undefined;
  return [
    ...(failure === undefined && status < 500 ? [] : [`failed: ${text}`]),
    ...(took < patience ? [] : [`took ${String(took)} ms`]),
    ...(String(status) in responses
      ? []
      : [`${String(status)} is not documented`]),
    ...(text === "" || (content && (type in content || "*/*" in content))
      ? []
      : [`${type} is not documented for ${String(status)}`]),
    ...(!refused || isClear ? [] : [`unclear: ${text}`]),
    ...(status !== 405 || headers.allow ? [] : ["405 without Allow"]),
    ...(method !== "HEAD" || text === "" ? [] : ["HEAD with a body"]),
  ];
};

const tricks = ["..", "%2e%2e", "%00", ";x", "%2f", "constructor", "__proto__"];
const idFor = (path: string): fc.Arbitrary<string> =>
  fc.constantFrom(
    path.includes("Appointment") ? known.appointment : known.patient,
    known.patient,
    known.task,
    known.appointment,
    "x",
    "0".repeat(26),
    ...tricks,
  );
const addressOf = (path: string): fc.Arbitrary<string> =>
  fc
    .record({
      id: idFor(path),
      type: fc.constantFrom("Patient", "Task", "Slot", "Appointment", "Claim"),
      version: fc.constantFrom("1", "0", "01", "9".repeat(30), "%0d%0a"),
    })
    .map((given) =>
      path.replaceAll(
        /\{(\w+)\}/g,
        (_, name: string) => given[name as keyof typeof given],
      ),
    );

/** `toString` that is no function breaks whatever makes text of it. */
const odd = fc.constantFrom<unknown>(
  null,
  5,
  "",
  "x",
  [],
  [null],
  {},
  { toString: 1 },
  { reference: { toString: 1 } },
  { reference: 5 },
  "\ud800",
  "a".repeat(20_000),
);
const value = fc.oneof(
  odd,
  fc.constantFrom("Patient", "2026-03-01", "urn:uuid:1").map(String),
  fc.nat(3).map((at) => `Patient/${Object.values(known)[at] ?? ""}`),
);
const parameter = fc.oneof(
  odd,
  fc.record(
    {
      name: fc.oneof(
        odd,
        fc.constantFrom(
          ...["source-patient", "target-patient", "resource", "count"],
          ...["slot", "reason", "appointment", "_type", "start", "end"],
        ),
      ),
      valueString: value,
      valueReference: fc.record({ reference: value }),
      resource: fc.record({ resourceType: fc.constant("Patient"), id: value }),
    },
    { requiredKeys: ["name"] },
  ),
);
const resource = fc.record(
  {
    resourceType: fc.constantFrom("Patient", "Task", "Slot", "Provenance"),
    id: fc.oneof(odd, fc.constant(known.patient)),
    meta: odd,
    link: odd,
    status: value,
    for: odd,
    focus: odd,
    target: fc.array(odd, { maxLength: 2 }),
    schedule: odd,
    start: value,
    identifier: odd,
    contained: fc.array(odd, { maxLength: 2 }),
  },
  { requiredKeys: ["resourceType"] },
);
const entry = fc.oneof(
  odd,
  fc.record(
    {
      fullUrl: fc.oneof(odd, fc.constant("urn:uuid:1")),
      resource: fc.oneof(odd, resource),
      request: fc.oneof(
        odd,
        fc.record({
          method: fc.constantFrom("GET", "POST", "PUT", "PATCH", "DELETE"),
          url: fc.constantFrom(
            ...["Patient", "Task?x=1", "Patient?name=a?b", "Slot", "Bundle"],
            ...["https://other.example/Patient/1", "Patient/$match", "//", ""],
            ...["metadata", "_history", "Provenance", "Task/x/_history/1"],
          ),
          ifNoneExist: value,
        }),
      ),
    },
    { requiredKeys: ["request"] },
  ),
);
const body = fc.oneof(
  odd,
  resource,
  fc.record({
    resourceType: fc.constant("Parameters"),
    parameter: fc.oneof(odd, fc.array(parameter, { maxLength: 4 })),
  }),
  fc.record({
    resourceType: fc.constant("Bundle"),
    type: fc.constantFrom("batch", "transaction", "document"),
    entry: fc.oneof(odd, fc.array(entry, { maxLength: 4 })),
  }),
  fc.array(
    fc.record({
      op: fc.constantFrom("add", "test", "move", "copy"),
      path: fc.constantFrom("", "/meta", "/name/0", "/__proto__/x"),
      from: fc.constantFrom("", "/name"),
      value,
    }),
    { maxLength: 3 },
  ),
  fc.record({ source: odd, files: odd, token: odd, platform: odd }),
);
const text = fc.oneof(
  { weight: 6, arbitrary: body.map((given) => JSON.stringify(given)) },
  {
    weight: 1,
    arbitrary: fc.constantFrom<string | Uint8Array>(
      "",
      "{",
      "[".repeat(200),
      '{"a":1,"a":2}',
      '{"resourceType":"Patient","multipleBirthInteger":1e400}',
      '{"resourceType":"Patient","__proto__":{"x":1}}',
      Buffer.from([0x7b, 0xff, 0xfe]),
      "name=Johnson&_sort=constructor",
    ),
  },
);
const query = fc.dictionary(
  fc.constantFrom(
    ...["name", "_id", "identifier", "_sort", "_count", "_cursor", "_since"],
    ...["_include", "_has:Task:patient:code", "patient.name", "toString"],
    ...["patient", "date", "entity", "_type", "start", "end", "_format"],
  ),
  fc.constantFrom(
    ...[
      "x",
      "-1",
      "1e400",
      "2026",
      "ge9999-12-31",
      "*",
      "Patient:*",
      "|",
      "a,",
    ],
    ...["constructor", "\\", "Patient/x", "\ud800", "\u0000", "json", "Task"],
  ),
  { maxKeys: 3 },
);
const headers = fc.dictionary(
  fc.constantFrom(
    ...["if-match", "if-none-match", "if-none-exist", "if-modified-since"],
    ...["prefer", "accept", "content-type", "x-security-context", "host"],
  ),
  fc.constantFrom(
    ...[
      "x",
      "*",
      'W/"1"',
      "name=x?y",
      "respond-async",
      "application/fhir+json",
    ],
    ...["application/json-patch+json", "application/xml", "text/plain"],
    ...["a\r\nb: c", "application/x-www-form-urlencoded", "Patient/x"],
  ),
  { maxKeys: 3 },
);
const callers = () =>
  fc.constantFrom(
    nurse,
    asPatient(known.patient),
    asClient("system/*.cruds"),
    asClient("system/Patient.rs?gender=male"),
    asClient(),
  );

test("whatever is asked at whatever address, the answer is clear, documented and soon there, and a refusal changes nothing", async () => {
  await fc.assert(
    fc.asyncProperty(
      fc
        .constantFrom(...operations)
        .chain((operation) =>
          fc.tuple(fc.constant(operation), addressOf(operation.path)),
        ),
      fc.record({ as: callers(), query, headers, body: text }),
      async ([operation, address], ask) => {
        const { method } = operation;
        const before = kept();
        const files = server.documents.objects.size;
        const answer = await send(method, address, {
          ...ask,
          ...(method === "GET" || method === "HEAD" ? { body: undefined } : {}),
        });
        expect(faultsOf(answer, operation)).toEqual([]);
        if (answer.status < 400) return;
        expect(kept()).toBe(before);
        expect(server.documents.objects.size).toBe(files);
      },
    ),
    { numRuns: runs },
  );
});

test("a method that an address does not have is named as such", async () => {
  for (const { path, responses } of operations)
    for (const method of [
      "HEAD",
      "PUT",
      "PATCH",
      "DELETE",
      "OPTIONS",
      "TRACE",
    ]) {
      if (method.toLowerCase() in (paths[path] ?? {})) continue;
      const address = path
        .replace("{type}", "Task")
        .replaceAll(/\{\w+\}/g, "x");
      const answer = await send(method, address);
      expect([405, 403, 404, 400, 415, 412]).toContain(answer.status);
      expect(faultsOf(answer, { method, path, responses })).toEqual([]);
    }
});

describe("within two seconds is answered", () => {
  const long = "A".repeat(1_000_000);
  test.each([
    ["a million letters as an entity", "AuditEvent", `entity=${long}`],
    ["many entities", "AuditEvent", `entity=${"A/1,".repeat(250_000)}`],
    ["a million letters as a name", "Patient", `name=${long}`],
    [
      "ligatures that fold into many",
      "Patient",
      `name=${"\ufdfa".repeat(300_000)}`,
    ],
    ["many parameters", "Patient", "a&".repeat(500_000)],
    ["many orders", "Patient", `_sort=${"_id,".repeat(200_000)}_id`],
    ["many elements", "Patient", `_elements=${"a,".repeat(400_000)}a`],
    ["a long chain", "Task", `${"patient.".repeat(9000)}x=1`],
    ["many _has", "Task", `${"_has:Task:patient:".repeat(9000)}x=1`],
    ["backslashes", "Patient", `address=${"\\".repeat(900_001)}`],
  ])("%s", async (_, type, criteria) => {
    const { took, status } = await send("POST", `/${type}/_search`, {
      body: criteria,
      headers: { "content-type": "application/x-www-form-urlencoded" },
    });
    expect(took).toBeLessThan(patience);
    expect(status).toBeLessThan(500);
  });

  test.each([
    ["ligatures", { name: [{ family: "\ufdfa".repeat(300_000) }] }],
    [
      "identifiers",
      {
        identifier: Array.from({ length: 20_000 }, (_, number) => ({
          system: "x",
          value: String(number),
        })),
      },
    ],
    ["wrong names", { name: Array.from({ length: 200_000 }, () => 0) }],
    ["blanks", { name: [{ family: " ".repeat(900_000) }] }],
    [
      "a narrative that never ends",
      {
        text: { status: "generated", div: `<div ${"a='1' ".repeat(150_000)}` },
      },
    ],
  ])("a patient of many %s", async (_, more) => {
    const patient = { ...aPatient(), ...more };
    const created = await send("POST", "/Patient", { body: patient });
    expect(created.took).toBeLessThan(patience);
    expect(created.status).toBeLessThan(500);
    expect(created.text.length).toBeLessThan(1_100_000);
  });
});

test("no answer outgrows what Lambda may return", async () => {
  const large = hostileServer();
  const ask = (method: string, path: string, options?: Ask) =>
    large.send(aRequest(method, path, options));
  const patient = aPatient({
    name: [{ family: "Large", given: ["a", "b".repeat(900_000)] }],
  });
  for (let number = 0; number < 8; number += 1)
    await ask("POST", "/Patient", { body: patient });
  const { text } = await ask("GET", "/Patient/_history");
  const first = JSON.parse(text) as {
    entry: { resource: { id: string } }[];
    link: { relation: string; url: string }[];
  };
  expect(first.entry).toHaveLength(4);
  const next = first.link.find(({ relation }) => relation === "next")?.url;
  const second = await ask("GET", "/Patient/_history", {
    query: Object.fromEntries(new URL(next ?? "").searchParams),
  });
  expect(
    new Set(
      [...first.entry, ...(JSON.parse(second.text) as typeof first).entry].map(
        ({ resource: { id } }) => id,
      ),
    ).size,
  ).toBe(8);
  const answers = [
    text,
    second.text,
    (await ask("POST", "/Patient/$match", { body: patient })).text,
    (
      await ask("POST", "", {
        body: {
          resourceType: "Bundle",
          type: "batch",
          entry: first.entry.flatMap(({ resource: { id } }) =>
            [1, 2].map(() => ({
              request: { method: "GET", url: `Patient/${id}` },
            })),
          ),
        },
      })
    ).text,
  ];
  for (const answer of answers) {
    expect(answer.length).toBeGreaterThan(3_000_000);
    expect(JSON.stringify(answer).length).toBeLessThan(5_500_000);
  }
});

describe("refused with its place", () => {
  const entries = (...entry: readonly object[]) => ({
    resourceType: "Bundle",
    type: "transaction",
    entry,
  });
  const oddName = { resourceType: "Parameters", parameter: [{ name: {} }] };
  const create = (url: string, given: object, more: object = {}) => ({
    resource: given,
    request: { method: "POST", url, ...more },
  });
  test.each<
    readonly [string, string, () => string, unknown, number, string | undefined]
  >([
    [
      "no parameter in a list of them",
      "POST",
      () => "/Patient/$merge",
      { resourceType: "Parameters", parameter: [null] },
      400,
      "Parameters.parameter[0]",
    ],
    [
      "a parameter with a strange name",
      "POST",
      () => `/Appointment/${known.appointment}/$cancel`,
      oddName,
      400,
      "Parameters.parameter[0]",
    ],
    [
      "no meta",
      "PUT",
      () => `/Patient/${known.patient}`,
      () => ({ ...aPatient(), id: known.patient, meta: null }),
      422,
      "Patient.meta",
    ],
    [
      "a slot of the year 10000",
      "POST",
      () => "/Slot",
      aSlot("0".repeat(26), "+010000-01-01T00:00:00Z", 30),
      422,
      "Slot.schedule",
    ],
    [
      "a transaction with one name for two",
      "POST",
      () => "",
      entries(
        { fullUrl: "urn:uuid:1", ...create("Patient", aPatient()) },
        { fullUrl: "urn:uuid:1", ...create("Patient", aPatient()) },
      ),
      400,
      "Bundle.entry[1].fullUrl",
    ],
    [
      "a type that is not kept",
      "POST",
      () => "",
      entries(create("Bundle", { resourceType: "Bundle" })),
      404,
      "Bundle.entry[0].request.url",
    ],
    [
      "an unknown order",
      "GET",
      () => "/Patient?_sort=x",
      undefined,
      400,
      "_sort",
    ],
  ])("%s", async (_, method, path, given, expected, place) => {
    const [address = "", criteria] = path().split("?");
    const { status, text } = await send(method, address, {
      query: Object.fromEntries(new URLSearchParams(criteria)),
      body: typeof given === "function" ? (given as () => unknown)() : given,
    });
    const { issue } = JSON.parse(text) as {
      issue: { expression?: string[] }[];
    };
    expect([status, issue[0]?.expression?.[0]]).toEqual([expected, place]);
  });
});

test("a question mark within a value is part of it", async () => {
  const odd = { system: "urn:test", value: "a?b" };
  const id = await make(aTask(known.patient, { identifier: [odd] }));
  const again = {
    resource: aTask(known.patient, { identifier: [odd] }),
    request: {
      method: "POST",
      url: "Task",
      ifNoneExist: "identifier=urn:test|a?b",
    },
  };
  const patched = {
    resource: {
      resourceType: "Binary",
      contentType: "application/json-patch+json",
      data: Buffer.from(
        '[{"op":"test","path":"/intent","value":"order"}]',
      ).toString("base64"),
    },
    request: { method: "PATCH", url: "Task?identifier=urn:test|a?b" },
  };
  for (const entry of [again, patched]) {
    const { text } = await send("POST", "", {
      body: { resourceType: "Bundle", type: "transaction", entry: [entry] },
    });
    expect(text).toContain(`/Task/${id}/_history/1`);
  }
});

test("an appointment of thousands of years is refused, not counted out", async () => {
  const lasting = (start: string, end: string, status: string) => ({
    resourceType: "Appointment",
    status,
    start,
    end,
    participant: [
      {
        actor: { reference: `Patient/${known.patient}` },
        status: "accepted",
      },
      {
        actor: { reference: `Practitioner/${"0".repeat(26)}` },
        status: "accepted",
      },
    ],
  });
  const [now, end] = [new Date().toISOString(), "9999-12-31T00:00:00Z"];
  const refused = await send("POST", "/Appointment", {
    body: lasting(now, end, "booked"),
  });
  expect(refused.status).toBe(413);
  const past = lasting(
    "0001-01-01T00:00:00Z",
    "2020-01-01T00:00:00Z",
    "booked",
  );
  const id = await make(past);
  const { status, took } = await send("PUT", `/Appointment/${id}`, {
    body: { ...past, status: "cancelled", id },
  });
  expect(status).toBe(200);
  expect(took).toBeLessThan(patience);
});
