import { expect, it } from "vitest";
import type { Caller } from "../../functions/core/caller.ts";
import { privacy } from "../../functions/api/privacy.ts";
import type { Role } from "../../functions/core/settings.ts";
import { memoryTable } from "../../functions/store/memory-table.ts";
import { virtualClock } from "../../simulator/clock.ts";
import { aRecord, bySystem } from "../record.ts";
import { accountsOf, certificatesKey, erasureRun } from "../erasure/run.ts";
import {
  isCertifiedBy,
  readCertificate,
} from "../../functions/core/erasure-certificate.ts";
import { aPatient } from "../store/builders.ts";
import { asClient, asPatient, type Ask } from "./server.ts";

interface Answered {
  readonly status: number;
  readonly text: string;
  readonly body: Readonly<Record<string, unknown>>;
}

/** The privacy area in process; starting an erasure carries it out at once. */
const aClinic = () => {
  const clock = virtualClock(Date.parse("2026-03-02T15:00:00.000Z"));
  const now = (): Date => new Date(clock.now());
  const table = memoryTable();
  const record = aRecord({ table, now });
  const run = erasureRun(record, { clock, accounts: accountsOf() });
  const handler = privacy({
    ...record,
    log: Object.assign(() => undefined, { error: () => undefined }),
    journeys: {
      start: async (_occurrence, { patient = "", request = "" }) => {
        await run.erase(patient, request);
        return "";
      },
      stop: () => Promise.resolve(),
    },
    authenticate: (authorization) =>
      Promise.resolve(JSON.parse(authorization ?? "") as Caller),
  });
  let sessions = 0;
  /** Who signed in so many minutes ago. */
  const staff = (role: Role, minutes = 0): Caller => ({
    kind: "staff",
    id: role,
    roles: [role],
    token: "t",
    signedIn: {
      session: `${role}-${String((sessions += 1))}`,
      at: clock.now() - minutes * 60_000,
    },
  });
  const ask = async (
    method: string,
    path: string,
    { as = staff("privacy-officer"), body }: Ask = {},
  ): Promise<Answered> => {
    const answer = await handler(
      {
        httpMethod: method,
        path,
        headers: { Authorization: JSON.stringify(as) },
        body: body === undefined ? null : JSON.stringify(body),
      },
      {},
    );
    return {
      status: answer.statusCode,
      text: answer.body,
      body: JSON.parse(answer.body || "{}") as Answered["body"],
    };
  };
  const create = async (): Promise<string> =>
    (await record.records.change(bySystem, (work) => work.create(aPatient())))
      .id;
  return { ...record, table, clock, staff, ask, create };
};

const hold = { reason: "litigation", text: "Doe v. Clinic, 4711" };

it("a hold is placed, read and lifted by the privacy officer, and stands against an erasure by name", async () => {
  const { ask, create, table } = aClinic();
  const id = await create();
  const path = `/v1/patients/${id}`;
  expect((await ask("GET", `${path}/hold`)).status).toBe(404);
  expect((await ask("DELETE", `${path}/hold`)).status).toBe(404);
  const placed = await ask("PUT", `${path}/hold`, { body: hold });
  expect(placed.status).toBe(200);
  expect(placed.body).toMatchObject({ ...hold, by: "staff:privacy-officer" });
  expect((await ask("GET", `${path}/hold`)).body).toEqual({
    holds: [placed.body],
  });
  expect(JSON.stringify(table.dump())).not.toContain("v. Clinic");

  const refused = await ask("POST", `${path}/erasure`);
  expect([refused.status, refused.body.detail]).toEqual([
    409,
    "The record is not erased (legal-hold).",
  ]);
  expect((await ask("GET", `${path}/erasure`)).body).toMatchObject({
    status: "refused",
    obstacle: { name: "legal-hold", reason: "litigation" },
  });
  expect((await ask("DELETE", `${path}/hold`)).status).toBe(204);
  expect((await ask("POST", `${path}/erasure`)).status).toBe(202);
});

it("an erasure ends in a certificate, byte for byte as it was signed", async () => {
  const { ask, create } = aClinic();
  const path = `/v1/patients/${await create()}`;
  expect((await ask("GET", `${path}/erasure`)).status).toBe(404);
  expect((await ask("POST", `${path}/erasure`)).status).toBe(202);
  expect((await ask("GET", `${path}/erasure`)).body).toMatchObject({
    status: "certified",
  });
  const { text } = await ask("GET", `${path}/erasure/certificate`);
  const signed = readCertificate(Buffer.from(text));
  expect(signed !== undefined && isCertifiedBy(signed, certificatesKey)).toBe(
    true,
  );
  expect((await ask("POST", `${path}/erasure`)).status).toBe(410);
  expect((await ask("PUT", `${path}/hold`, { body: hold })).status).toBe(410);
});

it("is for the privacy officer who has just signed in, and for nobody else", async () => {
  const { ask, create, staff } = aClinic();
  const id = await create();
  const path = `/v1/patients/${id}`;
  for (const as of [
    staff("front-desk"),
    staff("nurse"),
    staff("clinician"),
    staff("manager"),
    asPatient(id),
    asClient("system/*.cruds"),
  ]) {
    for (const [method, place] of [
      ["POST", "erasure"],
      ["GET", "erasure"],
      ["GET", "erasure/certificate"],
      ["PUT", "hold"],
      ["GET", "hold"],
      ["DELETE", "hold"],
    ] as const)
      expect(
        (
          await ask(method, `${path}/${place}`, {
            as,
            ...(method === "PUT" && { body: hold }),
          })
        ).status,
        `${JSON.stringify(as)} ${method} ${place}`,
      ).toBe(403);
  }
  const late = await ask("POST", `${path}/erasure`, {
    as: staff("privacy-officer", 6),
  });
  expect([late.status, late.body.detail]).toEqual([
    403,
    "Not permitted (step-up-required).",
  ]);
});

it("what nobody has is not found, and nothing is told of it", async () => {
  const { ask, newId } = aClinic();
  for (const id of [newId(), "nobody", "x'; drop"]) {
    const path = `/v1/patients/${encodeURIComponent(id)}`;
    expect((await ask("POST", `${path}/erasure`)).status, id).toBe(404);
    expect((await ask("GET", `${path}/erasure`)).status, id).toBe(404);
    expect((await ask("PUT", `${path}/hold`, { body: hold })).status, id).toBe(
      422,
    );
  }
});

it("a list of disposals is confirmed by a person, for records that are on it", async () => {
  const { ask, create, clock, disposals, records } = aClinic();
  const [id, other] = [await create(), await create()];
  await clock.advanceTo(clock.now() + 11 * 365.25 * 86_400_000);
  expect((await ask("GET", "/v1/disposals/2037-03")).status).toBe(404);
  await (await disposals()).review("2037-03", "US", () => false);
  const list = await ask("GET", "/v1/disposals/2037-03");
  expect(list.body).toMatchObject({ status: "listed", count: 2 });
  const confirm = (patients: readonly string[]) =>
    ask("POST", "/v1/disposals/2037-03/confirmation", { body: { patients } });
  expect((await confirm(["somebody"])).status).toBe(422);
  // Who comes back meanwhile is kept.
  await records.change(bySystem, async (work) => {
    const patient = await work.demand("Patient", other);
    await work.update({ ...patient, active: true });
  });
  expect((await confirm([other])).body).toMatchObject({
    confirmed: 0,
    kept: [other],
  });
  expect((await confirm([id])).status).toBe(202);
  expect((await confirm([id])).status).toBe(202);
  expect((await ask("GET", `/v1/patients/${id}/erasure`)).body.status).toBe(
    "certified",
  );
  expect((await ask("GET", `/v1/patients/${other}/erasure`)).status).toBe(404);
});
