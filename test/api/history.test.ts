import type { Bundle } from "@medplum/fhirtypes";
import { expect, test } from "vitest";
import { aPatient, aPractitioner, aTask } from "../store/builders.ts";
import {
  aServer,
  asClient,
  asPatient,
  type Ask,
  type Server,
} from "./server.ts";

/** All pages of a history as `Type/id/version`, deletions with a minus. */
const pagesOf = async (
  { ask }: Server,
  path: string,
  { query = {}, ...rest }: Ask = {},
): Promise<string[][]> => {
  const pages: string[][] = [];
  let cursor: string | undefined;
  do {
    const { status, body } = await ask<Bundle>("GET", path, {
      ...rest,
      query: { ...query, ...(cursor !== undefined && { _cursor: cursor }) },
    });
    expect(status).toBe(200);
    expect(body.type).toBe("history");
    pages.push(
      (body.entry ?? []).map(
        ({ fullUrl = "", request, response }) =>
          `${request?.method === "DELETE" ? "-" : ""}${fullUrl.split("/R4/")[1] ?? ""}/${/\d+/.exec(response?.etag ?? "")?.[0] ?? ""}`,
      ),
    );
    const next = body.link?.find(({ relation }) => relation === "next")?.url;
    cursor = new URL(next ?? "x:").searchParams.get("_cursor") ?? undefined;
  } while (cursor !== undefined);
  return pages;
};

const aWorld = async () => {
  let milliseconds = Date.parse("2026-03-31T23:59:59.990Z");
  const server = aServer({ now: () => new Date((milliseconds += 3)) });
  const { ask, make } = server;
  const one = await make(aPatient());
  const other = await make(aPatient());
  const task = await make(aTask(one.id));
  await ask("PUT", `/Patient/${one.id}`, { body: { ...one, gender: "other" } });
  await ask("DELETE", `/Task/${task.id}`);
  const doctor = await make(aPractitioner());
  const all = [
    `Practitioner/${doctor.id}/1`,
    `-Task/${task.id}/2`,
    `Patient/${one.id}/2`,
    `Task/${task.id}/1`,
    `Patient/${other.id}/1`,
    `Patient/${one.id}/1`,
  ];
  return { ...server, one, other, task, all };
};

test("the history of everything, of a type and of one resource, newest first, with deletions", async () => {
  const world = await aWorld();
  const { all, one } = world;
  expect(await pagesOf(world, "/_history")).toEqual([all]);
  expect(await pagesOf(world, "/Patient/_history")).toEqual([
    all.filter((line) => line.startsWith("Patient/")),
  ]);
  expect(await pagesOf(world, "/Task/_history")).toEqual([
    all.filter((line) => line.includes("Task/")),
  ]);
  expect(await pagesOf(world, `/Patient/${one.id}/_history`)).toEqual([
    [`Patient/${one.id}/2`, `Patient/${one.id}/1`],
  ]);
});

test("pages of any size hold every version once", async () => {
  const world = await aWorld();
  for (const size of [1, 2, 3, 5, 200])
    expect(
      (
        await pagesOf(world, "/_history", { query: { _count: String(size) } })
      ).flat(),
    ).toEqual(world.all);
});

test("_since leaves out what was changed before", async () => {
  const world = await aWorld();
  const { body } = await world.ask<Bundle>("GET", "/_history");
  const [third] = (body.entry ?? []).slice(2);
  const query = { _since: third?.response?.lastModified ?? "" };
  const times = (body.entry ?? []).filter(
    ({ response }) => (response?.lastModified ?? "") >= query._since,
  ).length;
  expect((await pagesOf(world, "/_history", { query })).flat()).toEqual(
    world.all.slice(0, times),
  );
  const future = { _since: "2999-01-01T00:00:00Z" };
  for (const path of [
    "/_history",
    "/Task/_history",
    `/Patient/${world.one.id}/_history`,
  ])
    expect(await pagesOf(world, path, { query: future })).toEqual([[]]);
});

test("a patient sees the own record's history only, a client what its scopes reach", async () => {
  const world = await aWorld();
  const { all, one, ask } = world;
  expect(
    (await pagesOf(world, "/_history", { as: asPatient(one.id) })).flat(),
  ).toEqual(all.filter((line) => line.includes(one.id)));
  expect(
    (
      await pagesOf(world, "/_history", { as: asClient("system/Task.rs") })
    ).flat(),
  ).toEqual(all.filter((line) => line.includes("Task/")));
  expect(
    (await ask("GET", "/Patient/_history", { as: asClient("system/Task.rs") }))
      .status,
  ).toBe(403);
});

test.each([
  ["/_history", { _count: "0" }],
  ["/Patient/_history", { _count: "-1" }],
  ["/_history", { _since: "yesterday" }],
  ["/_history", { _since: "2026-13-01" }],
  ["/_history", { _cursor: "forged" }],
])("%s with %o is refused", async (path, query) => {
  const { status, body } = await aServer().ask("GET", path, { query });
  expect(status).toBe(400);
  expect(body.resourceType).toBe("OperationOutcome");
});

test("the cursor of one history is none of another", async () => {
  const world = await aWorld();
  const { body } = await world.ask<Bundle>("GET", "/_history", {
    query: { _count: "1" },
  });
  const next =
    body.link?.find(({ relation }) => relation === "next")?.url ?? "";
  const cursor = new URL(next).searchParams.get("_cursor") ?? "";
  const { status } = await world.ask("GET", "/Patient/_history", {
    query: { _cursor: cursor },
  });
  expect(status).toBe(400);
});
