import type { Bundle, Observation } from "@medplum/fhirtypes";
import fc from "fast-check";
import { expect, test } from "vitest";
import { sourceSystem } from "../../functions/core/import-resource.ts";
import {
  readExactly,
  writeExactly,
  isObject,
  type Json,
} from "../conformance/exact.ts";
import { aNumber } from "../number-texts.ts";
import { aPatient } from "../store/builders.ts";
import { bySystem } from "../record.ts";
import { importClinic } from "./import-clinic.ts";
import { aServer, type Server } from "./server.ts";

const threeNumbers = fc.tuple(aNumber, aNumber, aNumber);
type Numbers = readonly [string, string, string];

/** `readExactly` marks numbers so. */
const number = (text: string): string => `\u0000${text}`;

/** With numbers in an object of its own, deeper down and in an extension. */
const anObservation = (
  subject: string,
  [value, low, factor]: Numbers,
  more: Json = {},
): string =>
  writeExactly({
    resourceType: "Observation",
    extension: [{ url: "urn:example:factor", valueDecimal: number(factor) }],
    status: "final",
    code: { text: "Weight" },
    subject: { reference: subject },
    valueQuantity: { value: number(value), unit: "kg" },
    referenceRange: [{ low: { value: number(low) } }],
    ...more,
  });

/** All numbers of the observations in an answer, in order. */
const numbersIn = (value: unknown): readonly string[] => {
  if (Array.isArray(value)) return value.flatMap(numbersIn);
  if (!isObject(value)) return [];
  if (value.resourceType === "Observation")
    return Object.values(value).flatMap(texts);
  return Object.values(value).flatMap(numbersIn);
};

const texts = (value: unknown): readonly string[] => {
  if (typeof value === "string")
    return value.startsWith("\u0000") ? [value.slice(1)] : [];
  return typeof value === "object" && value !== null
    ? Object.values(value).flatMap(texts)
    : [];
};

const told = async (
  { ask }: Server,
  ...[method, path, given]: Parameters<Server["ask"]>
): Promise<readonly string[]> => {
  const { status, text } = await ask(method, path, given);
  if (status > 201) throw new Error(text);
  return numbersIn(readExactly(text)).toSorted();
};

const few = { numRuns: 15 };

test("numbers are answered as they were written, wherever they are answered", async () => {
  const server = aServer();
  const { ask, make } = server;
  await fc.assert(
    fc.asyncProperty(threeNumbers, async (numbers) => {
      const patient = await make(aPatient());
      const subject = `Patient/${patient.id}`;
      const sent = numbers.toSorted();
      const { status, text, body } = await ask("POST", "/Observation", {
        body: anObservation(subject, numbers),
      });
      expect(status, text).toBe(201);
      expect(numbersIn(readExactly(text)).toSorted()).toEqual(sent);
      const path = `/Observation/${body.id ?? ""}`;
      for (const address of [
        path,
        `${path}/_history/1`,
        `${path}/_history`,
        `/Patient/${patient.id}/$everything`,
        `/Patient/${patient.id}/Observation`,
      ])
        expect(await told(server, "GET", address), address).toEqual(sent);
      for (const query of [
        { subject },
        { subject, _elements: "value,referenceRange,extension" },
        { _id: body.id ?? "", _sort: "-_lastUpdated" },
      ])
        expect(await told(server, "GET", "/Observation", { query })).toEqual(
          sent,
        );
      for (const address of ["/Observation/_history", "/_history"])
        expect(
          await told(server, "GET", address, { query: { _count: "1" } }),
        ).toEqual(sent);
      expect(
        await told(server, "POST", "", {
          body: {
            resourceType: "Bundle",
            type: "batch",
            entry: [path, `/Observation?subject=${subject}`].map((url) => ({
              request: { method: "GET", url },
            })),
          },
        }),
      ).toEqual([...sent, ...sent].toSorted());
    }),
    few,
  );
});

test("numbers are kept by transactions, whose references are rewritten", async () => {
  const server = aServer();
  await fc.assert(
    fc.asyncProperty(threeNumbers, threeNumbers, async (numbers, later) => {
      const name = "urn:uuid:5c0b8f2e-9d1c-4f7a-8f0e-3d5a6b7c8d9e";
      const entry = (request: Json, resource: string): string =>
        `{"request":${JSON.stringify(request)},"resource":${resource},"fullUrl":"${request.method === "POST" && request.url === "Patient" ? name : "urn:example:other"}"}`;
      const bundle = (...entries: readonly string[]): string =>
        `{"resourceType":"Bundle","type":"transaction","entry":[${entries.join(",")}]}`;
      const { status, text, body } = await server.ask<Bundle>("POST", "", {
        body: bundle(
          entry({ method: "POST", url: "Patient" }, JSON.stringify(aPatient())),
          entry(
            { method: "POST", url: "Observation" },
            anObservation(name, numbers),
          ),
        ),
      });
      expect(status, text).toBe(200);
      const [patient, observation] = body.entry ?? [];
      const subject = `Patient/${patient?.resource?.id ?? ""}`;
      const id = observation?.resource?.id ?? "";
      expect(await told(server, "GET", `/Observation/${id}`)).toEqual(
        numbers.toSorted(),
      );
      const put = await server.ask("POST", "", {
        body: bundle(
          entry(
            { method: "PUT", url: `Observation/${id}` },
            anObservation(subject, later, { id }),
          ),
        ),
      });
      expect(put.status, put.text).toBe(200);
      expect(await told(server, "GET", `/Observation/${id}`)).toEqual(
        later.toSorted(),
      );
    }),
    few,
  );
});

test("a patch keeps the numbers that it does not touch, and writes its own as they are", async () => {
  const server = aServer();
  const { ask, make } = server;
  const patient = await make(aPatient());
  await fc.assert(
    fc.asyncProperty(
      threeNumbers,
      fc.tuple(aNumber, aNumber),
      async ([value, low, factor], [other, another]) => {
        const { body } = await ask("POST", "/Observation", {
          body: anObservation(`Patient/${patient.id}`, [value, low, factor]),
        });
        const patched = async (
          ...operations: readonly string[]
        ): Promise<readonly string[]> =>
          told(server, "PATCH", `/Observation/${body.id ?? ""}`, {
            headers: { "content-type": "application/json-patch+json" },
            body: `[${operations.join(",")}]`,
          });
        expect(
          await patched(
            `{"op":"test","path":"/valueQuantity","value":{"unit":"kg","value":${String(Number(value))}}}`,
            '{"op":"replace","path":"/code/text","value":"Body weight"}',
          ),
        ).toEqual([value, low, factor].toSorted());
        expect(
          await patched(
            `{"op":"test","path":"/valueQuantity/value","value":${value}}`,
            `{"op":"test","path":"/valueQuantity","value":{"unit":"kg","value":${value}}}`,
            `{"op":"replace","path":"/valueQuantity/value","value":${other}}`,
          ),
        ).toEqual([other, low, factor].toSorted());
        expect(
          await patched(
            `{"op":"add","path":"/referenceRange/0/high","value":{"value":${another}}}`,
            '{"op":"copy","from":"/extension/0","path":"/extension/0"}',
            '{"op":"move","from":"/referenceRange/0/low","path":"/referenceRange/0/high"}',
          ),
        ).toEqual([other, low, factor, factor].toSorted());
        expect(
          await told(server, "PATCH", "/Observation", {
            query: { _id: body.id ?? "" },
            headers: { "content-type": "application/json-patch+json" },
            body: '[{"op":"remove","path":"/extension/1"}]',
          }),
        ).toEqual([other, low, factor].toSorted());
      },
    ),
    few,
  );
});

test("copies of long numbers may not outgrow a request", async () => {
  const server = aServer();
  const patient = await server.make(aPatient());
  const { body, text } = await server.ask("POST", "/Observation", {
    body: anObservation(`Patient/${patient.id}`, [
      "1",
      `1.${"0".repeat(300_000)}`,
      "1",
    ]),
  });
  expect(text).toContain("1.000");
  const copying = (count: number) =>
    server.ask("PATCH", `/Observation/${body.id ?? ""}`, {
      headers: { "content-type": "application/json-patch+json" },
      body: JSON.stringify(
        Array.from({ length: count }, () => ({
          op: "copy",
          from: "/referenceRange/0",
          path: "/referenceRange/0",
        })),
      ),
    });
  expect((await copying(3)).status).toBe(422);
  expect((await copying(2)).status).toBe(200);
});

test("to write a number otherwise is a change; to write it as it was is none", async () => {
  const server = aServer();
  const patient = await server.make(aPatient());
  const written = async (
    method: string,
    path: string,
    value: string,
    more: Json = {},
  ): Promise<Observation> => {
    const { body } = await server.ask<Observation>(method, path, {
      body: anObservation(
        `Patient/${patient.id}`,
        [value, "1.10", "2.0"],
        more,
      ),
    });
    return body;
  };
  const { id = "" } = await written("POST", "/Observation", "1.0");
  for (const [value, version] of [
    ["1.0", "1"],
    ["1.00", "2"],
    ["1.00", "2"],
    ["1", "3"],
    ["1e0", "4"],
  ] as const) {
    const { meta } = await written("PUT", `/Observation/${id}`, value, { id });
    expect(meta?.versionId, value).toBe(version);
  }
  expect(await told(server, "GET", `/Observation/${id}/_history/2`)).toEqual([
    "1.00",
    "1.10",
    "2.0",
  ]);
});

test("a number is found by its value, however it was written", async () => {
  const server = aServer();
  const patient = await server.make(aPatient());
  const subject = `Patient/${patient.id}`;
  await server.ask("POST", "/Observation", {
    body: anObservation(subject, ["1.250e2", "1.0", "2.0"]),
  });
  for (const [query, found] of [
    ["125", 1],
    ["gt124.9", 1],
    ["gt125", 0],
  ] as const)
    expect(
      await told(server, "GET", "/Observation", {
        query: { subject, "value-quantity": query },
      }),
    ).toHaveLength(found * 3);
});

test("a number beyond all doubles is refused", async () => {
  const server = aServer();
  const patient = await server.make(aPatient());
  const { status, text } = await server.ask("POST", "/Observation", {
    body: anObservation(`Patient/${patient.id}`, ["1e400", "1.0", "2.0"]),
  });
  expect(status).toBe(422);
  expect(text).toContain("Observation.valueQuantity.value");
  expect(text).not.toContain("1e400");
});

const vitalSigns: Json = {
  effectiveDateTime: "2026-03-01",
  category: [
    {
      coding: [
        {
          system: "http://terminology.hl7.org/CodeSystem/observation-category",
          code: "vital-signs",
        },
      ],
    },
  ],
};

test("a summary tells numbers as they were written", async () => {
  const numbers = ["70.50", "60.0", "1.20e3"] as const;
  const server = aServer();
  const { id } = await server.make(aPatient());
  await server.ask("POST", "/Observation", {
    body: anObservation(`Patient/${id}`, numbers, vitalSigns),
  });
  expect(await told(server, "GET", `/Patient/${id}/$summary`)).toEqual(
    numbers.toSorted(),
  );
});

test("an import keeps numbers as they are written, and updates what is written otherwise", async () => {
  const clinic = importClinic();
  const outcomeOf = async (numbers: Numbers) => {
    const { counts } = await clinic.imported([
      ["Patient", [{ resourceType: "Patient", id: "p" }]],
      ["Observation", [anObservation("Patient/p", numbers, { id: "o" })]],
    ]);
    const [found] = await clinic.records.change(bySystem, (work) =>
      work.byIdentifier(
        "Observation",
        sourceSystem("old-ehr"),
        "Observation/o",
      ),
    );
    return {
      counts: counts.Observation,
      numbers: numbersIn(readExactly(JSON.stringify(found))),
    };
  };
  const first = ["70.50", "60.0", "1.20e3"] as const;
  const second = ["70.5", "60.0", "1.20e3"] as const;
  for (const [sent, outcome] of [
    [first, "created"],
    [first, "unchanged"],
    [second, "updated"],
  ] as const) {
    const { counts, numbers } = await outcomeOf(sent);
    expect(counts).toMatchObject({ [outcome]: 1 });
    expect(numbers.toSorted()).toEqual(sent.toSorted());
  }
});
