import type { Task } from "@medplum/fhirtypes";
import type { Context } from "../../functions/core/caller.ts";
import { erasureOccurrence } from "../../functions/core/erasure.ts";
import { uploadsOf } from "../../functions/core/import-job.ts";
import { executionName } from "../../functions/core/journey.ts";
import {
  requestOccurrence,
  requestTask,
} from "../../functions/core/privacy-request.ts";
import { startErasure } from "../../functions/runtime/start-erasure.ts";
import { erasureCheck } from "../../functions/tasks/erasure-check.ts";
import { describe, expect, it } from "vitest";
import { virtualClock } from "../../simulator/clock.ts";
import { memoryTable } from "../../functions/store/memory-table.ts";
import { aRecord, bySystem } from "../record.ts";
import { aPatient } from "../store/builders.ts";
import { accountsOf, erasureRun } from "./run.ts";

const aClinic = () => {
  const clock = virtualClock(Date.parse("2026-03-02T15:00:00.000Z"));
  const table = memoryTable();
  const record = aRecord({ table, now: () => new Date(clock.now()) });
  const create = async (): Promise<string> =>
    (await record.records.change(bySystem, (work) => work.create(aPatient())))
      .id;
  return { ...record, table, clock, create };
};
type Clinic = ReturnType<typeof aClinic>;

const facts = ({ table }: Clinic, patient: string): readonly string[] =>
  table
    .dump()
    .filter(({ pk, sk }) => pk === `PATIENT#${patient}` && sk.startsWith("F#"))
    .flatMap(({ changes }) =>
      (changes as unknown as { what: string }[]).map(({ what }) => what),
    );

const statusOf = async (clinic: Clinic, patient: string) =>
  (await (await clinic.erasures()).find(patient))?.status;

const hold = { reason: "litigation", text: "Doe v. Clinic" } as const;

describe("an erasure", () => {
  it("under a hold touches nothing, and says why", async () => {
    const clinic = aClinic();
    const id = await clinic.create();
    await (await clinic.holds()).place(bySystem, id, hold);
    const run = erasureRun(clinic, { clock: clinic.clock });
    expect(await run.erase(id, "one")).toBe("SUCCEEDED");
    expect(run.called).toEqual(["ErasureCheck"]);
    expect(await (await clinic.erasures()).find(id)).toMatchObject({
      status: "refused",
      obstacle: { name: "legal-hold", reason: "litigation" },
    });
    expect(await clinic.records.read(bySystem, "Patient", id)).toBeDefined();
    expect(facts(clinic, id)).toEqual(
      expect.arrayContaining([
        "HoldPlaced",
        "ErasureRequested",
        "ErasureRefused",
      ]),
    );

    await (await clinic.holds()).lift(bySystem, id);
    expect(await run.erase(id, "two")).toBe("SUCCEEDED");
    expect(await statusOf(clinic, id)).toBe("certified");
    expect(facts(clinic, id)).toEqual(
      expect.arrayContaining([
        "HoldLifted",
        "PatientErased",
        "ErasureCertified",
      ]),
    );
  });

  it("stops the answering of what else the person asked for, but not of itself", async () => {
    const clinic = aClinic();
    const id = await clinic.create();
    const asked = async (
      kind: "access" | "erasure",
      status: Task["status"] = "requested",
    ): Promise<string> =>
      (
        await clinic.records.change(bySystem, (work) =>
          work.create({
            ...requestTask(
              { kind, details: {} },
              {
                patientId: id,
                by: `patient:${id}`,
                isByPatient: true,
                received: "2026-03-02T15:00:00.000Z",
                clock: { due: "2026-04-01", rules: [], strictest: [] },
              },
            ),
            status,
          }),
        )
      ).id;
    const open = await asked("access");
    await asked("access", "completed");
    const own = await asked("erasure");
    const run = erasureRun(clinic, { clock: clinic.clock });
    expect(await run.erase(id, own)).toBe("SUCCEEDED");
    expect(run.stopped).toEqual([executionName(requestOccurrence(open))]);
  });

  it("is held by two people until both have let go", async () => {
    const clinic = aClinic();
    const id = await clinic.create();
    const holds = await clinic.holds();
    const counsel: Context = {
      ...bySystem,
      by: { kind: "staff", id: "counsel", roles: [], token: "t" },
    };
    const first = await holds.place(bySystem, id, hold);
    const second = await holds.place(counsel, id, { ...hold, text: "Another" });
    const third = await holds.place(counsel, id, {
      reason: "audit",
      text: "The year's audit",
    });
    // The same person for the same matter says it better.
    const better = await holds.place(counsel, id, { ...hold, text: "A third" });
    expect(better).toEqual({ ...second, text: "A third" });
    expect(await holds.find(id)).toEqual([first, better, third]);
    await expect(holds.lift(counsel, id)).rejects.toMatchObject({
      name: "SeveralHolds",
    });
    await expect(holds.lift(counsel, id, "other")).rejects.toMatchObject({
      status: 404,
    });
    for (const { id: one } of [first, third])
      await holds.lift(counsel, id, one);
    const run = erasureRun(clinic, { clock: clinic.clock });
    await run.erase(id, "one");
    expect(await statusOf(clinic, id)).toBe("refused");
    await holds.lift(bySystem, id);
    expect(await holds.find(id)).toEqual([]);
    await run.erase(id, "two");
    expect(await statusOf(clinic, id)).toBe("certified");
  });

  it("stops at a hold that is placed while it runs, on any record of the person", async () => {
    const clinic = aClinic();
    const [id, merged] = [await clinic.create(), await clinic.create()];
    await clinic.records.change(bySystem, async (work) => {
      const patient = await work.demand("Patient", merged);
      await work.update({
        ...patient,
        link: [{ type: "replaced-by", other: { reference: `Patient/${id}` } }],
      });
    });
    let isPlaced = false;
    const run = erasureRun(clinic, {
      clock: clinic.clock,
      meanwhile: async (task) => {
        if (task !== "ErasureShred" || isPlaced) return;
        isPlaced = true;
        await (await clinic.holds()).place(bySystem, merged, hold);
      },
    });
    expect(await run.erase(id, "one")).toBe("SUCCEEDED");
    expect(run.called).toEqual([
      "ErasureCheck",
      "ErasureShred",
      "ErasureCheck",
    ]);
    for (const one of [id, merged])
      expect(await clinic.records.read(bySystem, "Patient", one)).toBeDefined();
    expect(await statusOf(clinic, id)).toBe("refused");
  });

  it("waits for the end of the time for which care is documented, by the law where the patient lives", async () => {
    const clinic = aClinic();
    const id = await clinic.create();
    await clinic.records.change(bySystem, (work) =>
      work.create({
        resourceType: "Observation",
        status: "final",
        code: { text: "Weight" },
        subject: { reference: `Patient/${id}` },
      }),
    );
    const run = erasureRun(clinic, { clock: clinic.clock });
    await run.erase(id, "one");
    expect(await (await clinic.erasures()).find(id)).toMatchObject({
      status: "refused",
      obstacle: {
        name: "retention-duty",
        rule: "us-other-states",
        until: "2036-03-02",
      },
    });
    await clinic.clock.advanceTo(Date.parse("2036-03-02T00:00:00.000Z"));
    await run.erase(id, "two");
    expect(await statusOf(clinic, id)).toBe("certified");
  });

  it("waits as long after a visit to which the person came, whatever was documented of it", async () => {
    const clinic = aClinic();
    const id = await clinic.create();
    const visit = await clinic.records.change(bySystem, (work) =>
      work.create({
        resourceType: "Appointment",
        status: "booked",
        start: "2026-03-02T16:00:00Z",
        end: "2026-03-02T16:20:00Z",
        participant: [
          { actor: { reference: `Patient/${id}` }, status: "accepted" },
        ],
      }),
    );
    const erasures = await clinic.erasures();
    expect(await erasures.obstacle(id, "US")).toBeUndefined();
    for (const status of ["arrived", "fulfilled"] as const)
      await clinic.records.change(bySystem, async (work) => {
        const found = await work.demand("Appointment", visit.id);
        await work.update({ ...found, status });
      });
    expect(await erasures.obstacle(id, "US")).toMatchObject({
      name: "retention-duty",
    });
  });

  it.each(["ErasureCheck", "ErasureShred", "ErasureSweep", "ErasureCertify"])(
    "that keeps failing at %s ends with the privacy officer, never with a certificate",
    async (broken) => {
      const clinic = aClinic();
      const id = await clinic.create();
      const run = erasureRun(clinic, {
        clock: clinic.clock,
        failing: (task) => task === broken,
      });
      expect(await run.erase(id, "one")).toBe("FAILED");
      expect(await statusOf(clinic, id)).toBe(
        ["ErasureCheck", "ErasureShred"].includes(broken)
          ? "failed"
          : "shredded",
      );
      const tasks = await clinic.records.change(bySystem, (work) =>
        work.search("Task", [["code", "erasure-failed"]], 5).catch(() => []),
      );
      const [task] =
        tasks.length > 0
          ? tasks
          : await clinic.records.change(
              bySystem,
              async (work): Promise<Task[]> => {
                const ids = await work.lookUp("Task", "team", [
                  "urn:sojourn:team",
                  "privacy-officer",
                ]);
                return (await work.readAll(
                  ids.map((one) => `Task/${one}`),
                )) as Task[];
              },
            );
      expect(task?.code?.coding?.[0]?.code).toBe("erasure-failed");
      expect(task?.input?.map(({ valueString }) => valueString)).toEqual([
        id,
        "one",
      ]);
    },
  );

  it("is carried through whatever breaks once on the way", async () => {
    for (const broken of [
      "ErasureCheck",
      "ErasureShred",
      "ErasureSweep",
      "ErasureCertify",
    ]) {
      const clinic = aClinic();
      const id = await clinic.create();
      let hasFailed = false;
      const run = erasureRun(clinic, {
        clock: clinic.clock,
        accounts: accountsOf(id),
        failing: (task) => {
          if (task !== broken || hasFailed) return false;
          hasFailed = true;
          return true;
        },
      });
      expect(await run.erase(id, "one")).toBe("SUCCEEDED");
      expect(await statusOf(clinic, id)).toBe("certified");
    }
  });

  it("that lost its journey after the keys is taken up again by whoever asks, once an hour, and by nobody before", async () => {
    const clinic = aClinic();
    const id = await clinic.create();
    await erasureRun(clinic, {
      clock: clinic.clock,
      failing: (task) => task === "ErasureSweep",
    }).erase(id, "one");
    const started: { name: string; request: string | undefined }[] = [];
    const ask = () =>
      startErasure(
        {
          ...clinic,
          journeys: {
            start: (occurrence, { request }) => {
              started.push({ name: executionName(occurrence), request });
              return Promise.resolve("");
            },
            stop: () => Promise.resolve(),
          },
        },
        bySystem,
        { patient: id, request: "two" },
      );
    const store = await clinic.erasures();
    const { shredded = "" } = (await store.find(id)) ?? {};
    await clinic.clock.advanceTo(Date.parse(shredded) + 7_200_000);
    expect(await ask()).toMatchObject({ status: "shredded", request: "one" });
    await ask();
    expect(new Set(started.map(({ name }) => name)).size).toBe(1);
    expect(started[0]?.request).toBe("one");
    expect(started[0]?.name).not.toBe(
      executionName(erasureOccurrence(id, "one")),
    );
    // The journey starts at the beginning, and finds what is done.
    const again = erasureRun(clinic, { clock: clinic.clock });
    expect(await again.erase(id, "two")).toBe("SUCCEEDED");
    expect(await statusOf(clinic, id)).toBe("certified");
    await expect(ask()).rejects.toMatchObject({ status: 410 });
  });

  it("is not certified while something is left", async () => {
    const clinic = aClinic();
    const id = await clinic.create();
    const accounts = accountsOf(id);
    const run = erasureRun(clinic, {
      clock: clinic.clock,
      accounts: { ...accounts, remove: () => Promise.resolve() },
    });
    expect(await run.erase(id, "one")).toBe("FAILED");
    expect(run.logged.map(({ fact }) => fact)).toContain("ErasureIncomplete");
    expect(await statusOf(clinic, id)).toBe("shredded");
    expect([...clinic.documents.objects.keys()]).toEqual([
      `shred-ledger/${id}.json`,
    ]);
  });

  it("is certified when an import whose files hold the person has ended, and these are gone", async () => {
    const clinic = aClinic();
    const id = await clinic.create();
    const imports = await clinic.importJobs();
    const begun = await imports.begin(
      await imports.create(bySystem, { source: "old-ehr", files: [] }),
      bySystem,
      [],
    );
    const file = `${uploadsOf(begun.id)}patients.ndjson`;
    await clinic.exchange.put(file, Buffer.from("{}"), "text/plain");
    await clinic.records.change(
      { ...bySystem, requestId: begun.id },
      async (work) => {
        const patient = await work.demand("Patient", id);
        await work.update({ ...patient, active: true });
      },
    );
    let looks = 0;
    const run = erasureRun(clinic, {
      clock: clinic.clock,
      meanwhile: async (task) => {
        if (task !== "ErasureCertify") return;
        looks += 1;
        expect(await statusOf(clinic, id)).toBe("shredded");
        if (looks !== 6) return;
        const job = await imports.find(begun.id);
        if (job !== undefined) await imports.end(job, bySystem, "completed");
      },
    });
    expect(await run.erase(id, "one")).toBe("SUCCEEDED");
    expect(looks).toBe(7);
    expect(await statusOf(clinic, id)).toBe("certified");
    expect(await clinic.exchange.versions.count(file)).toBe(0);
  });

  it("is one for one request, and there is none for who is erased or never was", async () => {
    const clinic = aClinic();
    const id = await clinic.create();
    const store = await clinic.erasures();
    const first = await store.request(bySystem, id, "one");
    expect(await store.request(bySystem, id, "one")).toEqual(first);
    await expect(store.request(bySystem, id, "two")).rejects.toMatchObject({
      name: "ErasureRunning",
    });
    await expect(
      store.request(bySystem, clinic.newId(), "one"),
    ).rejects.toMatchObject({ status: 404 });
    await expect(
      store.request(bySystem, "nobody", "one"),
    ).rejects.toMatchObject({ status: 404 });
    const run = erasureRun(clinic, { clock: clinic.clock });
    await run.erase(id, "one");
    await expect(store.request(bySystem, id, "two")).rejects.toMatchObject({
      status: 410,
    });
    await expect(
      (await clinic.holds()).place(bySystem, id, hold),
    ).rejects.toMatchObject({ status: 410 });
  });

  it("shuts the compartment: no write and no hold comes in between shredding and sweeping", async () => {
    const clinic = aClinic();
    const id = await clinic.create();
    const run = erasureRun(clinic, {
      clock: clinic.clock,
      meanwhile: async (task) => {
        if (task !== "ErasureSweep") return;
        await expect(
          clinic.records.change(bySystem, (work) =>
            work.create({
              resourceType: "Communication",
              status: "completed",
              subject: { reference: `Patient/${id}` },
            }),
          ),
        ).rejects.toMatchObject({ status: 410 });
        await expect(
          clinic.records.read(bySystem, "Patient", id),
        ).rejects.toMatchObject({ status: 410 });
      },
    });
    expect(await run.erase(id, "one")).toBe("SUCCEEDED");
  });
});

it("an erasure that a journey of its own has started notes its request itself", async () => {
  const clinic = aClinic();
  const id = await clinic.create();
  const check = erasureCheck({
    ...clinic,
    log: Object.assign(() => undefined, { error: () => undefined }),
  });
  const input = { execution: "e", patient: id, request: "request-1" };
  expect(await check(input, {})).toEqual({ decision: "erase" });
  expect(await check(input, {})).toEqual({ decision: "erase" });
  expect(await (await clinic.erasures()).find(id)).toMatchObject({
    request: "request-1",
    by: "system:erasure-check",
  });
});
