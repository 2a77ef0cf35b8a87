import type { RelatedPerson } from "@medplum/fhirtypes";
import { describe, expect, it } from "vitest";
import { openChannels } from "../../functions/core/consent.ts";
import { decide } from "../../functions/core/contact.ts";
import type { Question } from "../../functions/core/contact-question.ts";
import { demo } from "../../organizations/demo.ts";
import {
  aPatient,
  aQuestion,
  anAppointment,
  mail,
  mobile,
  morning,
  refusal,
  visitStart,
} from "./contact-builders.ts";

const reminder = {
  topic: "appointment",
  purpose: "treatment",
  expires: visitStart,
} as const;
const marketing = { topic: "wellness", purpose: "marketing" } as const;
const guardian: RelatedPerson = {
  resourceType: "RelatedPerson",
  id: "guardian",
  patient: { reference: "Patient/child" },
  relationship: [
    {
      coding: [
        {
          system: "http://terminology.hl7.org/CodeSystem/v3-RoleCode",
          code: "MTH",
        },
      ],
    },
  ],
  telecom: [{ system: "phone", use: "mobile", value: "+12025550177" }],
};
const at = (question: Partial<Question>) => decide(aQuestion(question));

describe("a message is suppressed", () => {
  const cases: readonly (readonly [string, Partial<Question>, string])[] = [
    [
      "to the dead",
      { patient: aPatient({ deceasedBoolean: true }) },
      "deceased",
    ],
    [
      "to those with a date of death",
      { patient: aPatient({ deceasedDateTime: "2026-03-01" }) },
      "deceased",
    ],
    [
      "to a record out of use",
      { patient: aPatient({ active: false }) },
      "inactive",
    ],
    [
      "when every channel was refused",
      {
        consents: [
          refusal("sms"),
          refusal("email"),
          refusal("push"),
          refusal("portal"),
        ],
      },
      "opted-out",
    ],
    [
      "when marketing was never asked for",
      { message: marketing },
      "no-consent",
    ],
    [
      "when the topic was declined",
      { patient: aPatient({ extension: [preference("appointment", "none")] }) },
      "topic-declined",
    ],
    [
      "when the visit was cancelled",
      {
        visit: {
          start: visitStart,
          appointment: anAppointment({ status: "cancelled" }),
          location: undefined,
        },
      },
      "not-booked",
    ],
    [
      "when the visit is gone",
      {
        visit: {
          start: visitStart,
          appointment: undefined,
          location: undefined,
        },
      },
      "not-booked",
    ],
    [
      "when the visit was moved",
      {
        visit: {
          start: visitStart,
          appointment: anAppointment({ start: "2026-03-07T15:00:00.000Z" }),
          location: undefined,
        },
      },
      "moved",
    ],
    ["when the visit has begun", { now: "2026-03-06T15:00:00.000Z" }, "past"],
    [
      "when the next message is due already",
      { message: { ...reminder, expires: morning } },
      "too-late",
    ],
    [
      "when the quiet hours last beyond it",
      {
        now: "2026-03-06T05:00:00.000Z",
        message: { ...reminder, expires: "2026-03-06T13:00:00.000Z" },
      },
      "too-late",
    ],
  ];
  it.each(cases)("%s", (_, question, reason) => {
    expect(at(question)).toMatchObject({ outcome: "suppress", reason });
  });

  it("at once, not after the night, when it is pointless anyway", () => {
    const visit = {
      start: visitStart,
      appointment: anAppointment({ status: "cancelled" }),
      location: undefined,
    };
    expect(at({ now: "2026-03-05T05:00:00.000Z", visit })).toMatchObject({
      outcome: "suppress",
      reason: "not-booked",
    });
  });
});

describe("a person takes over", () => {
  const cases: readonly (readonly [string, Partial<Question>, string])[] = [
    [
      "of a record that was merged and leads nowhere",
      {
        patient: aPatient({
          link: [{ type: "replaced-by", other: { reference: "Patient/x" } }],
        }),
      },
      "merged",
    ],
    [
      "when there is no address and no portal",
      {
        patient: aPatient({ telecom: [] }),
        organization: { ...demo.settings, channels: ["sms", "email"] },
      },
      "no-channel",
    ],
    [
      "when all addresses are dead",
      {
        deadAddresses: [mobile, mail],
        organization: { ...demo.settings, channels: ["sms", "email"] },
      },
      "no-channel",
    ],
  ];
  it.each(cases)("%s", (_, question, reason) => {
    expect(at(question)).toMatchObject({ outcome: "escalate", reason });
  });
});

describe("the channel", () => {
  const channelFor = (question: Partial<Question>) => {
    const decision = at(question);
    return decision.outcome === "send" ? decision.address.channel : decision;
  };
  it("is the organization's first that reaches the patient", () =>
    expect(channelFor({})).toBe("sms"));
  it("is the one the patient ranks first", () => {
    const telecom = [
      { system: "phone" as const, value: mobile, rank: 2 },
      { system: "email" as const, value: mail, rank: 1 },
    ];
    expect(channelFor({ patient: aPatient({ telecom }) })).toBe("email");
  });
  it("is the cheaper of two that the patient ranks alike", () => {
    const telecom = [
      { system: "phone" as const, value: mobile, rank: 1 },
      { system: "email" as const, value: mail, rank: 1 },
    ];
    expect(at({ patient: aPatient({ telecom }) })).toMatchObject({
      address: { channel: "email" },
      rules: expect.arrayContaining(["cost"]) as string[],
    });
  });
  it("is the one preferred for the topic", () =>
    expect(
      channelFor({
        patient: aPatient({ extension: [preference("appointment", "email")] }),
      }),
    ).toBe("email"));
  it("is another one when a preferred one leads nowhere", () =>
    expect(
      channelFor({
        patient: aPatient({ extension: [preference("appointment", "push")] }),
      }),
    ).toBe("sms"));
  it("is none that was refused", () =>
    expect(channelFor({ consents: [refusal("sms")] })).toBe("email"));
  it("is none whose address was found dead", () =>
    expect(channelFor({ deadAddresses: [mobile] })).toBe("email"));
  it("is the portal for those without an address", () =>
    expect(channelFor({ patient: aPatient({ telecom: [] }) })).toBe("portal"));
  it("is push with the device's platform", () => {
    const telecom = [
      {
        system: "other" as const,
        value: "token",
        rank: 1,
        extension: [{ url: "urn:sojourn:push-platform", valueCode: "APNS" }],
      },
    ];
    expect(at({ patient: aPatient({ telecom }) })).toMatchObject({
      address: { channel: "push", platform: "APNS" },
    });
  });
  it.each([
    ["an old number", { use: "old" as const, value: mobile }],
    ["a number at work", { use: "work" as const, value: mobile }],
    ["a number given back", { value: mobile, period: { end: "2026-01-01" } }],
    ["what is no number", { value: "12" }],
  ])("is never %s", (_, phone) => {
    expect(
      channelFor({
        patient: aPatient({ telecom: [{ system: "phone", ...phone }] }),
      }),
    ).toBe("portal");
  });
});

describe("a child's messages", () => {
  const child = aPatient({ birthDate: "2016-05-05" });
  it("go to the parent", () =>
    expect(at({ patient: child, relatedPersons: [guardian] })).toMatchObject({
      recipient: { id: "guardian" },
      address: { value: "+12025550177" },
    }));
  it("go to the number given for the child when no parent is known", () =>
    expect(at({ patient: child })).toMatchObject({
      address: { value: mobile },
    }));
  it("go to neighbours never", () => {
    const neighbour = {
      ...guardian,
      relationship: [{ coding: [{ code: "NBOR" }] }],
    };
    expect(at({ patient: child, relatedPersons: [neighbour] })).toMatchObject({
      address: { value: mobile },
    });
  });
  it("are the patient's own from the eighteenth birthday on", () => {
    const grown = aPatient({ birthDate: "2008-03-04" });
    expect(at({ patient: grown, relatedPersons: [guardian] })).toMatchObject({
      address: { value: mobile },
    });
    expect(
      at({
        patient: aPatient({ birthDate: "2008-03-05" }),
        relatedPersons: [guardian],
      }),
    ).toMatchObject({ recipient: { id: "guardian" } });
  });
});

describe("the contact budget", () => {
  const today = [
    "2026-03-04T14:00:00.000Z",
    "2026-03-04T15:00:00.000Z",
    "2026-03-04T15:30:00.000Z",
  ];
  it("defers until the oldest contact is a day old", () => {
    expect(at({ contacts: today })).toMatchObject({
      outcome: "defer",
      until: "2026-03-05T14:00:00.000Z",
      reason: "contact-budget",
    });
  });
  it("counts a week, too", () => {
    const week = Array.from({ length: 8 }, (_, index) =>
      new Date(
        Date.parse(morning) - (index * 20 + 24) * 3_600_000,
      ).toISOString(),
    );
    expect(at({ contacts: week })).toMatchObject({
      outcome: "defer",
      until: "2026-03-04T20:00:00.000Z",
    });
  });
  it("never moves a message into the night", () => {
    const late = [
      "2026-03-04T02:30:00.000Z",
      "2026-03-04T02:40:00.000Z",
      "2026-03-04T02:50:00.000Z",
    ];
    expect(
      at({ now: "2026-03-05T00:30:00.000Z", contacts: late }),
    ).toMatchObject({ outcome: "defer", until: "2026-03-05T14:00:00.000Z" });
  });
  it("does not count what the patient asked for", () =>
    expect(
      at({ contacts: today, message: { ...reminder, solicited: true } }),
    ).toMatchObject({ outcome: "send" }));
  it("does not hold up what is urgent", () =>
    expect(
      at({ contacts: today, message: { ...reminder, urgent: true } }),
    ).toMatchObject({ outcome: "send" }));
  it("gathers what may wait in a digest", () =>
    expect(
      at({ contacts: today, message: { ...reminder, digestible: true } }),
    ).toMatchObject({ outcome: "digest" }));
});

describe("the rules that spoke", () => {
  it("are named in their order", () => {
    expect(
      at({ consents: [refusal("sms")], now: "2026-03-05T05:00:00.000Z" }).rules,
    ).toEqual(["consent", "jurisdiction", "quiet-hours"]);
  });
});

describe("marketing", () => {
  const permit = {
    ...refusal("email"),
    provision: { type: "permit" as const },
  };
  it("needs consent and keeps the state's hours", () => {
    const texan = aPatient({
      address: [
        {
          country: "US",
          state: "TX",
          extension: [
            {
              url: "http://hl7.org/fhir/StructureDefinition/tz-code",
              valueCode: "America/Chicago",
            },
          ],
        },
      ],
    });
    // Sunday, 10:00 in Texas: marketing waits for noon, a reminder does not.
    const sunday = "2026-03-01T16:00:00.000Z";
    const { visit: _, ...withoutVisit } = aQuestion({
      now: sunday,
      patient: texan,
      consents: [permit],
      message: marketing,
    });
    expect(decide(withoutVisit)).toMatchObject({
      outcome: "defer",
      until: "2026-03-01T18:00:00.000Z",
    });
    expect(at({ now: sunday, patient: texan })).toMatchObject({
      outcome: "send",
    });
  });
});

describe("open channels", () => {
  it("are those that no consent in force refuses", () => {
    expect(
      openChannels([refusal("sms")], "appointment", morning, demo.settings),
    ).toEqual(["email", "push", "portal"]);
    expect(
      openChannels(
        [{ ...refusal("sms"), status: "inactive" }],
        "appointment",
        morning,
        demo.settings,
      ),
    ).toContain("sms");
    expect(
      openChannels(
        [{ ...refusal("sms"), provision: { type: "deny" } }],
        "appointment",
        morning,
        demo.settings,
      ),
    ).toEqual([]);
  });
});

function preference(topic: string, channel: string) {
  return {
    url: "urn:sojourn:contact-preference",
    extension: [
      { url: "topic", valueCode: topic },
      { url: "channel", valueCode: channel },
    ],
  };
}
