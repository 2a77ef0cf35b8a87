import { describe, expect, test } from "vitest";
import type { Caller } from "../../functions/core/caller.ts";
import { addressOf } from "../../functions/store/keys.ts";
import { isKnown } from "../../functions/resources/all.ts";
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

const canary = "Zzyzx";
const subject = (id: string) => ({ reference: `Patient/${id}` });

/** Two patients; every text of the second is unmistakable, and some of what is the first's refers to it. */
const aClinic = async () => {
  const server = hostileServer();
  let requests = 0;
  const ask = async (
    method: string,
    path: string,
    options: Ask = {},
  ): Promise<Hostile & { requestId: string }> => {
    requests += 1;
    const requestId = `request-${String(requests)}`;
    const event = aRequest(method, path, options);
    const answer = await server.send({
      ...event,
      requestContext: { requestId },
    });
    if (answer.failure !== undefined)
      throw new Error(`${method} ${path} failed`, { cause: answer.failure });
    return { ...answer, requestId };
  };
  const make = async (resource: object): Promise<string> => {
    const { resourceType = "" } = resource as { resourceType?: string };
    const { text, status } = await ask("POST", `/${resourceType}`, {
      as: asClient("system/*.cruds"),
      body: resource,
    });
    if (status !== 201) throw new Error(text);
    return (JSON.parse(text) as { id: string }).id;
  };
  const first = await make(aPatient());
  const second = await make(
    aPatient({ name: [{ family: canary, given: ["Maria"] }] }),
  );
  const observation = (patient: string, word: string, category: string) =>
    make({
      resourceType: "Observation",
      status: "final",
      subject: subject(patient),
      code: { coding: [{ system: "urn:test", code: word }], text: word },
      category: [{ coding: [{ system: "urn:category", code: category }] }],
    });
  const ids = {
    first,
    second,
    task: await make(aTask(second, { description: canary })),
    shared: await make(
      aTask(first, { description: "Shared", focus: subject(second) }),
    ),
    lab: await observation(second, canary, "laboratory"),
    vital: await observation(second, canary, "vital-signs"),
    binary: await make({
      resourceType: "Binary",
      contentType: `text/${canary}`,
      data: Buffer.from(canary).toString("base64"),
      securityContext: subject(second),
    }),
    relative: await make({
      resourceType: "RelatedPerson",
      patient: subject(second),
      name: [{ family: canary }],
    }),
  };
  const provenance = await make({
    resourceType: "Provenance",
    target: [{ reference: `Observation/${ids.lab}` }],
    recorded: "2026-03-01T10:00:00Z",
    agent: [{ who: { display: canary } }],
  });
  await ask("PUT", `/Task/${ids.task}`, {
    body: {
      ...aTask(second, { description: `${canary} again` }),
      id: ids.task,
    },
  });
  return { ...server, ask, make, ids: { ...ids, provenance } };
};

type Clinic = Awaited<ReturnType<typeof aClinic>>;
type Way = readonly [method: string, path: string, options?: Ask];

const parameters = (...parameter: readonly object[]) => ({
  resourceType: "Parameters",
  parameter,
});
const form = (body: string): Ask => ({
  body,
  headers: { "content-type": "application/x-www-form-urlencoded" },
});
const bundle = (...urls: readonly string[]): Ask => ({
  body: {
    resourceType: "Bundle",
    type: "batch",
    entry: urls.map((url) => ({ request: { method: "GET", url } })),
  },
});

/** Every way that might lead to the second patient. */
const waysTo = ({ ids }: Clinic): readonly Way[] => {
  const { first, second, shared } = ids;
  const names = [
    `Patient/${second}`,
    `Task/${ids.task}`,
    `Observation/${ids.lab}`,
    `Observation/${ids.vital}`,
    `Binary/${ids.binary}`,
    `RelatedPerson/${ids.relative}`,
    `Provenance/${ids.provenance}`,
  ];
  const searches = [
    "Patient",
    `Patient?_id=${second}`,
    `Patient?name=${canary}`,
    `Patient?_has:Observation:patient:code=${canary}`,
    `Patient?_id=${first}&_revinclude=Task:patient&_include:iterate=Task:*&_revinclude:iterate=Observation:subject`,
    `Task?patient=${second}`,
    `Task?_id=${shared}&_include=Task:focus`,
    `Task?patient=${first}&_include=*&_include=Task:*&_revinclude=Provenance:target`,
    `Task?patient.name=${canary}`,
    `Task?focus=Patient/${second}`,
    `Observation?subject=${second}`,
    `Observation?_id=${ids.lab}&_include=Observation:subject&_revinclude=Provenance:target`,
    `Observation?patient=${second}&_sort=code&_total=accurate`,
    `Binary?_id=${ids.binary}`,
    `RelatedPerson?patient=${second}`,
    `RelatedPerson?name=${canary}`,
    `Provenance?target=Observation/${ids.lab}`,
    `AuditEvent?patient=${second}`,
  ];
  return [
    ...names.flatMap((name): readonly Way[] => [
      ["GET", `/${name}`],
      ["HEAD", `/${name}`],
      ["GET", `/${name}/_history`],
      ["GET", `/${name}/_history/1`],
      ["PATCH", `/${name}`, { body: [{ op: "test", path: "/id", value: 1 }] }],
      ["GET", `/${name}`, { headers: { accept: "text/plain" } }],
    ]),
    ...searches.flatMap((url): readonly Way[] => {
      const [type = "", criteria = ""] = url.split("?");
      const query = Object.fromEntries(new URLSearchParams(criteria));
      return [
        ["GET", `/${type}`, { query }],
        ["POST", `/${type}/_search`, form(criteria)],
      ];
    }),
    ["POST", "", bundle(...names, ...searches)],
    ...["Task", "Observation", "Patient", "Provenance", "Binary"].map(
      (type): Way => ["GET", `/Patient/${second}/${type}`],
    ),
    ["GET", "/_history"],
    ["GET", "/Task/_history"],
    ["GET", "/Observation/_history"],
    ["GET", `/Patient/${second}/$everything`],
    ["GET", `/Patient/${first}/$everything`],
    ["GET", `/Patient/${second}/$summary`],
    ["GET", `/Patient/${first}/$summary`],
    [
      "POST",
      "/Patient/$match",
      {
        body: parameters({
          name: "resource",
          resource: aPatient({ name: [{ family: canary, given: ["Maria"] }] }),
        }),
      },
    ],
    [
      "POST",
      "/Patient/$merge",
      {
        body: parameters(
          { name: "source-patient", valueReference: subject(first) },
          { name: "target-patient", valueReference: subject(second) },
          { name: "preview", valueBoolean: true },
        ),
      },
    ],
    ["POST", "/Appointment/$find", { body: parameters() }],
    [
      "POST",
      "/Patient",
      {
        body: aPatient(),
        headers: { "if-none-exist": `family=${canary}` },
      },
    ],
  ];
};

/** Asks every way; what comes back must not hold the canary, except for what the caller itself had sent. */
const leaksTo = async (
  clinic: Clinic,
  as: Caller,
  allowed: (text: string) => string = (text) => text,
): Promise<readonly string[]> => {
  const leaks: string[] = [];
  for (const [method, path, options] of waysTo(clinic)) {
    const { status, text, headers } = await clinic.ask(method, path, {
      ...options,
      as,
    });
    const told = allowed(text.replaceAll(/"link":\[[^\]]*\]/g, ""));
    if (told.includes(canary) || JSON.stringify(headers).includes(canary))
      leaks.push(
        `${String(status)} ${method} ${path} ${JSON.stringify(options?.query ?? {})}`,
      );
  }
  return leaks;
};

test("the ways do lead there for who may go them", async () => {
  const clinic = await aClinic();
  expect((await leaksTo(clinic, nurse)).length).toBeGreaterThan(50);
  expect(JSON.stringify(clinic.logged)).not.toContain(canary);
});

test("links of a search with its criteria in the body do not repeat them", async () => {
  const clinic = await aClinic();
  const { second } = clinic.ids;
  await clinic.make(aPatient({ name: [{ family: canary }] }));
  for (const [path, criteria] of [
    ["/Patient/_search", `name=${canary}`],
    ["/Observation/_search", `patient=${second}&code=${canary}`],
    [`/Patient/${second}/Observation/_search`, `code=${canary}`],
    ["/AuditEvent/_search", `patient=${second}`],
  ] as const) {
    const { text } = await clinic.ask(
      "POST",
      path,
      form(`${criteria}&_count=1`),
    );
    const { link } = JSON.parse(text) as { link: { url: string }[] };
    expect(link).toHaveLength(2);
    for (const { url } of link)
      expect(url).toMatch(
        new RegExp(
          String.raw`^https://api\.example/fhir/R4${path}(\?_cursor=[\w%-]+)?$`,
        ),
      );
  }
});

test("no operation lets a patient act on another's record", async () => {
  const clinic = await aClinic();
  const { first, second } = clinic.ids;
  const practitioner = await clinic.make(aPractitioner());
  const schedule = await clinic.make(
    aSchedule([`Practitioner/${practitioner}`]),
  );
  const hour = Math.ceil(Date.now() / 3_600_000 + 24) * 3_600_000;
  const [slot, later] = await Promise.all(
    [hour, hour + 3_600_000].map((start) =>
      clinic.make(aSlot(schedule, new Date(start).toISOString(), 30)),
    ),
  );
  const booked = await clinic.ask("POST", "/Appointment/$book", {
    body: aWish(second, [slot ?? ""]),
  });
  const { id } = JSON.parse(booked.text) as { id: string };
  const wish = aWish(first, [later ?? ""]);
  const beside = (reference: string) => ({
    ...wish,
    participant: [
      ...wish.participant,
      { actor: { reference }, status: "needs-action" },
    ],
  });
  const moved = parameters({
    name: "slot",
    valueReference: { reference: `Slot/${later ?? ""}` },
  });
  const asked = { name: "patient", valueReference: subject(second) };
  const asynchronous = {
    accept: "application/fhir+json",
    prefer: "respond-async",
  };
  const ways: readonly Way[] = [
    ["POST", "/Appointment/$book", { body: aWish(second, [later ?? ""]) }],
    ["POST", "/Appointment/$book", { body: beside(`Patient/${second}`) }],
    [
      "POST",
      "/Appointment/$book",
      { body: beside(`RelatedPerson/${clinic.ids.relative}`) },
    ],
    ["POST", `/Appointment/${id}/$cancel`],
    ["POST", `/Appointment/${id}/$reschedule`, { body: moved }],
    [
      "POST",
      "/Patient/$export",
      { body: parameters(asked), headers: asynchronous },
    ],
    ["GET", "/$export", { headers: asynchronous }],
    ["POST", "/Task", { body: aTask(second) }],
    ["DELETE", `/Task/${clinic.ids.task}`],
    [
      "POST",
      "/Binary",
      {
        body: "x",
        headers: {
          "content-type": "text/plain",
          "x-security-context": `Patient/${second}`,
        },
      },
    ],
    ["GET", `/AuditEvent`, { query: { patient: second } }],
  ];
  const before = clinic.table
    .dump?.()
    .filter(({ sk }) => !sk.startsWith("F#") && !sk.includes("#F")).length;
  for (const [method, path, options] of ways)
    expect([
      path,
      (await clinic.ask(method, path, { ...options, as: asPatient(first) }))
        .status,
    ]).toEqual([path, 403]);
  expect(
    clinic.table
      .dump?.()
      .filter(({ sk }) => !sk.startsWith("F#") && !sk.includes("#F")).length,
  ).toBe(before);
});

describe("a token that reaches less", () => {
  const asynchronous = {
    accept: "application/fhir+json",
    prefer: "respond-async",
  };
  test("follows no export that reaches more", async () => {
    const clinic = await aClinic();
    const started = await clinic.ask("GET", "/Patient/$export", {
      as: asClient("system/*.rs"),
      headers: asynchronous,
    });
    const path =
      started.headers["content-location"]?.replace(/^.*R4/, "") ?? "";
    const statusFor = async (as: Caller) =>
      (await clinic.ask("GET", path, { as })).status;
    expect(await statusFor(asClient("system/*.rs"))).toBe(202);
    expect(await statusFor(asClient("system/*.cruds"))).toBe(202);
    expect(await statusFor(nurse)).toBe(202);
    for (const as of [
      asClient("system/Patient.rs"),
      asClient("system/*.r"),
      asClient("system/Observation.rs?code=x"),
      { ...nurse, scopes: ["user/Patient.rs"] } as Caller,
      {
        ...nurse,
        scopes: ["patient/*.rs"],
        launch: clinic.ids.first,
      } as Caller,
      { ...nurse, roles: ["nurse"] } as Caller,
    ])
      expect(await statusFor(as)).toBe(404);
  });

  test("is not told how many patients there are", async () => {
    const clinic = await aClinic();
    const told = async (as: Caller, query: Ask["query"]) => {
      const { status, text } = await clinic.ask("GET", "/Patient", {
        as,
        query: query ?? {},
      });
      return [status, (JSON.parse(text) as { total?: number }).total];
    };
    const [counted, page] = [{ _summary: "count" }, { _total: "accurate" }];
    expect(await told(nurse, counted)).toEqual([200, 2]);
    expect(await told(asClient("system/*.rs"), page)).toEqual([200, 2]);
    const launched = {
      ...nurse,
      scopes: ["patient/*.rs"],
      launch: clinic.ids.first,
    } as Caller;
    const narrowed = asClient("system/Patient.rs?gender=male");
    expect(await told(asClient(), counted)).toEqual([403, undefined]);
    expect(await told(launched, counted)).toEqual([403, undefined]);
    expect(await told(launched, page)).toEqual([200, undefined]);
    expect(await told(narrowed, counted)).toEqual([400, undefined]);
    expect(await told(narrowed, page)).toEqual([200, undefined]);
  });

  test("for one patient reads no other's audit trail", async () => {
    const clinic = await aClinic();
    const { first, second } = clinic.ids;
    const as = { ...nurse, scopes: ["patient/*.rs"], launch: first } as Caller;
    const statusOf = async (query: Ask["query"]) =>
      (await clinic.ask("GET", "/AuditEvent", { as, query: query ?? {} }))
        .status;
    expect(await statusOf({ patient: first })).toBe(200);
    expect(await statusOf({ patient: second })).toBe(403);
    expect(await statusOf({ date: "2026-03-01" })).toBe(403);
  });

  test("does not learn of deletions that it may not have reached", async () => {
    const clinic = await aClinic();
    const { vital } = clinic.ids;
    await clinic.ask("DELETE", `/Observation/${vital}`);
    const toldTo = async (...scopes: readonly string[]) =>
      (
        await clinic.ask("GET", "/Observation/_history", {
          as: asClient(...scopes),
        })
      ).text.includes(vital);
    expect(await toldTo("system/Observation.rs")).toBe(true);
    expect(
      await toldTo("system/Observation.rs?category=urn:category|laboratory"),
    ).toBe(false);
  });
});

describe("another's record does not show", () => {
  test("to a patient", async () => {
    const clinic = await aClinic();
    expect(await leaksTo(clinic, asPatient(clinic.ids.first))).toEqual([]);
  });

  test("to an app of a patient, whatever its scopes", async () => {
    const clinic = await aClinic();
    const { first, second } = clinic.ids;
    for (const scopes of [["user/*.cruds"], ["patient/*.cruds"]])
      for (const launch of [undefined, first, second])
        expect(
          await leaksTo(clinic, {
            ...asPatient(first),
            scopes,
            ...(launch !== undefined && { launch }),
          } as Caller),
        ).toEqual([]);
  });

  test("to staff in an app that was launched for one patient", async () => {
    const clinic = await aClinic();
    const launched = {
      ...nurse,
      scopes: ["patient/*.cruds"],
      launch: clinic.ids.first,
    } as Caller;
    expect(await leaksTo(clinic, launched)).toEqual([]);
    // Nor by making it the launched patient's own.
    const { status } = await clinic.ask("PUT", `/Patient/${clinic.ids.first}`, {
      as: launched,
      body: aPatient({
        id: clinic.ids.first,
        active: false,
        link: [{ type: "replaced-by", other: subject(clinic.ids.second) }],
      }),
    });
    expect(status).toBe(403);
    expect(await leaksTo(clinic, launched)).toEqual([]);
  });

  test("to staff without a role, or a clinic system without scopes", async () => {
    const clinic = await aClinic();
    expect(await leaksTo(clinic, { ...nurse, roles: [] } as Caller)).toEqual(
      [],
    );
    expect(await leaksTo(clinic, asClient())).toEqual([]);
    expect(await leaksTo(clinic, asClient("system/Slot.cruds"))).toEqual([]);
  });
});

test("scopes that reach some resources show no others, and do not let them be guessed", async () => {
  const clinic = await aClinic();
  const { ids } = clinic;
  const as = asClient("system/Observation.rs?category=urn:category|other");
  expect(await leaksTo(clinic, as)).toEqual([]);
  const guess = asClient(
    "system/Patient.rs",
    "system/Observation.rs?category=urn:category|other",
  );
  const { text } = await clinic.ask("GET", "/Patient", {
    as: guess,
    query: { "_has:Observation:patient:code": canary },
  });
  expect(text).not.toContain(ids.second);
});

test("who was erased is gone, whoever asks", async () => {
  const clinic = await aClinic();
  const { second } = clinic.ids;
  await clinic.table.commit(
    [
      {
        put: { pk: `PATIENT#${second}`, sk: "KEY", v: 2, shredded: "now" },
        table: "keys",
        guard: "any",
      },
    ],
    "erase",
  );
  // A warm function may hold the key itself, never the right to use it.
  for (const as of [nurse, asClient("system/*.cruds"), asPatient(second)])
    expect(await leaksTo(clinic, as)).toEqual([]);
  for (const path of [
    `/Patient/${second}`,
    `/Task/${clinic.ids.task}`,
    `/Task/${clinic.ids.task}/_history`,
    `/Task/${clinic.ids.task}/_history/1`,
    `/Binary/${clinic.ids.binary}`,
    `/Patient/${second}/$everything`,
    `/Patient/${second}/$summary`,
  ])
    expect((await clinic.ask("GET", path)).status).toBe(410);
});

test("who was erased keeps nobody of the same name or person from being found", async () => {
  const clinic = await aClinic();
  const pair = async () => {
    const [source, target] = [
      await clinic.make(aPatient()),
      await clinic.make(aPatient()),
    ];
    const { status } = await clinic.ask("POST", "/Patient/$merge", {
      body: parameters(
        { name: "source-patient", valueReference: subject(source) },
        { name: "target-patient", valueReference: subject(target) },
      ),
    });
    expect(status).toBe(200);
    return [source, target] as const;
  };
  const erase = (patient: string) =>
    clinic.table.commit(
      [
        {
          put: { pk: `PATIENT#${patient}`, sk: "KEY", v: 2, shredded: "now" },
          table: "keys",
          guard: "any",
        },
      ],
      `erase-${patient}`,
    );
  const [gone, living] = await pair();
  const [source, survivor] = await pair();
  const task = await clinic.make(
    aTask(living, { identifier: [{ system: "urn:test", value: "1" }] }),
  );
  await erase(gone);
  await erase(survivor);
  const matched = await clinic.ask("POST", "/Patient/$match", {
    body: parameters({ name: "resource", resource: aPatient() }),
  });
  expect(matched.status).toBe(200);
  expect(matched.text).toContain(living);
  const again = await clinic.ask("POST", "/Task", {
    body: aTask(living),
    headers: {
      "if-none-exist": `patient=${living}&code:missing=true&_id=${task}`,
    },
  });
  expect(again.status).toBe(200);
  const once = await clinic.ask("POST", "/Task", {
    body: aTask(living),
    headers: { "if-none-exist": `patient=${living}&identifier=urn:test|1` },
  });
  expect([once.status, (JSON.parse(once.text) as { id: string }).id]).toEqual([
    200,
    task,
  ]);
  const parted = await clinic.ask("POST", "/Patient/$unmerge", {
    body: parameters({
      name: "source-patient",
      valueReference: subject(source),
    }),
  });
  expect(parted.status).toBe(200);
});

/** Patients in whose compartments what was answered lies. */
const patientsIn = (answer: string): ReadonlySet<string> => {
  const found = new Set<string>();
  const look = (value: unknown): void => {
    if (typeof value !== "object" || value === null) return;
    const { resourceType, id } = value as Record<string, unknown>;
    if (
      typeof resourceType === "string" &&
      typeof id === "string" &&
      isKnown(resourceType)
    ) {
      const { patient } = addressOf(resourceType, id) ?? {};
      if (patient !== undefined) found.add(patient);
    }
    Object.values(value).forEach(look);
  };
  look(answer.startsWith("{") ? JSON.parse(answer) : undefined);
  return found;
};

test("whoever's data is answered, a fact under the request says so, and of nobody else", async () => {
  const clinic = await aClinic();
  const callers = [
    nurse,
    asPatient(clinic.ids.first),
    asPatient(clinic.ids.second),
    asClient("system/*.cruds"),
    asClient("system/Task.rs", "system/Patient.r"),
  ];
  for (const as of callers)
    for (const [method, path, options] of waysTo(clinic)) {
      const { status, text, requestId } = await clinic.ask(method, path, {
        ...options,
        as,
      });
      const noted = new Set(
        clinic.table
          .dump?.()
          .filter(
            ({ sk, requestId: of, outcome, kind }) =>
              sk.startsWith("F#") &&
              of === requestId &&
              outcome === "done" &&
              kind !== "admin",
          )
          .flatMap(({ patient }) =>
            typeof patient === "string" ? patient : [],
          ),
      );
      const isSummary = path.endsWith("$summary");
      const isSilent =
        method === "HEAD" || text === "" || text.startsWith(canary);
      const asked = `${String(status)} ${as.kind} ${method} ${path} ${JSON.stringify(options?.query ?? {})}`;
      if (status < 300 && !isSummary && !isSilent)
        expect([asked, ...[...noted].sort()]).toEqual([
          asked,
          ...[...patientsIn(text)].sort(),
        ]);
      else
        for (const patient of patientsIn(text))
          expect(noted).toContain(patient);
    }
});
