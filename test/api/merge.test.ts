import type {
  Bundle,
  Parameters,
  Patient,
  Resource,
  Task,
} from "@medplum/fhirtypes";
import * as fc from "fast-check";
import { expect, test } from "vitest";
import { aPatient, aTask, withMrn } from "../store/builders.ts";
import { aServer, asClient, asPatient, type Server } from "./server.ts";

const both = (
  source: string,
  target?: string,
  preview = false,
): Parameters => ({
  resourceType: "Parameters",
  parameter: [
    {
      name: "source-patient",
      valueReference: { reference: `Patient/${source}` },
    },
    ...(target === undefined
      ? []
      : [
          {
            name: "target-patient",
            valueReference: { reference: `Patient/${target}` },
          },
        ]),
    ...(preview ? [{ name: "preview", valueBoolean: true }] : []),
  ],
});

const merge = ({ ask }: Pick<Server, "ask">, source: string, target: string) =>
  ask("POST", "/Patient/$merge", { body: both(source, target) });
const unmerge = ({ ask }: Pick<Server, "ask">, source: string) =>
  ask("POST", "/Patient/$unmerge", { body: both(source) });

/** The resource as text, without what every write sets anew. */
const content = (resource: Resource): string => {
  const { meta, ...rest } = resource;
  const { versionId: _version, lastUpdated: _time, ...kept } = meta ?? {};
  return JSON.stringify([{ ...rest, id: "" }, kept]);
};

const idsIn = (bundle: Bundle): string[] =>
  (bundle.entry ?? []).flatMap(({ resource }) => resource?.id ?? []).sort();

const aWorld = async () => {
  const server = aServer();
  const source = await server.make(withMrn("1"));
  const target = await server.make(
    aPatient({
      active: true,
      link: [{ type: "seealso", other: { display: "x" } }],
    }),
  );
  const ofSource = await server.make(aTask(source.id));
  const ofTarget = await server.make(aTask(target.id));
  const tasksOf = async (patient: string) =>
    idsIn(
      (
        await server.ask<Bundle>("GET", "/Task", {
          query: { patient },
        })
      ).body,
    );
  const patient = async (id: string) =>
    (await server.ask<Patient>("GET", `/Patient/${id}`)).body;
  return { ...server, source, target, ofSource, ofTarget, tasksOf, patient };
};

test("a merge links the two, moves nothing, and searches of either find what both have", async () => {
  const world = await aWorld();
  const { source, target, ofSource, ofTarget, tasksOf, patient } = world;
  expect((await merge(world, source.id, target.id)).status).toBe(200);
  expect(await patient(source.id)).toMatchObject({
    active: false,
    link: [
      { type: "replaced-by", other: { reference: `Patient/${target.id}` } },
    ],
  });
  expect((await patient(target.id)).link).toHaveLength(2);
  const all = [ofSource.id, ofTarget.id].sort();
  expect(await tasksOf(target.id)).toEqual(all);
  expect(await tasksOf(source.id)).toEqual(all);
  expect((await world.ask<Task>("GET", `/Task/${ofSource.id}`)).body).toEqual(
    ofSource,
  );
});

test("what comes for the merged record later belongs to both, and stays where it was filed when they part", async () => {
  const world = await aWorld();
  const { source, target, ofSource, ofTarget, tasksOf, make } = world;
  await merge(world, source.id, target.id);
  const later = await make(aTask(source.id));
  expect(await tasksOf(target.id)).toContain(later.id);
  expect((await unmerge(world, source.id)).status).toBe(200);
  expect(await tasksOf(target.id)).toEqual([ofTarget.id]);
  expect(await tasksOf(source.id)).toEqual([ofSource.id, later.id].sort());
});

test("a patient signed in as either record sees both, and neither once they part", async () => {
  const world = await aWorld();
  const { source, target, ofSource, ask } = world;
  const seen = async (as: string) =>
    (await ask("GET", `/Task/${ofSource.id}`, { as: asPatient(as) })).status;
  expect(await seen(target.id)).toBe(403);
  await merge(world, source.id, target.id);
  expect(await seen(target.id)).toBe(200);
  expect(await seen(source.id)).toBe(200);
  await unmerge(world, source.id);
  expect(await seen(target.id)).toBe(403);
});

test("of several merged one into the other each parts again by itself", async () => {
  const world = await aWorld();
  const { source, target, ofSource, ofTarget, tasksOf, make } = world;
  const third = await make(withMrn("3"));
  const ofThird = await make(aTask(third.id));
  await merge(world, source.id, target.id);
  await merge(world, target.id, third.id);
  const all = [ofSource.id, ofTarget.id, ofThird.id].sort();
  for (const id of [source.id, target.id, third.id])
    expect(await tasksOf(id)).toEqual(all);
  await unmerge(world, target.id);
  expect(await tasksOf(third.id)).toEqual([ofThird.id]);
  expect(await tasksOf(source.id)).toEqual([ofSource.id, ofTarget.id].sort());
});

test("the preview shows the result and writes nothing", async () => {
  const world = await aWorld();
  const { source, target, patient, ask } = world;
  const { status, body } = await ask<Parameters>("POST", "/Patient/$merge", {
    body: both(source.id, target.id, true),
  });
  expect(status).toBe(200);
  expect(
    body.parameter?.find(({ name }) => name === "source")?.resource,
  ).toMatchObject({ active: false });
  expect(await patient(source.id)).toEqual(source);
});

test("the open question whether the two are one person is answered by the merge", async () => {
  const world = await aWorld();
  const { source, target, make, ask } = world;
  const [older = "", newer = ""] = [source.id, target.id].sort();
  const review = await make<Task>({
    ...aTask(newer),
    identifier: [
      { system: "urn:sojourn:duplicate", value: `${older}.${newer}.1` },
    ],
  });
  await merge(world, source.id, target.id);
  expect((await ask("GET", `/Task/${review.id}`)).body).toMatchObject({
    status: "completed",
  });
});

test("merge, any changes, unmerge: each record is as it would be without the merge, byte for byte", async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.constantFrom(undefined, true, false),
      fc.boolean(),
      fc.array(
        fc.record({
          who: fc.constantFrom("source", "target"),
          gender: fc.constantFrom("male", "female", "other", "unknown"),
        }),
        { maxLength: 3 },
      ),
      async (active, linked, changes) => {
        const world = aServer();
        const given = aPatient({
          ...(active !== undefined && { active }),
          ...(linked && {
            link: [{ type: "seealso", other: { display: "elsewhere" } }],
          }),
        });
        const apart = {
          source: await world.make(given),
          target: await world.make(given),
        };
        const together = {
          source: await world.make(given),
          target: await world.make(given),
        };
        await merge(world, together.source.id, together.target.id);
        for (const { who, gender } of changes)
          for (const [index, pair] of [apart, together].entries()) {
            const { id } = pair[who as "source"];
            const { body } = await world.ask<Patient>("GET", `/Patient/${id}`);
            const { status } = await world.ask("PUT", `/Patient/${id}`, {
              body: { ...body, gender },
            });
            expect([index, status]).toEqual([index, 200]);
          }
        expect((await unmerge(world, together.source.id)).status).toBe(200);
        for (const who of ["source", "target"] as const) {
          const now = async (pair: typeof apart): Promise<Resource> =>
            (await world.ask("GET", `/Patient/${pair[who].id}`)).body;
          const [one, other] = [await now(apart), await now(together)];
          const text = content(other);
          expect(text).toBe(content(one));
        }
      },
    ),
    { numRuns: 25 },
  );
});

test("two merges of one record at the same time: one is refused, and the links agree", async () => {
  const world = await aWorld();
  const { source, target, make, tasksOf } = world;
  const third = await make(withMrn("3"));
  const answers = await Promise.all([
    merge(world, source.id, target.id),
    merge(world, source.id, third.id),
  ]);
  const statuses = answers.map(({ status }) => status).sort();
  expect(statuses).toEqual([200, 422]);
  const winner = answers[0].status === 200 ? target.id : third.id;
  const loser = winner === target.id ? third.id : target.id;
  expect(await tasksOf(winner)).toEqual(await tasksOf(source.id));
  expect(await tasksOf(loser)).not.toEqual(await tasksOf(source.id));
});

test("two records merged into each other at the same time make no circle", async () => {
  const world = await aWorld();
  const { source, target, tasksOf } = world;
  const answers = await Promise.all([
    merge(world, source.id, target.id),
    merge(world, target.id, source.id),
  ]);
  expect(answers.map(({ status }) => status).sort()).toEqual([200, 422]);
  expect(await tasksOf(source.id)).toEqual(await tasksOf(target.id));
});

test("what cannot be merged is refused and says why", async () => {
  const world = await aWorld();
  const { source, target, make, ask } = world;
  const status = async (body: unknown, path = "$merge") =>
    (await ask("POST", `/Patient/${path}`, { body })).status;
  expect(await status({})).toBe(400);
  expect(await status(both(source.id))).toBe(400);
  expect(await status({ resourceType: "Parameters", parameter: 1 })).toBe(400);
  expect(await status({ resourceType: "Parameters", parameter: [null] })).toBe(
    400,
  );
  expect(await status(both(source.id, "nobody"))).toBe(404);
  expect(await status(both(source.id, source.id))).toBe(422);
  expect(await status(both(source.id), "$unmerge")).toBe(422);
  expect(await status(both("nobody"), "$unmerge")).toBe(404);
  await merge(world, source.id, target.id);
  const third = await make(withMrn("3"));
  expect(await status(both(source.id, third.id))).toBe(422);
  expect(await status(both(third.id, source.id))).toBe(422);
  expect(await status(both(target.id, source.id))).toBe(422);
});

test("a patient may not merge, nor a client without the right to change patients", async () => {
  const { ask, source, target } = await aWorld();
  for (const as of [asPatient(source.id), asClient("system/Patient.rs")])
    expect(
      (
        await ask("POST", "/Patient/$merge", {
          as,
          body: both(source.id, target.id),
        })
      ).status,
    ).toBe(403);
});

test("a plain update with a replaced-by link merges as well, and one without it parts", async () => {
  const world = await aWorld();
  const { source, target, tasksOf, ask, ofTarget } = world;
  await ask("PUT", `/Patient/${source.id}`, {
    body: {
      ...source,
      link: [
        { type: "replaced-by", other: { reference: `Patient/${target.id}` } },
      ],
    },
  });
  expect(await tasksOf(target.id)).toHaveLength(2);
  await ask("PUT", `/Patient/${source.id}`, { body: source });
  expect(await tasksOf(target.id)).toEqual([ofTarget.id]);
  const circle = await ask("PUT", `/Patient/${source.id}`, {
    body: {
      ...source,
      link: [
        { type: "replaced-by", other: { reference: `Patient/${source.id}` } },
      ],
    },
  });
  expect(circle.status).toBe(422);
});
