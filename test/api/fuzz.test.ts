import fc from "fast-check";
import { expect, test } from "vitest";
import {
  aPatient,
  aPractitioner,
  aSchedule,
  aSlot,
  aTask,
  aWish,
} from "../store/builders.ts";
import { asPatient, aServer } from "./server.ts";

const runs = 60 * Number(process.env.SOJOURN_TEST_RUNS ?? 1);

const strange = fc.oneof(
  fc.constantFrom<unknown>(
    null,
    "",
    0,
    -1,
    true,
    [],
    {},
    [null],
    [[]],
    { reference: 5 },
    [{ reference: null }],
    { resourceType: "Patient" },
    "Patient/x",
    "2026-13-45",
    "\u0000",
    "__proto__",
  ),
  fc.jsonValue({ maxDepth: 2 }),
);

/** The value with one place in it replaced by something strange. */
const spoiled = (value: unknown): fc.Arbitrary<unknown> => {
  if (typeof value !== "object" || value === null) return strange;
  const keys = Object.keys(value);
  if (keys.length === 0) return strange;
  return fc.oneof(
    { weight: 1, arbitrary: strange },
    {
      weight: 6,
      arbitrary: fc
        .constantFrom(...keys)
        .chain((key) =>
          spoiled((value as Record<string, unknown>)[key]).map((inner) =>
            Array.isArray(value)
              ? value.map((each: unknown, index) =>
                  String(index) === key ? inner : each,
                )
              : { ...value, [key]: inner },
          ),
        ),
    },
  );
};

const parameters = (...parameter: readonly object[]) => ({
  resourceType: "Parameters",
  parameter,
});

const aClinic = async () => {
  const server = aServer();
  const { make } = server;
  const { id: patient } = await make(aPatient());
  const { id: practitioner } = await make(aPractitioner());
  const { id: schedule } = await make(
    aSchedule([`Practitioner/${practitioner}`]),
  );
  const { id: slot } = await make(
    aSlot(
      schedule,
      new Date(
        Math.ceil(Date.now() / 3_600_000 + 24) * 3_600_000,
      ).toISOString(),
      30,
    ),
  );
  const wish = aWish(patient, [slot]);
  const { body: appointment } = await server.ask("POST", "/Appointment/$book", {
    body: wish,
  });
  return { ...server, patient, slot, wish, appointment };
};

test("whatever a body holds, the answer is a clear one and never a failure of ours", async () => {
  const { ask, patient, slot, wish, appointment } = await aClinic();
  const reference = { valueReference: { reference: `Slot/${slot}` } };
  const transaction = {
    resourceType: "Bundle",
    type: "transaction",
    entry: [
      {
        fullUrl: "urn:uuid:1",
        resource: aPatient(),
        request: {
          method: "POST",
          url: "Patient",
          ifNoneExist: "identifier=x|y",
        },
      },
      {
        resource: aTask("x", { for: { reference: "urn:uuid:1" } }),
        request: { method: "POST", url: "Task" },
      },
      { request: { method: "DELETE", url: "Task/none", ifMatch: 'W/"1"' } },
      { request: { method: "GET", url: `Patient?_id=${patient}` } },
      {
        resource: { ...aPatient(), id: patient },
        request: { method: "PUT", url: `Patient/${patient}` },
      },
    ],
  };
  const requests = [
    ["POST", "/Patient", aPatient({ meta: { tag: [{ code: "x" }] } })],
    ["PUT", `/Patient/${patient}`, { ...aPatient(), id: patient }],
    ["PUT", `/Appointment/${appointment.id ?? ""}`, appointment],
    ["POST", "/Appointment/$book", wish],
    [
      "POST",
      "/Appointment/$book",
      parameters({ name: "appointment", resource: wish }),
    ],
    [
      "POST",
      "/Appointment/$find",
      parameters(
        { name: "start", valueDate: "2026-11-24" },
        { name: "end", valueDate: "2026-11-25" },
      ),
    ],
    [
      "POST",
      `/Appointment/${appointment.id ?? ""}/$reschedule`,
      parameters({ name: "slot", ...reference }),
    ],
    [
      "POST",
      `/Appointment/${appointment.id ?? ""}/$cancel`,
      parameters({ name: "reason", valueCodeableConcept: { text: "x" } }),
    ],
    ["POST", "", transaction],
    ["POST", "", { ...transaction, type: "batch" }],
  ] as const;
  await fc.assert(
    fc.asyncProperty(
      fc.constantFrom(...requests).chain(([method, path, body]) =>
        fc.record({
          method: fc.constant(method),
          path: fc.constant(path),
          body: spoiled(body),
        }),
      ),
      fc.boolean(),
      async ({ method, path, body }, byPatient) => {
        const { status, body: answer } = await ask(method, path, {
          body: JSON.stringify(body),
          ...(byPatient && { as: asPatient(patient) }),
        });
        expect(status).toBeLessThan(500);
        if (status >= 400) expect(answer.resourceType).toBe("OperationOutcome");
      },
    ),
    { numRuns: runs },
  );
});

test("whatever an address, a query or a header holds, the answer is a clear one", async () => {
  const { ask, patient } = await aClinic();
  const word = fc.oneof(
    fc.constantFrom(
      "Patient",
      "Appointment",
      patient,
      "_history",
      "_search",
      "$find",
      "$book",
      "1",
      "metadata",
      "..",
      "%2e%2e",
      "%",
      "%00",
      "constructor",
      "__proto__",
      "",
      "Slot",
    ),
    fc.string({ maxLength: 12 }),
  );
  const text = fc.oneof(
    fc.constantFrom(
      "Patient/x",
      "|",
      "a|",
      "|a",
      "ge2026",
      "2026-02-30",
      "ap",
      "true",
      "\\",
      ",",
      "$",
      "_id",
      "-_lastUpdated",
      "Patient:link",
      "*",
    ),
    fc.string({ maxLength: 12 }),
  );
  const parameter = fc.oneof(
    fc.constantFrom(
      "_id",
      "name",
      "family:exact",
      "birthdate",
      "identifier",
      "phone",
      "date",
      "patient",
      "actor:Patient",
      "_sort",
      "_count",
      "_include",
      "_revinclude:iterate",
      "_cursor",
      "_elements",
      "_summary",
      "_total",
      "_has:x",
      "start",
      "end",
      "duration",
      "name:missing",
      "_lastUpdated",
    ),
    fc.string({ maxLength: 8 }),
  );
  await fc.assert(
    fc.asyncProperty(
      fc.constantFrom("GET", "POST", "PUT", "DELETE", "HEAD", "PATCH"),
      fc.array(word, { maxLength: 4 }),
      fc.dictionary(parameter, text, { maxKeys: 3 }),
      fc.dictionary(
        fc.constantFrom(
          "if-match",
          "if-none-match",
          "if-none-exist",
          "if-modified-since",
          "prefer",
          "accept",
          "content-type",
        ),
        text,
        { maxKeys: 2 },
      ),
      async (method, segments, query, headers) => {
        const { status } = await ask(method, `/${segments.join("/")}`, {
          query,
          headers,
          ...(method === "POST" && { body: "a=b" }),
        });
        expect(status).toBeLessThan(500);
      },
    ),
    { numRuns: runs * 2 },
  );
});
