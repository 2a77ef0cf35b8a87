import type { AuditEvent, Bundle, Task } from "@medplum/fhirtypes";
import { describe, expect, it } from "vitest";
import type { Caller } from "../../functions/core/caller.ts";
import { emergencyFor } from "../../functions/store/emergency.ts";
import { bySystem } from "../record.ts";
import { aPatient } from "../store/builders.ts";
import { asPatient, aServer, type Answer, type Server } from "./server.ts";

const minutes = 60_000;

const clinic = async () => {
  const clock = { now: Date.parse("2026-03-02T15:00:00.000Z") };
  const server = aServer({ now: () => new Date(clock.now) });
  const patient = await server.records.change(bySystem, (work) =>
    work.create(aPatient()),
  );
  const staff = (
    role: "nurse" | "clinician" | "front-desk" | "privacy-officer",
    signedIn = clock.now,
  ): Caller => ({
    kind: "staff",
    id: `${role}-1`,
    roles: [role],
    token: "t",
    signedIn: { session: `${role}-${String(signedIn)}`, at: signedIn },
  });
  const open = (as: Caller, change: object = {}) =>
    server.ask<object>("POST", "/v1/emergency-access", {
      as,
      body: {
        patient: patient.id,
        reason: "life-threatening",
        text: "Unconscious in room two",
        ...change,
      },
    });
  const isOpen = (id: string, at = clock.now): Promise<boolean> =>
    emergencyFor(server, [patient.id], id, new Date(at));
  return { clock, server, patient, staff, open, isOpen };
};

const tasksOf = (server: Server, patient: string) =>
  server.records.change(bySystem, (work) => work.ofPatient("Task", patient));

const problemOf = ({ body }: Answer<unknown>): string =>
  (body as { detail: string }).detail;

describe("an emergency access", () => {
  it("opens for an hour to the one who asked, and ends by itself", async () => {
    const { clock, staff, open, isOpen, patient } = await clinic();
    const start = clock.now;
    expect(await isOpen("nurse-1")).toBe(false);
    const answer = await open(staff("nurse"));
    expect(answer.status).toBe(201);
    expect(answer.body).toMatchObject({
      patient: patient.id,
      staff: "nurse-1",
      from: "2026-03-02T15:00:00.000Z",
      until: "2026-03-02T16:00:00.000Z",
    });
    expect(await isOpen("nurse-1")).toBe(true);
    expect(await isOpen("clinician-1")).toBe(false);
    expect(await isOpen("nurse-1", start + 60 * minutes - 1)).toBe(true);
    expect(await isOpen("nurse-1", start + 60 * minutes)).toBe(false);
  });

  it.each(["nurse", "clinician"] as const)("is for a %s", async (role) => {
    const { staff, open } = await clinic();
    expect((await open(staff(role))).status).toBe(201);
  });

  it.each(["front-desk", "privacy-officer"] as const)(
    "is not for a %s",
    async (role) => {
      const { staff, open, isOpen } = await clinic();
      const answer = await open(staff(role));
      expect(answer.status).toBe(403);
      expect(await isOpen(`${role}-1`)).toBe(false);
    },
  );

  it("needs a sign-in of the last five minutes", async () => {
    const { clock, staff, open, isOpen } = await clinic();
    const answer = await open(staff("nurse", clock.now - 6 * minutes));
    expect(answer.status).toBe(403);
    expect(problemOf(answer)).toContain("step-up-required");
    expect(await isOpen("nurse-1")).toBe(false);
    expect((await open(staff("nurse", clock.now - 4 * minutes))).status).toBe(
      201,
    );
  });

  it.each([
    { reason: "curious" },
    { text: "short" },
    { text: undefined },
    { patient: "nobody" },
    { minutes: 600 },
  ])("asked with %j is refused by the field's name", async (change) => {
    const { staff, open, isOpen } = await clinic();
    const answer = await open(staff("nurse"), change);
    expect(answer.status).toBe(400);
    expect(await isOpen("nurse-1")).toBe(false);
  });

  it("of nobody in the record is not found, and nothing opens", async () => {
    const { server, staff, open } = await clinic();
    const id = server.newId();
    const answer = await open(staff("nurse"), { patient: id });
    expect(answer.status).toBe(404);
  });

  it("is the privacy officer's urgent task, with the reason, before anything else", async () => {
    const { server, staff, open, patient } = await clinic();
    await open(staff("nurse"));
    const [task] = (await tasksOf(server, patient.id)) as readonly Task[];
    expect(task).toMatchObject({
      status: "requested",
      priority: "urgent",
      performerType: [{ coding: [{ code: "privacy-officer" }] }],
      for: { reference: `Patient/${patient.id}` },
    });
    expect(JSON.stringify(task?.input)).toContain("Unconscious in room two");
    expect(JSON.stringify(task?.input)).toContain("nurse-1");
    expect(server.logged).toContainEqual({
      fact: "EmergencyAccessOpened",
      ids: expect.objectContaining({ reason: "life-threatening" }) as object,
    });
  });

  it("is seen by the patient", async () => {
    const { server, staff, open, patient } = await clinic();
    await open(staff("nurse"));
    const { body } = await server.ask<Bundle<AuditEvent>>(
      "GET",
      "/AuditEvent",
      { as: asPatient(patient.id), query: { patient: patient.id } },
    );
    const event = body.entry
      ?.map(({ resource }) => resource)
      .find((one) =>
        one?.subtype?.some(({ code }) => code === "EmergencyAccessOpened"),
      );
    expect(event).toMatchObject({ type: { code: "110113" }, action: "E" });
    expect(event?.subtype).toContainEqual(
      expect.objectContaining({ code: "110127" }),
    );
    expect(event?.agent[0]?.who?.identifier?.value).toBe("nurse-1");
    expect(JSON.stringify(body)).not.toContain("Unconscious");
  });

  it("lets read what is closed, to who says that it is an emergency, and only then", async () => {
    const { clock, server, staff, open, patient } = await clinic();
    const closed = await server.records.change(bySystem, (work) =>
      work.create({
        resourceType: "Condition",
        code: { text: "Closed" },
        subject: { reference: `Patient/${patient.id}` },
        meta: {
          security: [
            {
              system:
                "http://terminology.hl7.org/CodeSystem/v3-Confidentiality",
              code: "V",
            },
          ],
        },
      }),
    );
    const read = async (purpose?: string, as = staff("nurse")) => {
      const headers =
        purpose === undefined ? {} : { "X-Purpose-Of-Use": purpose };
      const path = `/Condition/${closed.id}`;
      return (await server.ask("GET", path, { as, headers })).status;
    };
    expect(await read()).toBe(403);
    expect(await read("ETREAT")).toBe(403);
    await open(staff("nurse"));
    expect(await read()).toBe(403);
    expect(await read("ETREAT")).toBe(200);
    expect(await read("ETREAT", staff("clinician"))).toBe(403);
    const { items } = await server.table.query({
      pk: `PATIENT#${patient.id}`,
      prefix: "F#",
    });
    expect(
      items
        .filter(({ kind, by }) => kind === "read" && by === "staff:nurse-1")
        .map(({ purpose }) => purpose),
    ).toEqual(["ETREAT"]);
    clock.now += 60 * minutes;
    expect(await read("ETREAT", staff("nurse", clock.now))).toBe(403);
  });

  it("to one record of a person opens all of them, also those merged later", async () => {
    const { server, staff, open, patient } = await clinic();
    await open(staff("nurse"));
    const survivor = await server.records.change(bySystem, (work) =>
      work.create(aPatient()),
    );
    const closed = await server.records.change(bySystem, async (work) => {
      await work.update({
        ...patient,
        active: false,
        link: [
          {
            other: { reference: `Patient/${survivor.id}` },
            type: "replaced-by",
          },
        ],
      });
      return work.create({
        resourceType: "Condition",
        code: { text: "Closed" },
        subject: { reference: `Patient/${survivor.id}` },
        meta: {
          security: [
            {
              system:
                "http://terminology.hl7.org/CodeSystem/v3-Confidentiality",
              code: "V",
            },
          ],
        },
      });
    });
    const { status } = await server.ask("GET", `/Condition/${closed.id}`, {
      as: staff("nurse"),
      headers: { "X-Purpose-Of-Use": "ETREAT" },
    });
    expect(status).toBe(200);
  });

  it("asked for twice at once opens once, and says so to the other", async () => {
    const { staff, open, isOpen } = await clinic();
    const answers = await Promise.all([
      open(staff("nurse")),
      open(staff("nurse")),
    ]);
    expect(answers.map(({ status }) => status).toSorted()).toEqual([201, 409]);
    expect(await isOpen("nurse-1")).toBe(true);
  });

  it("can be ended early by the one who has it, not by others", async () => {
    const { clock, server, staff, open, isOpen, patient } = await clinic();
    await open(staff("nurse"));
    const end = (as: Caller) =>
      server.ask("DELETE", `/v1/emergency-access/${patient.id}`, { as });
    expect((await end(staff("clinician"))).status).toBe(404);
    expect(await isOpen("nurse-1")).toBe(true);
    const tired = staff("nurse", clock.now - 10 * minutes);
    expect((await end(tired)).status).toBe(204);
    expect(await isOpen("nurse-1")).toBe(false);
    expect((await end(staff("nurse"))).status).toBe(404);
  });

  it("asked for again lasts from then on, and is another task", async () => {
    const { clock, server, staff, open, isOpen, patient } = await clinic();
    await open(staff("nurse"));
    clock.now += 50 * minutes;
    await open(staff("nurse"));
    expect(await isOpen("nurse-1", clock.now + 59 * minutes)).toBe(true);
    expect(await tasksOf(server, patient.id)).toHaveLength(2);
  });
});

describe("the list of open emergency accesses", () => {
  interface List {
    readonly items: readonly {
      readonly staff: string;
      readonly text: string;
    }[];
  }

  it("tells the privacy officer who, why and until when, and leaves a fact", async () => {
    const { clock, server, staff, open, patient } = await clinic();
    await open(staff("nurse"));
    await open(staff("clinician"));
    const list = () =>
      server.ask<List>("GET", "/v1/emergency-access", {
        as: staff("privacy-officer"),
      });
    const { status, body } = await list();
    expect(status).toBe(200);
    expect(body.items.map((one) => one.staff).toSorted()).toEqual([
      "clinician-1",
      "nurse-1",
    ]);
    expect(body.items[0]?.text).toBe("Unconscious in room two");
    const facts = await server.table.query({
      pk: `PATIENT#${patient.id}`,
      prefix: "F#",
    });
    expect(
      facts.items.filter(({ by }) => by === "staff:privacy-officer-1"),
    ).toHaveLength(2);
    await server.ask("DELETE", `/v1/emergency-access/${patient.id}`, {
      as: staff("nurse"),
    });
    expect((await list()).body.items.map((one) => one.staff)).toEqual([
      "clinician-1",
    ]);
    clock.now += 61 * minutes;
    expect((await list()).body.items).toEqual([]);
  });

  it("is not for those who treat", async () => {
    const { server, staff } = await clinic();
    const { status } = await server.ask("GET", "/v1/emergency-access", {
      as: staff("nurse"),
    });
    expect(status).toBe(403);
  });
});
