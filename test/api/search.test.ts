import type { Bundle, OperationOutcome } from "@medplum/fhirtypes";
import { expect, test } from "vitest";
import { aPatient, aPractitioner, aTask, mrn } from "../store/builders.ts";
import { idsIn, linkIn, searchedBy } from "./searched.ts";
import { asPatient, aServer, type Ask } from "./server.ts";

const aWard = async () => {
  const server = aServer();
  const { make } = server;
  const maria = await make(
    aPatient({
      identifier: [{ system: mrn, value: "M-1" }, { value: "loose" }],
      name: [{ family: "García-López", given: ["Maria"] }],
      telecom: [
        { system: "phone", value: "(202) 555-0111" },
        { system: "email", value: "Maria@Example.org" },
      ],
    }),
  );
  const john = await make(
    aPatient({
      name: [{ family: "Johnson", given: ["John"] }],
      birthDate: "1999-12-31",
    }),
  );
  const owner = await make(aPractitioner());
  const tasks: string[] = [];
  for (let number = 0; number < 7; number += 1)
    tasks.push(
      (
        await make(
          aTask(maria.id, {
            authoredOn: `2026-01-0${String(7 - number)}T10:00:00Z`,
            status: number < 5 ? "requested" : "accepted",
            ...(number === 0 && {
              owner: { reference: `Practitioner/${owner.id}` },
            }),
          }),
        )
      ).id,
    );
  const elsewhere = await make(
    aTask(john.id, { owner: { reference: `Practitioner/${owner.id}` } }),
  );
  return {
    ...server,
    maria: maria.id,
    john: john.id,
    owner: owner.id,
    tasks,
    elsewhere: elsewhere.id,
  };
};

test("a person is found by identity however it is written, and not by half of it", async () => {
  const ward = await aWard();
  const search = searchedBy(ward);
  const { maria } = ward;
  for (const query of [
    { identifier: `${mrn}|M-1` },
    { identifier: "M-1" },
    { identifier: "|loose" },
    { phone: "+12025550111" },
    { phone: "202-555-0111" },
    { email: "maria@example.org" },
    { telecom: "+1 202 555 0111" },
    { name: "garcia" },
    { name: "LOP" },
    { family: "García-López" },
    { given: "mari", family: "garcia" },
    { "family:exact": "García-López", birthdate: "1980-02-29" },
    { name: "maria", birthdate: "lt1990" },
    { _id: maria },
  ])
    expect([query, idsIn(await search("/Patient", query))]).toEqual([
      query,
      [maria],
    ]);
  for (const query of [
    { identifier: "urn:other|M-1" },
    { identifier: "m-1" },
    { phone: "+12025550112" },
    { name: "garcix" },
    { "family:exact": "garcía-lópez" },
    { name: "maria", birthdate: "1999-12-31" },
    { _id: "none" },
  ])
    expect([query, idsIn(await search("/Patient", query))]).toEqual([
      query,
      [],
    ]);
});

test("what would have to read everything is 400 and says what would help", async () => {
  const { ask } = await aWard();
  for (const [path, query] of [
    ["/Task", {}],
    ["/Task", { status: "requested" }],
    ["/Patient", { gender: "female" }],
    ["/Patient", { birthdate: "1980-02-29" }],
    ["/Patient", { name: "ma" }],
    ["/Appointment", { status: "booked" }],
    ["/Appointment", { practitioner: "Practitioner/x" }],
    ["/Appointment", { practitioner: "Practitioner/x", date: "ge2026-01-01" }],
    ["/Slot", { status: "free" }],
  ] as const) {
    const { status, body } = await ask<OperationOutcome>("GET", path, {
      query,
    });
    expect([path, query, status, body.issue[0]?.code]).toEqual([
      path,
      query,
      400,
      "too-costly",
    ]);
  }
});

test("pages of any size hold every match once, in the order that was asked for", async () => {
  const ward = await aWard();
  const search = searchedBy(ward);
  const { maria, tasks } = ward;
  for (const count of ["1", "3", "7", "50"]) {
    const ids: (string | undefined)[] = [];
    let query: Record<string, string> | undefined = {
      patient: maria,
      _sort: "authored-on",
      _count: count,
    };
    while (query !== undefined) {
      const page: Bundle = await search("/Task", query);
      expect(page.total).toBe(7);
      ids.push(...idsIn(page));
      const next: URL | undefined = linkIn(page, "next");
      query = next && Object.fromEntries(next.searchParams);
    }
    expect(ids).toEqual(tasks.toReversed());
  }
  expect(
    idsIn(await search("/Task", { patient: maria, _sort: "-authored-on" })),
  ).toEqual(tasks);
  const summary = await search("/Task", { patient: maria, _summary: "count" });
  expect([summary.total, summary.entry]).toEqual([7, undefined]);
});

test("a cursor is of one search of one caller", async () => {
  const ward = await aWard();
  const { ask, maria } = ward;
  const page = await searchedBy(ward)("/Task", { patient: maria, _count: "2" });
  const cursor = linkIn(page, "next")?.searchParams.get("_cursor") ?? "";
  const status = async (query: Record<string, string>, more: Ask = {}) =>
    (
      await ask("GET", "/Task", {
        ...more,
        query: { _cursor: cursor, ...query },
      })
    ).status;
  expect(await status({ patient: maria, _count: "2" })).toBe(200);
  expect(
    await status({ patient: maria, _count: "2", status: "requested" }),
  ).toBe(400);
  expect(
    await status({ patient: maria, _count: "2" }, { as: asPatient(maria) }),
  ).toBe(400);
  expect(
    await status({ patient: maria, _count: "2", _cursor: `${cursor}A` }),
  ).toBe(400);
  expect(await status({ patient: maria, _count: "2", _cursor: "x" })).toBe(400);
});

test("a POST search answers the same and its links tell nothing", async () => {
  const { ask, maria } = await aWard();
  const asked = new URLSearchParams({
    patient: maria,
    _count: "2",
    "status:not": "accepted",
  });
  const got = await ask<Bundle>("GET", "/Task", {
    query: Object.fromEntries(asked),
  });
  const posted = await ask<Bundle>("POST", "/Task/_search", {
    body: asked.toString(),
    headers: { "Content-Type": "application/x-www-form-urlencoded" },
  });
  expect(idsIn(posted.body)).toEqual(idsIn(got.body));
  for (const { url } of posted.body.link ?? [])
    expect(url).not.toContain(maria);
  const next = linkIn(posted.body, "next");
  const second = await ask<Bundle>("POST", "/Task/_search", {
    body: asked.toString(),
    query: Object.fromEntries(next?.searchParams ?? []),
  });
  expect(idsIn(second.body)).toHaveLength(2);
  expect(idsIn(second.body)).not.toEqual(idsIn(posted.body));
});

test("references are followed forwards and back, each resource once", async () => {
  const ward = await aWard();
  const search = searchedBy(ward);
  const { maria, owner, tasks } = ward;
  const forward = await search("/Task", {
    patient: maria,
    _include: "Task:owner",
  });
  expect(idsIn(forward, "include")).toEqual([owner]);
  const both = await ward.ask<Bundle>("GET", "/Task", {
    query: { patient: maria, _include: ["Task:patient", "Task:owner"] },
  });
  expect(idsIn(both.body, "include").toSorted()).toEqual(
    [maria, owner].toSorted(),
  );
  const back = await search("/Patient", {
    _id: maria,
    _revinclude: "Task:patient",
  });
  expect(idsIn(back, "include").toSorted()).toEqual(tasks.toSorted());
});

test("work lists lead across patients: by owner, by practitioner and day", async () => {
  const ward = await aWard();
  const search = searchedBy(ward);
  const { make, owner, tasks, elsewhere, maria, john } = ward;
  expect(
    idsIn(await search("/Task", { owner: `Practitioner/${owner}` })).toSorted(),
  ).toEqual([tasks[0], elsewhere].toSorted());
  const visits: string[] = [];
  for (const [patient, hour] of [
    [maria, "09"],
    [john, "10"],
  ] as const)
    visits.push(
      (
        await make({
          resourceType: "Appointment",
          status: "booked",
          start: `2026-03-10T${hour}:00:00Z`,
          end: `2026-03-10T${hour}:20:00Z`,
          participant: [
            { actor: { reference: `Patient/${patient}` }, status: "accepted" },
            {
              actor: { reference: `Practitioner/${owner}` },
              status: "accepted",
            },
          ],
        })
      ).id,
    );
  const practitioner = `Practitioner/${owner}`;
  const on = async (date: string) =>
    idsIn(await search("/Appointment", { practitioner, date }));
  expect((await on("2026-03-10")).toSorted()).toEqual(visits.toSorted());
  expect(await on("2026-03-11")).toEqual([]);
  const within = await ward.ask<Bundle>("GET", "/Appointment", {
    query: {
      actor: practitioner,
      date: ["ge2026-03-10T09:30:00Z", "lt2026-03-12"],
    },
  });
  expect(idsIn(within.body)).toEqual([visits[1]]);
  expect((await on("2026-03-08,2026-03-10")).toSorted()).toEqual(
    visits.toSorted(),
  );
});

test("a patient's search stays in the own record, also where somebody else's resource names the patient", async () => {
  const ward = await aWard();
  const { ask, make, maria, john, elsewhere } = ward;
  const as = asPatient(john);
  await make(aTask(maria, { focus: { reference: `Patient/${john}` } }));
  const own = await ask<Bundle>("GET", "/Task", { as });
  expect([own.status, idsIn(own.body)]).toEqual([200, [elsewhere]]);
  expect(
    idsIn(
      (await ask<Bundle>("GET", "/Patient", { as, query: { name: "maria" } }))
        .body,
    ),
  ).toEqual([]);
  expect(
    (await ask("GET", "/Patient", { as, query: { _id: maria } })).status,
  ).toBe(403);
  const answer = await ask<Bundle>("GET", "/Task", {
    as,
    query: { patient: maria },
  });
  expect([403, 200]).toContain(answer.status);
  if (answer.status === 200) expect(idsIn(answer.body)).toEqual([]);
});

test("unknown parameters are told or, when strict, refused; wrong values and modifiers are 400 and are not repeated", async () => {
  const ward = await aWard();
  const { ask, maria } = ward;
  const lenient = await ask<Bundle>("GET", "/Task", {
    query: { patient: maria, foo: "canary" },
  });
  expect(lenient.status).toBe(200);
  expect(
    lenient.body.entry?.find(({ search }) => search?.mode === "outcome")
      ?.resource?.resourceType,
  ).toBe("OperationOutcome");
  expect(linkIn(lenient.body, "self")?.search).not.toContain("foo");
  for (const [query, headers] of [
    [{ patient: maria, foo: "canary" }, { Prefer: "handling=strict" }],
    [{ patient: maria, "status:canary": "x" }, {}],
    [{ patient: maria, "authored-on": "canary" }, {}],
    [{ patient: maria, _sort: "canary" }, {}],
    [{ patient: maria, _count: "canary" }, {}],
    [{ patient: maria, _include: "canary" }, {}],
    [{ "_has:Task:patient:status": "canary" }, {}],
  ] as const) {
    const { status, body, text } = await ask("GET", "/Task", {
      query,
      headers,
    });
    expect([query, status, body.resourceType]).toEqual([
      query,
      400,
      "OperationOutcome",
    ]);
    expect(text).not.toContain("canary");
  }
});
