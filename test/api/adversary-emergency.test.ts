import type { Observation } from "@medplum/fhirtypes";
import { expect, test } from "vitest";
import type { Caller } from "../../functions/core/caller.ts";
import { bySystem } from "../record.ts";
import { aPatient } from "../store/builders.ts";
import { aServer } from "./server.ts";

const at = Date.parse("2026-03-02T15:00:00.000Z");
const nurse = (id: string, signedIn = at): Caller => ({
  kind: "staff",
  id,
  roles: ["nurse"],
  token: "t",
  signedIn: { session: `${id} ${String(signedIn)}`, at: signedIn },
});
const emergency = { "x-purpose-of-use": "ETREAT" };

const aClinic = async () => {
  const clock = { now: at };
  const server = aServer({
    now: () => new Date(clock.now),
    jurisdictions: ["us-hipaa", "us-part2"],
  });
  const [first, second] = [
    await server.make(aPatient()),
    await server.make(aPatient()),
  ];
  const secretOf = (patient: string) =>
    server.records.change(bySystem, (work) =>
      work.create<Observation>({
        resourceType: "Observation",
        meta: { security: [{ code: "42CFRPart2" }] },
        status: "final",
        code: { text: "Test" },
        subject: { reference: `Patient/${patient}` },
      }),
    );
  const [mine, theirs] = [await secretOf(first.id), await secretOf(second.id)];
  const status = async (
    { id }: { id: string },
    as: Caller,
    headers: Readonly<Record<string, string>> = emergency,
  ) => (await server.ask("GET", `/Observation/${id}`, { as, headers })).status;
  const open = (patient: string, as: Caller) =>
    server.ask("POST", "/v1/emergency-access", {
      as,
      body: { patient, reason: "covering", text: "Ward round at night" },
    });
  return { clock, server, first, second, mine, theirs, status, open };
};

test("an emergency is one nurse's, one person's, and for its purpose", async () => {
  const { first, mine, theirs, status, open } = await aClinic();
  const [ann, bob] = [nurse("ann"), nurse("bob")];
  expect(await status(mine, ann)).toBe(403);
  expect((await open(first.id, ann)).status).toBe(201);
  expect(await status(mine, ann)).toBe(200);
  expect(await status(mine, ann, {})).toBe(403);
  expect(await status(mine, bob)).toBe(403);
  expect(await status(theirs, ann)).toBe(403);
});

test("it follows the person into a merged record, and out of it", async () => {
  const { server, first, second, mine, theirs, status, open } = await aClinic();
  const ann = nurse("ann");
  await open(first.id, ann);
  const linked = (isMerged: boolean) =>
    server.records.change(bySystem, async (work) => {
      const { link: _, ...patient } = await work.demand("Patient", first.id);
      return work.update({
        ...patient,
        active: !isMerged,
        ...(isMerged && {
          link: [
            {
              other: { reference: `Patient/${second.id}` },
              type: "replaced-by" as const,
            },
          ],
        }),
      });
    });
  await linked(true);
  expect([await status(mine, ann), await status(theirs, ann)]).toEqual([
    200, 200,
  ]);
  await linked(false);
  expect([await status(mine, ann), await status(theirs, ann)]).toEqual([
    200, 403,
  ]);
});

test("it lasts no longer without another fresh sign-in", async () => {
  const { clock, first, mine, status, open } = await aClinic();
  const minute = 60_000;
  expect((await open(first.id, nurse("ann"))).status).toBe(201);
  // Kept alive all along.
  for (clock.now = at; clock.now < at + 59 * minute; clock.now += 10 * minute)
    expect(await status(mine, nurse("ann"))).toBe(200);
  const stale = await open(first.id, nurse("ann"));
  expect([stale.status, stale.text.includes("step-up-required")]).toEqual([
    403,
    true,
  ]);
  clock.now = at + 60 * minute;
  expect(await status(mine, nurse("ann", clock.now))).toBe(403);
});

test("it lets nobody take a label off, and forgets nothing that is written", async () => {
  const { server, first, mine, open } = await aClinic();
  const ann = nurse("ann");
  await open(first.id, ann);
  const { meta: _, ...bare } = mine;
  const declassified = await server.ask("PUT", `/Observation/${mine.id}`, {
    as: ann,
    headers: emergency,
    body: bare,
  });
  expect(declassified.status).toBe(403);
  const written = await server.ask("PUT", `/Observation/${mine.id}`, {
    as: ann,
    headers: emergency,
    body: { ...mine, status: "amended" },
  });
  expect(written.status).toBe(200);
  const { text } = await server.ask(
    "GET",
    `/v1/patients/${first.id}/access-log`,
    { as: { kind: "patient", id: first.id, token: "t" } },
  );
  expect(text.match(/"emergency":true/g)?.length).toBeGreaterThanOrEqual(2);
});
