import { createHmac } from "node:crypto";
import type {
  Bundle,
  OperationOutcome,
  Parameters,
  Patient,
  Task,
} from "@medplum/fhirtypes";
import { describe, expect, it } from "vitest";
import { ownerUrl, sealUrl } from "../../functions/core/subscription.ts";
import { asClient, codesOf, nurse } from "../api/server.ts";
import { bySystem } from "../record.ts";
import { aSubscriber, aSubscription, ehr, type Heard } from "./subscriber.ts";

const aPatient = (more: Partial<Patient> = {}): Patient => ({
  resourceType: "Patient",
  active: true,
  name: [{ family: "Quixworth", given: ["Zebedee"] }],
  telecom: [{ system: "phone", value: "+12025550143" }],
  ...more,
});

/** An active subscription, its handshake forgotten. */
const subscribed = async (more: object = {}) => {
  const stage = aSubscriber();
  const { id } = await stage.make(aSubscription(more));
  await stage.settle();
  stage.heard.splice(0);
  return { ...stage, id };
};

const focusOf = ({ body }: Heard): string | undefined => {
  const { entry = [] } = JSON.parse(body) as Bundle;
  const [status] = entry;
  return (status?.resource as Parameters).parameter
    ?.find(({ name }) => name === "notification-event")
    ?.part?.find(({ name }) => name === "focus")?.valueReference?.reference;
};

describe("a subscription", () => {
  it("works once its endpoint has answered, for the client that asked", async () => {
    const { make, read, settle, heard } = aSubscriber();
    const { id, status } = await make(aSubscription());
    expect(status).toBe("requested");
    await settle();
    const after = await read(id);
    expect(after.status).toBe("active");
    expect(after.extension).toContainEqual({
      url: ownerUrl,
      valueString: "client:ehr",
    });
    expect(heard).toHaveLength(1);
    expect(heard[0]).toMatchObject({
      url: "https://ehr.example/hook",
      headers: {
        "x-sojourn-event": "handshake",
        "x-sojourn-subscription": id,
      },
    });
  });

  it("signs what it sends with a secret that its owner knows before the first request", async () => {
    const { server, make, put, settle, heard } = aSubscriber();
    const subscription = await make(aSubscription({ status: "off" }));
    const { body } = await server.ask<Parameters>(
      "GET",
      `/Subscription/${subscription.id}/$signing-secret`,
      { as: ehr },
    );
    const secret = body.parameter?.[0]?.valueString ?? "";
    expect(secret).toMatch(/^[0-9a-f]{32}$/);
    await put({ ...subscription, status: "requested" });
    await settle();
    await make(aPatient());
    await settle();
    expect(heard).toHaveLength(2);
    for (const { headers, body: sent } of heard) {
      const [, seconds = "", hex] =
        /^t=(\d+),v1=([0-9a-f]{64})$/.exec(
          headers["x-sojourn-signature"] ?? "",
        ) ?? [];
      expect(hex).toBe(
        createHmac("sha256", secret).update(`${seconds}.${sent}`).digest("hex"),
      );
    }
    const others = await server.ask(
      "GET",
      `/Subscription/${subscription.id}/$signing-secret`,
      { as: { ...asClient("system/*.cruds"), id: "crm" } as never },
    );
    expect(others.status).toBe(403);
  });

  it("announces a change by reference and holds nothing of the patient", async () => {
    const { make, settle, heard } = await subscribed();
    const { id } = await make(aPatient());
    await settle();
    expect(heard.map(focusOf)).toEqual([`Patient/${id}`]);
    expect(JSON.stringify(heard)).not.toMatch(/Quixworth|Zebedee|5550143/);
  });

  it("without a payload says only that something changed", async () => {
    const { make, settle, heard } = await subscribed({
      channel: { payload: undefined, _payload: undefined },
    });
    await make(aPatient());
    await settle();
    expect(heard.map(({ body }) => body)).toEqual([""]);
    expect(heard[0]?.headers).not.toHaveProperty("content-type");
  });

  it("is silent about what it did not ask for, and about deletions", async () => {
    const { server, make, settle, heard } = await subscribed({
      criteria: "Practitioner?active=true",
    });
    await make(aPatient());
    await make({ resourceType: "Practitioner", active: false });
    const { id } = await make({ resourceType: "Practitioner", active: true });
    await server.ask("DELETE", `/Practitioner/${id}`, { as: ehr });
    await settle();
    expect(heard.map(focusOf)).toEqual([`Practitioner/${id}`]);
  });

  it("writes into the record that its owner learnt of a patient", async () => {
    const { table, make, settle } = await subscribed();
    const readers = () =>
      table
        .dump()
        .filter(({ kind, pk }) => kind === "read" && pk === `PATIENT#${id}`)
        .map(({ by }) => by);
    const { id } = await make(aPatient());
    await settle();
    expect(readers()).toContain("client:ehr");
  });

  it("ends when its time has come", async () => {
    const { clock, make, settle, heard, read, id } = await subscribed({
      end: "2026-03-02T12:00:00Z",
    });
    clock.now = new Date("2026-03-02T12:00:01Z");
    await make(aPatient());
    await settle();
    expect(heard).toEqual([]);
    expect((await read(id)).status).toBe("off");
  });

  it("is silent once it is off, also about what was already under way", async () => {
    const { make, put, read, events, hear, settle, heard, id, queue } =
      await subscribed();
    await make(aPatient());
    await hear(events());
    expect(queue).toHaveLength(1);
    await put({ ...(await read(id)), status: "off" });
    await settle();
    expect(heard).toEqual([]);
  });
});

describe("what is asked wrongly is named at once", () => {
  it.each([
    ["Appointment?favourite=1", "favourite"],
    ["Appointment?patient.name=x", "chained"],
    ["Appointment?_has:Observation:subject:code=x", "chained"],
    ["Appointment?date=yesterday", "date"],
    ["Appointment?status=booked&_count=5", "_count"],
    ["Nonsense?status=booked", "resource type"],
  ])("%s", async (criteria, named) => {
    const { server } = aSubscriber();
    const answer = await server.ask<OperationOutcome>("POST", "/Subscription", {
      as: ehr,
      body: aSubscription({ criteria }),
    });
    expect(answer.status).toBe(422);
    const [issue] = answer.body.issue;
    expect(issue?.details?.text).toContain(named);
    expect(issue?.expression).toEqual(["Subscription.criteria"]);
    expect(answer.text).not.toContain("yesterday");
  });

  it("a client's scopes decide what it may follow", async () => {
    const { server } = aSubscriber();
    const ask = async (...scopes: string[]) =>
      (
        await server.ask("POST", "/Subscription", {
          as: asClient("system/Subscription.cruds", ...scopes),
          body: aSubscription({ criteria: "Appointment?status=booked" }),
        })
      ).status;
    expect(await ask()).toBe(403);
    expect(await ask("system/Appointment.r")).toBe(403);
    expect(await ask("system/Appointment.rs")).toBe(201);
  });

  it("in a bundle it becomes the subscription's error", async () => {
    const { server, settle, read, heard } = aSubscriber();
    const { body } = await server.ask<Bundle>("POST", "", {
      as: ehr,
      body: {
        resourceType: "Bundle",
        type: "transaction",
        entry: [
          {
            resource: aSubscription({ criteria: "Appointment?favourite=1" }),
            request: { method: "POST", url: "Subscription" },
          },
        ],
      },
    });
    const id =
      /Subscription\/(\w+)/.exec(
        body.entry?.[0]?.response?.location ?? "",
      )?.[1] ?? "";
    await settle();
    const { status, error } = await read(id);
    expect(status).toBe("error");
    expect(error).toContain("favourite");
    expect(heard).toEqual([]);
  });

  it.each([
    ["a header", { header: ["Authorization: Bearer x"] }],
    ["resources in the payload", { _payload: undefined }],
    ["a user in the address", { endpoint: "https://me:pw@ehr.example/" }],
    ["plain http", { endpoint: "http://ehr.example/" }],
  ])("%s", async (_, channel) => {
    const { server } = aSubscriber();
    const answer = await server.ask("POST", "/Subscription", {
      as: ehr,
      body: aSubscription({ channel }),
    });
    expect(answer.status).toBe(422);
    expect(codesOf(answer)).toEqual(["business-rule"]);
  });
});

describe("only the server says that one works", () => {
  const forged = [
    { url: ownerUrl, valueString: "client:ehr" },
    { url: sealUrl, valueString: "0".repeat(32) },
  ];

  it("a client may not set active", async () => {
    const { make, put } = aSubscriber();
    const subscription = await make(aSubscription());
    const { status } = await put({ ...subscription, status: "active" });
    expect(status).toBe(422);
  });

  it("a forged seal brings no notification and is found out", async () => {
    const { make, put, read, settle, heard } = aSubscriber();
    const subscription = await make(aSubscription());
    const { status } = await put({
      ...subscription,
      status: "active",
      extension: forged,
    });
    expect(status).toBe(200);
    await make(aPatient());
    await settle();
    expect(heard).toEqual([]);
    expect(await read(subscription.id)).toMatchObject({ status: "error" });
  });

  it("what an active one asks for is not changed under it", async () => {
    const { read, put, id, settle, heard } = await subscribed();
    const active = await read(id);
    const changed = { ...active, criteria: "Practitioner?active=true" };
    expect((await put(changed)).status).toBe(422);
    expect((await put({ ...changed, status: "requested" })).status).toBe(200);
    await settle();
    expect(heard.map(({ headers }) => headers["x-sojourn-event"])).toEqual([
      "handshake",
    ]);
    expect((await read(id)).status).toBe("active");
  });

  it("staff do not subscribe", async () => {
    const { server } = aSubscriber();
    const { status } = await server.ask("POST", "/Subscription", {
      as: nurse,
      body: aSubscription(),
    });
    expect(status).toBe(403);
  });

  it("a client whose scopes were taken away learns nothing more", async () => {
    const scopes: Record<string, readonly string[]> = {
      ehr: ["system/*.cruds"],
    };
    const { make, settle, heard, logged } = aSubscriber(scopes);
    await make(aSubscription());
    await settle();
    heard.splice(0);
    scopes.ehr = ["system/Subscription.cruds"];
    await make(aPatient());
    await settle();
    expect(heard).toEqual([]);
    expect(logged.map(({ fact }) => fact)).toContain("NotificationWithheld");
  });
});

describe("an endpoint that fails", () => {
  it("at the handshake is its developer's to mend", async () => {
    const { make, read, settle, endpoint, heard, answered } = aSubscriber();
    endpoint.answer = () => answered(500);
    const { id } = await make(aSubscription());
    await settle();
    expect(heard).toHaveLength(3);
    expect(await read(id)).toMatchObject({
      status: "error",
      error: "The endpoint answered 500.",
    });
  });

  it("is asked again with the same id, ever later, and in the end a person is", async () => {
    const { server, make, read, id, events, hear, post, ...stage } =
      await subscribed();
    const { queue, heard, buried, endpoint } = stage;
    endpoint.answer = () => ({ outcome: "failed", reason: "timeout" });
    await make(aPatient());
    await hear(events());
    const delays: number[] = [];
    for (let next = queue.shift(); next; next = queue.shift()) {
      delays.push(next.after);
      await post([next.notification]);
    }
    expect(delays.slice(0, 6)).toEqual([0, 30, 60, 120, 240, 450]);
    expect(delays).toHaveLength(20);
    expect(new Set(heard.map((one) => one.id)).size).toBe(1);
    expect(buried).toHaveLength(1);
    expect(await read(id)).toMatchObject({
      status: "error",
      error: "The endpoint did not answer within 5 seconds.",
    });
    const tasks = await server.records.change(bySystem, (work) =>
      work.byIdentifier("Task", "urn:sojourn:task", `subscription/${id}/3`),
    );
    expect(tasks).toMatchObject([
      { focus: { reference: `Subscription/${id}` } } satisfies Partial<Task>,
    ]);
  });

  it("of somebody whom no agreement binds is not tried again, and a person is told", async () => {
    const { server, make, read, settle, endpoint, id, heard, logged, buried } =
      await subscribed();
    endpoint.answer = () => ({ outcome: "failed", reason: "vendor-agreement" });
    await make(aPatient());
    await settle();
    await make(aPatient());
    await settle();
    expect(heard.map(({ tells }) => tells)).toEqual([["contact-details"]]);
    expect(buried).toHaveLength(1);
    expect((await read(id)).error).toContain("agreement");
    expect(logged).toContainEqual({
      fact: "VendorRefused",
      ids: { id, channel: "subscriptions" },
    });
    const tasks = await server.records.change(bySystem, (work) =>
      work.byIdentifier("Task", "urn:sojourn:task", `subscription/${id}/3`),
    );
    expect(tasks).toHaveLength(1);
  });

  it("that answers 410 is left alone", async () => {
    const { make, read, settle, endpoint, id, heard, answered } =
      await subscribed();
    endpoint.answer = () => answered(410);
    await make(aPatient());
    await settle();
    expect(heard).toHaveLength(1);
    expect((await read(id)).status).toBe("off");
  });
});
