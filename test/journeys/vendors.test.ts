import { describe, expect, it } from "vitest";
import { channelOf, reasonCode } from "../../functions/core/communication.ts";
import type { OrganizationSettings } from "../../functions/core/settings.ts";
import { demo } from "../../organizations/demo.ts";
import { clinic } from "../../simulator/pre-visit-clinic.ts";
import {
  bookingTime,
  invented,
  mobile,
  visitTime,
} from "../../simulator/pre-visit-scenarios.ts";
import { bySystem } from "../record.ts";

const covered = ["contact-details" as const, "appointment" as const];

/** A whole journey of a clinic whose vendor for texts is bound until the end of 3 March, the one for e-mail for ever. */
const journey = async (channels: OrganizationSettings["channels"]) => {
  const stage = await clinic({
    start: bookingTime,
    organization: {
      ...demo.settings,
      channels,
      agreements: [
        {
          vendor: "texter",
          services: ["sms"],
          from: "2025-01-01",
          until: "2026-03-03",
          dataClasses: covered,
        },
        {
          vendor: "mailer",
          services: ["email"],
          from: "2025-01-01",
          until: null,
          dataClasses: covered,
        },
      ],
    },
  });
  const { id } = await stage.admit({
    ...invented,
    telecom: [
      { system: "phone", use: "mobile", value: mobile },
      { system: "email", value: "jo@example.com" },
    ],
  });
  await stage.book(id, visitTime);
  await stage.end();
  const { messages, tasks } = await stage.records.change(
    bySystem,
    async (work) => ({
      messages: await work.ofPatient("Communication", id),
      tasks: await work.ofPatient("Task", id),
    }),
  );
  return {
    stage,
    messages: messages
      .toSorted((one, other) => one.id.localeCompare(other.id))
      .map((one) => [one.status, channelOf(one), reasonCode(one)]),
    tasks: tasks.map(({ code }) => code?.coding?.[0]?.code),
  };
};

describe("a journey across the end of an agreement", () => {
  it("goes on by another channel", async () => {
    const { stage, messages } = await journey(["sms", "email"]);
    expect(messages.map(([, channel]) => channel)).toEqual([
      "sms",
      "sms",
      "email",
      "email",
    ]);
    expect(
      stage.sent.filter(
        ({ channel, at }) => channel === "sms" && at > "2026-03-04T05",
      ),
    ).toEqual([]);
  });

  it("becomes a person's work where there is no other, without a second attempt", async () => {
    const { stage, messages, tasks } = await journey(["sms"]);
    expect(messages).toEqual([
      ["in-progress", "sms", undefined],
      ["in-progress", "sms", undefined],
      ["not-done", undefined, "vendor-agreement"],
      ["not-done", undefined, "vendor-agreement"],
    ]);
    expect(stage.handed).toHaveLength(2);
    expect(tasks.filter((reason) => reason === "unreachable")).toHaveLength(2);
  });
});
