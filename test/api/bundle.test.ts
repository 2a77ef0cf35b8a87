import type {
  Bundle,
  BundleEntry,
  OperationOutcome,
  Task,
} from "@medplum/fhirtypes";
import { expect, test } from "vitest";
import { aPatient, aTask, mrn, withMrn } from "../store/builders.ts";
import { aServer, asPatient } from "./server.ts";

const aBundle = (
  type: "batch" | "transaction",
  ...entry: readonly BundleEntry[]
): Bundle => ({ resourceType: "Bundle", type, entry: [...entry] });

const post = (
  resource: NonNullable<BundleEntry["resource"]>,
  more: Partial<BundleEntry> & { ifNoneExist?: string } = {},
): BundleEntry => {
  const { ifNoneExist, ...rest } = more;
  return {
    ...rest,
    resource,
    request: {
      method: "POST",
      url: resource.resourceType,
      ...(ifNoneExist !== undefined && { ifNoneExist }),
    },
  };
};
const put = (
  resource: NonNullable<BundleEntry["resource"]>,
  fullUrl?: string,
): BundleEntry => ({
  ...(fullUrl !== undefined && { fullUrl }),
  resource,
  request: {
    method: "PUT",
    url: `${resource.resourceType}/${resource.id ?? ""}`,
  },
});
const get = (url: string): BundleEntry => ({ request: { method: "GET", url } });
const remove = (url: string): BundleEntry => ({
  request: { method: "DELETE", url },
});

const statuses = ({ entry = [] }: Bundle): readonly (string | undefined)[] =>
  entry.map(({ response }) => response?.status.slice(0, 3));

test("a transaction rewrites urn:uuid references wherever they stand, in whatever order", async () => {
  const { ask } = aServer();
  const { status, body } = await ask<Bundle>("POST", "", {
    body: aBundle(
      "transaction",
      post(
        aTask("x", {
          for: { reference: "urn:uuid:p" },
          focus: { reference: "urn:uuid:e" },
        }),
      ),
      post(
        {
          resourceType: "Encounter",
          status: "planned",
          class: {
            system: "http://terminology.hl7.org/CodeSystem/v3-ActCode",
            code: "AMB",
          },
          subject: { reference: "urn:uuid:p" },
        },
        { fullUrl: "urn:uuid:e" },
      ),
      post(aPatient(), { fullUrl: "urn:uuid:p" }),
    ),
  });
  expect([status, body]).toMatchObject([200, { type: "transaction-response" }]);
  expect(statuses(body)).toEqual(["201", "201", "201"]);
  const [task, encounter, patient] =
    body.entry?.map(({ resource }) => resource) ?? [];
  expect((task as Task).for?.reference).toBe(`Patient/${patient?.id ?? ""}`);
  expect((task as Task).focus?.reference).toBe(
    `Encounter/${encounter?.id ?? ""}`,
  );
  expect(body.entry?.[2]?.response?.location).toBe(
    `https://api.example/fhir/R4/Patient/${patient?.id ?? ""}/_history/1`,
  );
});

test("a create may refer to what the same transaction updates, or finds", async () => {
  const { ask, make } = aServer();
  const patient = await make(withMrn("1"));
  const { body } = await ask<Bundle>("POST", "", {
    body: aBundle(
      "transaction",
      post(aTask("x", { for: { reference: "urn:uuid:u" } })),
      put({ ...patient, gender: "other" }, "urn:uuid:u"),
    ),
  });
  expect(statuses(body)).toEqual(["201", "200"]);
  const conditional = await ask<Bundle>("POST", "", {
    body: aBundle(
      "transaction",
      post(withMrn("1"), {
        fullUrl: "urn:uuid:c",
        ifNoneExist: `identifier=${mrn}|1`,
      }),
      post(aTask("x", { for: { reference: "urn:uuid:c" } })),
    ),
  });
  expect(statuses(conditional.body)).toEqual(["200", "201"]);
  expect((conditional.body.entry?.[1]?.resource as Task).for?.reference).toBe(
    `Patient/${patient.id}`,
  );
});

test("a transaction is all or nothing and says which entry it failed on", async () => {
  const { ask, make, table } = aServer();
  const { id: patient } = await make(aPatient());
  const task = await make(aTask(patient));
  const before = table.dump?.().filter(({ sk }) => !sk.startsWith("F#")).length;
  const { status, body, text } = await ask<OperationOutcome>("POST", "", {
    body: aBundle(
      "transaction",
      post(aPatient()),
      remove(`Task/${task.id}`),
      post({ ...aPatient(), gender: "canary" as never }),
    ),
  });
  expect(status).toBe(422);
  expect(body.issue.flatMap(({ expression = [] }) => expression)).toContain(
    "Bundle.entry[2].Patient.gender",
  );
  expect(text).not.toContain("canary");
  expect(table.dump?.().filter(({ sk }) => !sk.startsWith("F#")).length).toBe(
    before,
  );
});

test("answers stand in the order of the entries; reads of a transaction see its writes", async () => {
  const { ask, make } = aServer();
  const { id: patient } = await make(aPatient());
  const old = await make(aTask(patient));
  const kept = await make(aTask(patient));
  const { body } = await ask<Bundle>("POST", "", {
    body: aBundle(
      "transaction",
      get(`Task?patient=${patient}`),
      put({ ...kept, status: "completed" }),
      post(aTask(patient)),
      remove(`Task/${old.id}`),
      get(`Task/${kept.id}`),
    ),
  });
  expect(statuses(body)).toEqual(["200", "200", "201", "204", "200"]);
  const seen = (body.entry?.[0]?.resource as Bundle).entry?.map(
    ({ resource }) => resource?.id,
  );
  expect(seen?.toSorted()).toEqual(
    [kept.id, body.entry?.[2]?.resource?.id].toSorted(),
  );
  expect((body.entry?.[4]?.resource as Task).status).toBe("completed");
});

test("a batch does each entry for itself", async () => {
  const { ask, make } = aServer();
  const { id: patient } = await make(aPatient());
  const task = await make(aTask(patient));
  const body = aBundle(
    "batch",
    post(aPatient()),
    get("Patient/none"),
    post({ resourceType: "Basic", code: {} }),
    { request: { method: "PATCH", url: `Task/${task.id}` } },
    remove(`Task/${task.id}`),
    remove(`Task/${task.id}`),
    get(`https://api.example/fhir/R4/Patient/${patient}`),
    {},
    get("Patient?foo=bar"),
  );
  const answer = await ask<Bundle>("POST", "", { body });
  expect(answer.status).toBe(200);
  expect(statuses(answer.body)).toEqual([
    "201",
    "404",
    "404",
    "400",
    "204",
    "204",
    "200",
    "400",
    "200",
  ]);
  expect(answer.body.entry?.[1]?.response?.outcome?.resourceType).toBe(
    "OperationOutcome",
  );
});

test("too many entries or writes are too costly, and nothing is written", async () => {
  const { ask, make, table } = aServer();
  const { id: patient } = await make(aPatient());
  const before = table.dump?.().length;
  const many = (count: number) =>
    Array.from({ length: count }, () => post(aTask(patient)));
  const costly = await ask<OperationOutcome>("POST", "", {
    body: aBundle("transaction", ...many(120)),
  });
  expect([costly.status, costly.body.issue[0]?.code]).toEqual([
    413,
    "too-costly",
  ]);
  expect(
    (await ask("POST", "", { body: aBundle("batch", ...many(501)) })).status,
  ).toBe(413);
  expect(table.dump?.().length).toBe(before);
});

test("wrong bundles are refused as a whole, naming the place", async () => {
  const { ask, make } = aServer();
  const patient = await make(aPatient());
  const refused = async (body: unknown) => {
    const { status, body: outcome } = await ask<OperationOutcome>("POST", "", {
      body,
    });
    return [status, outcome.issue[0]?.expression?.[0]];
  };
  expect(await refused({ ...aBundle("batch"), type: "document" })).toEqual([
    400,
    "Bundle.type",
  ]);
  expect(await refused({ ...aBundle("batch"), entry: {} })).toEqual([
    400,
    "Bundle.entry",
  ]);
  expect(await refused(aPatient())).toEqual([400, "Bundle"]);
  expect(
    await refused(aBundle("transaction", put(patient), put(patient))),
  ).toEqual([400, "Bundle.entry[1]"]);
  expect(
    await refused(
      aBundle("transaction", {
        request: { method: "GET", url: "Patient/x/_history/1/2" },
      }),
    ),
  ).toEqual([400, "Bundle.entry[0].request.url"]);
});

test("no bundle passes beside permission", async () => {
  const { ask, make } = aServer();
  const one = await make(aPatient());
  const other = await make(aPatient());
  const as = asPatient(one.id);
  const batch = await ask<Bundle>("POST", "", {
    as,
    body: aBundle(
      "batch",
      get(`Patient/${one.id}`),
      get(`Patient/${other.id}`),
      get(`Patient?_id=${other.id}`),
      put({ ...other, gender: "other" }),
      post(aTask(one.id)),
    ),
  });
  expect(statuses(batch.body)).toEqual(["200", "403", "403", "403", "403"]);
  expect(
    (
      await ask("POST", "", {
        as,
        body: aBundle(
          "transaction",
          get(`Patient/${one.id}`),
          get(`Patient/${other.id}`),
        ),
      })
    ).status,
  ).toBe(403);
});
