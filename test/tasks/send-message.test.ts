import type { Communication, Patient } from "@medplum/fhirtypes";
import { describe, expect, it } from "vitest";
import {
  addressOf,
  deadAddresses,
  reasonCode,
} from "../../functions/core/communication.ts";
import { onlyBy } from "../../functions/core/confidential.ts";
import { optOut } from "../../functions/core/consent.ts";
import { ulids } from "../../functions/core/ids.ts";
import type { Outbound } from "../../functions/outbound/channels.ts";
import { sendMessage } from "../../functions/tasks/send-message.ts";
import { demo } from "../../organizations/demo.ts";
import type { OrganizationSettings } from "../../functions/core/settings.ts";
import {
  clinic,
  type Clinic,
  type ClinicOptions,
} from "../../simulator/pre-visit-clinic.ts";
import {
  bookingTime,
  invented,
  mobile,
  visitTime,
} from "../../simulator/pre-visit-scenarios.ts";
import { bySystem } from "../record.ts";

const step = {
  start: visitTime,
  step: "reminder-72h",
  message: "reminder",
  now: "2026-03-03T15:00:00.000Z",
  expires: "2026-03-05T15:00:00.000Z",
} as const;

/** A booked visit of which no journey knows: its task is called by hand. */
const aVisit = async (
  options: Partial<ClinicOptions> = {},
  patient: Partial<Patient> = {},
) => {
  const stage = await clinic({ start: bookingTime, idle: true, ...options });
  const { id } = await stage.admit({ ...invented, ...patient });
  const appointment = await stage.book(id, visitTime);
  const input = {
    ...step,
    execution: "pre-visit-a",
    patient: id,
    appointment: appointment.id,
  };
  const send = (changes: object = {}): Promise<unknown> => {
    const task = stage.tasks.SendMessage;
    if (task === undefined) throw new Error("there is no such task");
    return task({ ...input, ...changes }, {});
  };
  const messages = async (): Promise<readonly Communication[]> => {
    const all = await stage.records.change(bySystem, (work) =>
      work.ofPatient("Communication", id),
    );
    return all.filter(({ identifier = [] }) =>
      identifier.some(({ value }) => value?.startsWith("pre-visit-a/")),
    );
  };
  return {
    stage,
    patient: id,
    appointment: appointment.id,
    input,
    send,
    messages,
  };
};

describe("a message", () => {
  it("is written down with its reasons, its text and the provider's id", async () => {
    const { send, messages, stage } = await aVisit();
    expect(await send()).toEqual({ outcome: "sent" });
    const [message] = await messages();
    expect(message).toMatchObject({
      status: "in-progress",
      sent: step.now,
      category: [{ coding: [{ code: "reminder" }] }],
      medium: [{ coding: [{ code: "sms" }] }],
      payload: [
        {
          contentString: expect.stringContaining(
            "Eat and drink nothing",
          ) as string,
        },
        { contentString: stage.sent.at(-1)?.text },
      ],
      identifier: expect.arrayContaining([
        { system: "urn:sojourn:message", value: "pre-visit-a/reminder-72h" },
        {
          system: "urn:sojourn:provider:sms",
          value: stage.sent.at(-1)?.messageId,
        },
      ]) as unknown,
      extension: expect.arrayContaining([
        { url: "urn:sojourn:rule", valueCode: "jurisdiction" },
      ]) as unknown,
    });
  });

  it("is sent once however often the task runs", async () => {
    const { send, stage } = await aVisit();
    const before = stage.handed.length;
    for (let run = 0; run < 3; run += 1)
      expect(await send()).toEqual({ outcome: "sent" });
    expect(stage.handed.length - before).toBe(1);
  });

  it("is sent once when two runs meet", async () => {
    const { send, stage, messages } = await aVisit();
    const before = stage.handed.length;
    await Promise.allSettled([send(), send(), send()]);
    expect(stage.handed.length - before).toBe(1);
    expect(await messages()).toHaveLength(1);
  });

  it("of which a crash left only the intent is not sent again, and somebody is asked to call", async () => {
    const { send, stage, messages } = await aVisit({
      provider: () => {
        throw new Error("the function was killed");
      },
    });
    await expect(send()).rejects.toMatchObject({ name: "Unexpected" });
    const attempts = stage.handed.length;
    expect((await messages())[0]?.status).toBe("preparation");
    expect(await send()).toEqual({
      outcome: "escalated",
      reason: "unknown-outcome",
    });
    expect(await send()).toEqual({
      outcome: "escalated",
      reason: "unknown-outcome",
    });
    expect(stage.handed).toHaveLength(attempts);
    expect(
      (await messages()).map((one) => [one.status, reasonCode(one)]),
    ).toEqual([["stopped", "unknown-outcome"]]);
  });

  it("waits out quiet hours and keeps one record of all that", async () => {
    const { send, messages } = await aVisit();
    const night = { now: "2026-03-04T03:00:00.000Z" };
    const waits = {
      outcome: "deferred",
      until: "2026-03-04T14:00:00.000Z",
      reason: "quiet-hours",
    };
    expect(await send(night)).toEqual(waits);
    expect(await send(night)).toEqual(waits);
    expect((await messages()).map(({ status }) => status)).toEqual(["on-hold"]);
    expect(await send({ now: "2026-03-04T14:00:00.000Z" })).toEqual({
      outcome: "sent",
    });
    expect(
      (await messages()).map(({ status, statusReason }) => [
        status,
        statusReason,
      ]),
    ).toEqual([["in-progress", undefined]]);
  });

  it("is not sent when the visit is cancelled a second before", async () => {
    const { send, stage, appointment, messages } = await aVisit();
    await stage.cancel(appointment);
    expect(await send()).toEqual({
      outcome: "suppressed",
      reason: "not-booked",
    });
    expect(
      (await messages()).map((one) => [one.status, reasonCode(one)]),
    ).toEqual([["not-done", "not-booked"]]);
  });

  it("is not sent when the patient opts out a moment before", async () => {
    const { send, stage, patient } = await aVisit(
      {},
      { telecom: [{ system: "phone", use: "mobile", value: mobile }] },
    );
    await stage.act((work) => work.create(optOut(patient, "sms", bookingTime)));
    const before = stage.sent.length;
    expect(await send()).toEqual({ outcome: "sent" });
    expect(stage.sent).toHaveLength(before);
    expect(stage.handed.at(-1)).toEqual({ channel: "portal" });
  });

  it("is decided anew when the patient opts out between the decision and the record of it", async () => {
    const { stage, patient, input } = await aVisit();
    const handed: Outbound[] = [];
    const revocations = [
      optOut(patient, "sms", bookingTime),
      onlyBy(patient, { means: "portal" }, bookingTime),
    ];
    let decisions = 0;
    const send = sendMessage({
      organization: demo.settings,
      newId: ulids(() => Date.parse(step.now)),
      log: Object.assign(() => undefined, { error: () => undefined }),
      channels: {
        send: (message) => {
          handed.push(message);
          return Promise.resolve({ outcome: "accepted", messageId: "m" });
        },
      },
      records: {
        ...stage.records,
        change: (context, body) =>
          stage.records.change(context, async (work) => {
            const result = await body(work);
            decisions += 1;
            const revocation = revocations.shift();
            if (revocation !== undefined)
              await stage.act((other) => other.create(revocation));
            return result;
          }),
      },
    });
    expect(await send(input, {})).toEqual({ outcome: "sent" });
    expect(handed.map(({ channel }) => channel)).toEqual(["portal"]);
    expect(decisions).toBeGreaterThan(2);
  });

  it("goes nowhere but to the confidential address, and to a person when that leads nowhere", async () => {
    const secret = "+12025550199";
    const { send, stage, patient, messages } = await aVisit({
      provider: (message) =>
        message.channel === "sms" && message.to === secret
          ? { outcome: "refused", reason: "invalid-address", permanent: true }
          : undefined,
    });
    await stage.act((work) =>
      work.create(
        onlyBy(patient, { means: "sms", address: secret }, bookingTime),
      ),
    );
    const before = stage.handed.length;
    expect(await send()).toEqual({
      outcome: "escalated",
      reason: "unreachable",
    });
    expect(stage.handed.slice(before)).toMatchObject([
      { channel: "sms", to: secret },
    ]);
    expect((await messages()).map(({ status }) => status)).toEqual([
      "not-done",
    ]);
  });

  it("answers no text from a number at which the patient must not be reached", async () => {
    const { stage, patient, send } = await aVisit();
    await send();
    await stage.act((work) =>
      work.create(onlyBy(patient, { means: "email" }, bookingTime)),
    );
    const before = stage.handed.length;
    await stage.text(mobile, "HELP");
    await stage.text(mobile, "STOP");
    expect(stage.handed).toHaveLength(before);
    const consents = await stage.records.change(bySystem, (work) =>
      work.ofPatient("Consent", patient),
    );
    expect(consents).toHaveLength(2);
  });

  it("goes to the guardian until the eighteenth birthday, also when that comes mid-journey", async () => {
    const { send, stage, patient, messages } = await aVisit(
      {},
      { birthDate: "2008-03-04" },
    );
    await stage.act((work) =>
      work.create({
        resourceType: "RelatedPerson",
        patient: { reference: `Patient/${patient}` },
        relationship: [{ coding: [{ code: "MTH" }] }],
        telecom: [{ system: "phone", use: "mobile", value: "+12025550166" }],
      }),
    );
    await send({ step: "reminder-72h", now: "2026-03-03T15:00:00.000Z" });
    await send({ step: "reminder-24h", now: "2026-03-04T15:00:00.000Z" });
    expect((await messages()).map(addressOf)).toEqual(["+12025550166", mobile]);
  });

  it("that the provider refuses because of an opt-out makes us remember that, too", async () => {
    const { send, stage, patient } = await aVisit({
      provider: ({ channel }) =>
        channel === "sms"
          ? { outcome: "refused", reason: "opted-out", permanent: true }
          : undefined,
    });
    expect(await send()).toEqual({ outcome: "sent" });
    const consents = await stage.records.change(bySystem, (work) =>
      work.ofPatient("Consent", patient),
    );
    expect(consents).toMatchObject([
      {
        status: "active",
        provision: { type: "deny", code: [{ coding: [{ code: "sms" }] }] },
      },
    ]);
    expect(stage.handed.at(-1)).toEqual({ channel: "portal" });
  });

  it("that the provider puts off is tried again by the journey", async () => {
    let busy = true;
    const { send, messages } = await aVisit({
      provider: () =>
        busy
          ? { outcome: "refused", reason: "throttled", permanent: false }
          : undefined,
    });
    await expect(send()).rejects.toMatchObject({ name: "ChannelUnavailable" });
    busy = false;
    expect(await send()).toEqual({ outcome: "sent" });
    expect(await messages()).toHaveLength(1);
  });

  const agreement = demo.settings.agreements[0];
  const unbound = (channels: OrganizationSettings["channels"]) => ({
    organization: {
      ...demo.settings,
      channels,
      agreements:
        agreement === undefined ? [] : [{ ...agreement, until: "2026-03-02" }],
    },
  });
  const refusals = ({ logged }: Clinic) =>
    logged
      .filter(({ fact }) => fact === "VendorRefused")
      .map(
        ({ ids: { channel, reason } }) => `${channel ?? ""}: ${reason ?? ""}`,
      );

  it("goes another way the day after an agreement with a vendor ended", async () => {
    const { send, stage, messages } = await aVisit(
      unbound(["sms", "email", "portal"]),
    );
    stage.handed.splice(0);
    expect(await send()).toEqual({ outcome: "sent" });
    expect(stage.handed).toEqual([{ channel: "portal" }]);
    expect(refusals(stage)).toEqual([
      "sms: vendor-agreement-expired",
      "email: vendor-agreement-expired",
    ]);
    expect((await messages())[0]?.extension).toContainEqual({
      url: "urn:sojourn:rule",
      valueCode: "vendor-agreement",
    });
  });

  it("for which no vendor is bound is not sent, and somebody is asked to reach the patient", async () => {
    const { send, stage, messages } = await aVisit(unbound(["sms", "email"]));
    stage.handed.splice(0);
    for (let run = 0; run < 3; run += 1)
      expect(await send()).toEqual({
        outcome: "escalated",
        reason: "unreachable",
      });
    expect(stage.handed).toEqual([]);
    expect(
      (await messages()).map((one) => [one.status, reasonCode(one)]),
    ).toEqual([["not-done", "vendor-agreement"]]);
  });

  it("that is withheld at the edge goes another way, and the address stays a good one", async () => {
    const { send, stage, messages } = await aVisit({
      provider: ({ channel }) =>
        channel === "sms"
          ? { outcome: "withheld", reason: "vendor-agreement" }
          : undefined,
    });
    stage.handed.splice(0);
    expect(await send()).toEqual({ outcome: "sent" });
    expect(stage.handed.map(({ channel }) => channel)).toEqual([
      "sms",
      "portal",
    ]);
    expect(deadAddresses(await messages())).toEqual([]);
  });

  it("goes to the person as the surviving record of a merge knows them", async () => {
    const { send, stage, patient, messages } = await aVisit();
    const survivor = await stage.admit({
      ...invented,
      telecom: [{ system: "phone", use: "mobile", value: "+12025550177" }],
    });
    await stage.act(async (work) => {
      const loser = await work.read("Patient", patient);
      if (loser !== undefined)
        await work.update({
          ...loser,
          active: false,
          link: [
            {
              type: "replaced-by",
              other: { reference: `Patient/${survivor.id}` },
            },
          ],
        });
    });
    expect(await send()).toEqual({ outcome: "sent" });
    expect((await messages()).map(addressOf)).toEqual(["+12025550177"]);
  });

  it("of a child goes to the parent", async () => {
    const { send, stage, patient, messages } = await aVisit(
      {},
      { birthDate: "2016-05-05" },
    );
    const parent = await stage.act((work) =>
      work.create({
        resourceType: "RelatedPerson",
        patient: { reference: `Patient/${patient}` },
        relationship: [
          {
            coding: [
              {
                system: "http://terminology.hl7.org/CodeSystem/v3-RoleCode",
                code: "FTH",
              },
            ],
          },
        ],
        telecom: [{ system: "phone", use: "mobile", value: "+12025550166" }],
      }),
    );
    await send();
    expect((await messages())[0]).toMatchObject({
      recipient: [{ reference: `RelatedPerson/${parent.id}` }],
      subject: { reference: `Patient/${patient}` },
    });
  });

  it.each([
    ["a time that is none", { now: "tomorrow" }],
    ["a message that is none", { message: "advertisement" }],
    ["no patient", { patient: "" }],
  ])("is refused with %s", async (_, changes) => {
    const { send } = await aVisit();
    await expect(send(changes)).rejects.toThrow();
  });
});
