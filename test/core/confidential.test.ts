import type {
  Consent,
  ConsentProvision,
  ContactPoint,
  RelatedPerson,
} from "@medplum/fhirtypes";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { onlyBy, type Means } from "../../functions/core/confidential.ts";
import { consentAnswer, speaksOfReads } from "../../functions/core/consent.ts";
import { decide } from "../../functions/core/contact.ts";
import type { Question } from "../../functions/core/contact-question.ts";
import {
  aPatient,
  aQuestion,
  mail,
  mobile,
  morning,
  refusal,
} from "./contact-builders.ts";

const patientId = aPatient().id ?? "";
const secret = "+12025550199";
const only = (means: Means, address?: string): Consent =>
  onlyBy(
    patientId,
    address === undefined ? { means } : { means, address },
    "2026-01-01T00:00:00.000Z",
  );
const saying = (
  provision: ConsentProvision,
  consent: Partial<Consent> = {},
) => ({
  ...only("sms"),
  provision,
  ...consent,
});
const coded = (code: string) => ({
  coding: [{ system: "urn:sojourn:channel", code }],
});
const naming = (valueContactPoint: ContactPoint) => ({
  extension: [{ url: "urn:sojourn:contact-point", valueContactPoint }],
});
const mother: RelatedPerson = {
  resourceType: "RelatedPerson",
  id: "mother",
  patient: { reference: `Patient/${patientId}` },
  relationship: [{ coding: [{ code: "MTH" }] }],
  telecom: [{ system: "phone", use: "mobile", value: "+12025550177" }],
};
const at = (question: Partial<Question>) => decide(aQuestion(question));

describe("a patient who asked for confidential communications", () => {
  it("is reached by the one channel", () =>
    expect(at({ consents: [only("email")] })).toMatchObject({
      outcome: "send",
      address: { channel: "email", value: mail },
      rules: expect.arrayContaining(["confidential-communications"]) as unknown,
    }));
  it("is reached at the one address, though the record has it not", () =>
    expect(at({ consents: [only("sms", "(202) 555-0199")] })).toMatchObject({
      outcome: "send",
      address: { channel: "sms", value: secret },
    }));
  it("is never reached where they said never", () => {
    const never = saying({
      type: "deny",
      ...naming({ system: "phone", value: mobile }),
    });
    expect(at({ consents: [never] })).toMatchObject({
      address: { channel: "email" },
    });
  });
  it("is reached as ever once the request has ended", () => {
    for (const ended of [
      { ...only("email"), status: "inactive" as const },
      saying({
        type: "permit",
        code: [coded("email")],
        period: { end: "2026-03-03" },
      }),
    ])
      expect(at({ consents: [ended] })).toMatchObject({
        address: { channel: "sms" },
      });
  });
});

describe("a person takes over, and nothing leaves,", () => {
  const cases: readonly (readonly [string, Partial<Question>])[] = [
    ["when the one channel is a letter", { consents: [only("letter")] }],
    [
      "when the record has no address for the one channel",
      { consents: [only("push")] },
    ],
    [
      "when the organization does not have the one channel",
      {
        consents: [only("sms")],
        organization: { ...aQuestion().organization, channels: ["email"] },
      },
    ],
    [
      "when two requests leave nothing in common",
      { consents: [only("sms"), only("email")] },
    ],
    [
      "when the request names what is no number",
      { consents: [only("sms", "the red phone")] },
    ],
    [
      "when the request says nothing that we understand",
      { consents: [saying({ type: "permit" })] },
    ],
    [
      "when the request has exceptions",
      {
        consents: [
          saying({
            type: "permit",
            code: [coded("sms")],
            provision: [{ type: "deny" }],
          }),
        ],
      },
    ],
    [
      "when the request has a modifier",
      {
        consents: [{ ...only("sms"), modifierExtension: [{ url: "urn:x" }] }],
      },
    ],
    [
      "when the period of the request is none",
      {
        consents: [
          saying({ code: [coded("push")], period: { end: "whenever" } }),
        ],
      },
    ],
  ];
  it.each(cases)("%s", (_, question) => {
    expect(at(question)).toMatchObject({
      outcome: "escalate",
      reason: "confidential-communications",
    });
  });
  it("when the one address has turned out to be dead", () =>
    expect(
      at({ consents: [only("sms", secret)], deadAddresses: [secret] }),
    ).toMatchObject({ outcome: "escalate", reason: "no-channel" }));
});

it("an opt-out from the one channel opens no other", () =>
  expect(at({ consents: [only("sms"), refusal("sms")] })).toMatchObject({
    outcome: "suppress",
    reason: "opted-out",
  }));

describe("a minor who asked for confidential communications", () => {
  const teen = aPatient({ birthDate: "2010-01-01" });
  it("is reached in person, and no parent is", () =>
    expect(
      at({
        patient: teen,
        relatedPersons: [mother],
        consents: [only("sms")],
      }),
    ).toMatchObject({
      outcome: "send",
      recipient: { resourceType: "Patient" },
      address: { value: mobile },
    }));
  it("has a parent who may ask for where to be reached, too", () => {
    const byMother = {
      ...only("sms", "+12025550188"),
      performer: [{ reference: "RelatedPerson/mother" }],
    };
    expect(
      at({ patient: teen, relatedPersons: [mother], consents: [byMother] }),
    ).toMatchObject({
      recipient: { id: "mother" },
      address: { value: "+12025550188" },
    });
  });
});

describe("whoever acts for the patient", () => {
  const asks = (
    consent: Consent,
    type: string,
    recipients: readonly string[],
  ) =>
    consentAnswer([consent], {
      use: "read",
      purpose: "PATRQT",
      recipients,
      labels: [],
      type,
      now: morning,
    }).answer;
  it("does not read what tells of the confidential address", () => {
    expect(speaksOfReads(only("sms"))).toBe(true);
    for (const type of ["Communication", "Consent", "Task"]) {
      expect(asks(only("sms"), type, ["RelatedPerson/mother"])).toBe("denied");
      expect(asks(only("sms"), type, ["staff:nora"])).toBe("silent");
      expect(asks(only("sms"), type, [`patient:${patientId}`])).toBe("silent");
    }
  });
  it("reads the rest", () =>
    expect(asks(only("sms"), "Appointment", ["RelatedPerson/mother"])).toBe(
      "silent",
    ));
  it("reads all when they made the request, or it has ended", () => {
    for (const consent of [
      { ...only("sms"), performer: [{ reference: "RelatedPerson/mother" }] },
      { ...only("sms"), status: "inactive" as const },
      saying({ type: "permit", period: { end: "2026-03-03" } }),
    ])
      expect(asks(consent, "Communication", ["RelatedPerson/mother"])).toBe(
        "silent",
      );
  });
});

const numbers = [mobile, secret, "+12025550144", "+12025550155"];
const mails = [mail, "secret@example.com"];
const telecom: fc.Arbitrary<ContactPoint> = fc.oneof(
  fc.record({
    system: fc.constant("phone" as const),
    value: fc.constantFrom(...numbers),
    rank: fc.integer({ min: 1, max: 3 }),
  }),
  fc.record({
    system: fc.constant("email" as const),
    value: fc.constantFrom(...mails),
    rank: fc.integer({ min: 1, max: 3 }),
  }),
);
const asked = fc.oneof(
  fc.constantFrom<Means>("sms", "email", "portal", "letter").map((means) => ({
    means,
  })),
  fc
    .constantFrom(...numbers)
    .map((address) => ({ means: "sms" as const, address })),
  fc
    .constantFrom(...mails)
    .map((address) => ({ means: "email" as const, address })),
);
const situation = fc.record({
  telecoms: fc.array(telecom, { maxLength: 4 }),
  birthDate: fc.constantFrom("1980-05-05", "2012-05-05", "2008-03-04"),
  parents: fc.constantFrom([], [mother]),
  others: fc.subarray([refusal("sms"), refusal("email"), refusal("portal")], {
    maxLength: 1,
  }),
  preference: fc.constantFrom("sms", "email", "portal", undefined),
  dead: fc.subarray([...numbers, ...mails], { maxLength: 2 }),
  urgent: fc.boolean(),
  contacts: fc.constantFrom([], [morning, morning, morning]),
  now: fc
    .integer({ min: 0, max: 46 })
    .map((hours) =>
      new Date(Date.parse(morning) + hours * 3_600_000).toISOString(),
    ),
});

it("for random patients, requests and moments nothing leaves to any other address or person", () => {
  let sent = 0;
  fc.assert(
    fc.property(
      situation,
      fc.array(asked, { minLength: 1, maxLength: 2 }),
      (facts, requests) => {
        const { telecoms, birthDate, parents, others, preference } = facts;
        const question = aQuestion({
          now: facts.now,
          patient: aPatient({
            birthDate,
            telecom: telecoms,
            ...(preference !== undefined && {
              extension: [
                {
                  url: "urn:sojourn:contact-preference",
                  extension: [
                    { url: "topic", valueCode: "appointment" },
                    { url: "channel", valueCode: preference },
                  ],
                },
              ],
            }),
          }),
          relatedPersons: parents,
          consents: [
            ...others,
            ...requests.map((request) =>
              onlyBy(patientId, request, "2026-01-01T00:00:00.000Z"),
            ),
          ],
          deadAddresses: facts.dead,
          contacts: facts.contacts,
        });
        const decision = decide({
          ...question,
          message: { ...question.message, urgent: facts.urgent },
        });
        if (decision.outcome !== "send") return;
        sent += 1;
        const { channel, value } = decision.address;
        for (const request of requests) {
          expect(channel).toBe(request.means);
          if ("address" in request) expect(value).toBe(request.address);
          else if (channel !== "portal")
            expect([
              ...telecoms.map((one) => one.value),
              ...requests.map((one) => "address" in one && one.address),
            ]).toContain(value);
        }
        expect(decision.recipient.resourceType).toBe("Patient");
      },
    ),
    { numRuns: 2000 },
  );
  expect(sent).toBeGreaterThan(200);
});
