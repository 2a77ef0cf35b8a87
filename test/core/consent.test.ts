import type { Consent, ConsentProvision } from "@medplum/fhirtypes";
import { describe, expect, it } from "vitest";
import {
  consentAnswer,
  isRefused,
  optOut,
  speaksOfReads,
  type ConsentQuestion,
} from "../../functions/core/consent.ts";
import {
  aConsent,
  aRead,
  aSend,
  coded,
  known,
  label,
  literally,
  noon,
  ofCategory,
  purpose,
  type,
} from "./consent-builders.ts";

const answer = (
  consents: readonly Consent[],
  question: Partial<ConsentQuestion> = {},
) => consentAnswer(consents, aRead(question)).answer;
const says = (
  provision: ConsentProvision,
  question: Partial<ConsentQuestion> = {},
) => answer([aConsent(provision)], question);

describe("a provision speaks", () => {
  const cases: readonly (readonly [
    string,
    Omit<ConsentProvision, "type">,
    Partial<ConsentQuestion>,
  ])[] = [
    ["of everything when it names nothing", {}, {}],
    ["of a person by name", { actor: [known("staff", "nora")] }, {}],
    ["of a role", { actor: [known("role", "nurse")] }, {}],
    [
      "of a clinic system",
      { actor: [known("client", "lab")] },
      { recipients: ["client:lab"] },
    ],
    [
      "of a relative",
      { actor: [literally("RelatedPerson/r")] },
      { recipients: ["RelatedPerson/r"] },
    ],
    [
      "of a practitioner whom the caller is known to be",
      { actor: [literally("Practitioner/p")] },
      { recipients: ["staff:nora", "Practitioner/p"] },
    ],
    [
      "of one of several actors",
      { actor: [known("role", "manager"), known("role", "nurse")] },
      {},
    ],
    ["of a purpose", { purpose: [purpose("TREAT")] }, {}],
    [
      "of a purpose within the one it names",
      { purpose: [purpose("TREAT")] },
      { purpose: "ETREAT" },
    ],
    ["of a type of resource", { class: [type("Observation")] }, {}],
    ["of access", { action: [{ coding: [{ code: "access" }] }] }, {}],
    ["of a label", { securityLabel: [label("HIV")] }, { labels: ["R", "HIV"] }],
  ];
  it.each(cases)("%s", (_, criteria, question) => {
    expect(says({ type: "deny", ...criteria }, question)).toBe("denied");
    expect(says({ type: "permit", ...criteria }, question)).toBe("permitted");
  });
});

describe("a provision is silent", () => {
  const cases: readonly (readonly [
    string,
    Omit<ConsentProvision, "type">,
    Partial<ConsentQuestion>,
  ])[] = [
    ["on another person", { actor: [known("staff", "otto")] }, {}],
    [
      "on the patient's relatives when it names a practitioner",
      { actor: [literally("Practitioner/p")] },
      { recipients: ["RelatedPerson/r"] },
    ],
    ["on another purpose", { purpose: [purpose("HPAYMT")] }, {}],
    ["on another type", { class: [type("Condition")] }, {}],
    ["on what is not labelled", { securityLabel: [label("HIV")] }, {}],
    [
      "when one of its criteria does not hold",
      { actor: [known("role", "nurse")], purpose: [purpose("HRESCH")] },
      {},
    ],
    [
      "on reads when it names a channel",
      { code: [coded("channel", "sms")] },
      {},
    ],
    [
      "on reads when it is of changes",
      { action: [{ coding: [{ code: "correct" }] }] },
      {},
    ],
  ];
  it.each(cases)("%s", (_, criteria, question) => {
    expect(says({ type: "deny", ...criteria }, question)).toBe("silent");
    expect(says({ type: "permit", ...criteria }, question)).toBe("silent");
  });
});

describe("what we cannot evaluate denies, and permits nothing:", () => {
  const cases: readonly (readonly [
    string,
    Omit<ConsentProvision, "type">,
    Partial<ConsentQuestion>,
  ])[] = [
    ["a stretch of data", { dataPeriod: { start: "2020" } }, {}],
    [
      "single resources",
      { data: [{ meaning: "instance", reference: { reference: "X/1" } }] },
      {},
    ],
    ["a modifier", { modifierExtension: [{ url: "urn:x" }] }, {}],
    ["an actor of whom we know nothing", { actor: [literally("Group/g")] }, {}],
    [
      "the data's author",
      { actor: [literally("Practitioner/p", "AUT")] },
      { recipients: ["Practitioner/p"] },
    ],
    [
      "a purpose in words of others",
      { purpose: [{ system: "urn:x", code: "TREAT" }] },
      {},
    ],
    [
      "a purpose narrower than ours",
      { purpose: [purpose("BTG")] },
      { purpose: "ETREAT" },
    ],
    [
      "a class of documents",
      { class: [{ system: "urn:ietf:bcp:13", code: "application/pdf" }] },
      {},
    ],
    [
      "a code of content",
      { code: [{ coding: [{ system: "http://loinc.org", code: "1-8" }] }] },
      {},
    ],
    ["a code in words only", { code: [{ text: "my secret" }] }, {}],
    ["a purpose in words only", { purpose: [{ display: "care" }] }, {}],
    ["an unknown action", { action: [{ text: "look" }] }, {}],
    ["a date that is none", { period: { end: "soon" } }, {}],
  ];
  it.each(cases)("%s", (_, criteria, question) => {
    expect(says({ type: "deny", ...criteria }, question)).toBe("denied");
    expect(says({ type: "permit", ...criteria }, question)).toBe("silent");
  });

  it("a Consent with rules of its own", () => {
    for (const one of [
      { implicitRules: "urn:x" },
      { modifierExtension: [{ url: "urn:x" }] },
    ]) {
      expect(answer([aConsent({ type: "deny" }, one)])).toBe("denied");
      expect(answer([aConsent({ type: "permit" }, one)])).toBe("silent");
    }
  });

  it("but what surely does not hold is not doubted", () => {
    expect(
      says({ type: "deny", dataPeriod: {}, purpose: [purpose("HRESCH")] }),
    ).toBe("silent");
  });
});

describe("labels", () => {
  const permits = (names: readonly string[], labels: readonly string[]) =>
    says({ type: "permit", securityLabel: names.map(label) }, { labels });
  const denies = (names: readonly string[], labels: readonly string[]) =>
    says({ type: "deny", securityLabel: names.map(label) }, { labels });

  it("are permitted only when each is named", () => {
    expect(permits(["ETH"], ["ETH"])).toBe("permitted");
    expect(permits(["ETH"], ["ETH", "HIV"])).toBe("silent");
    expect(permits(["ETH", "HIV"], ["HIV", "R"])).toBe("permitted");
  });
  it("are denied when one is named", () =>
    expect(denies(["HIV"], ["ETH", "HIV"])).toBe("denied"));
  it("of 42 CFR Part 2 are those of its subject", () => {
    expect(permits(["42CFRPart2"], ["ETH"])).toBe("permitted");
    expect(permits(["ETH"], ["ETH", "42CFRPart2"])).toBe("permitted");
    expect(permits(["42CFRPart2"], ["HIV"])).toBe("silent");
    expect(denies(["42CFRPart2"], ["OPIOIDUD"])).toBe("denied");
  });
  it("that are narrower are denied, but permitted only by name", () => {
    expect(denies(["BH"], ["PSYTHPN"])).toBe("denied");
    expect(permits(["BH"], ["PSYTHPN"])).toBe("silent");
  });
  it("of confidentiality are permitted downwards and denied upwards", () => {
    expect(permits(["R"], [])).toBe("permitted");
    expect(permits(["N"], ["R"])).toBe("silent");
    expect(denies(["R"], ["V"])).toBe("denied");
    expect(denies(["R"], ["N"])).toBe("silent");
  });
  it("of sensitivity are restricted without a word", () => {
    expect(permits(["N"], ["HIV"])).toBe("silent");
    expect(denies(["R"], ["HIV"])).toBe("denied");
  });
});

describe("nested provisions", () => {
  const onlyNora: ConsentProvision = {
    type: "deny",
    provision: [{ type: "permit", actor: [known("staff", "nora")] }],
  };
  it("are exceptions to what is around them", () => {
    expect(says(onlyNora)).toBe("permitted");
    expect(says(onlyNora, { recipients: ["staff:otto"] })).toBe("denied");
  });
  it("hold only where what is around them does", () =>
    expect(says({ ...onlyNora, purpose: [purpose("HPAYMT")] })).toBe("silent"));
  it("may have exceptions again", () => {
    const butNotHiv: ConsentProvision = {
      type: "deny",
      provision: [
        {
          type: "permit",
          actor: [known("staff", "nora")],
          provision: [{ type: "deny", securityLabel: [label("HIV")] }],
        },
      ],
    };
    expect(says(butNotHiv)).toBe("permitted");
    expect(says(butNotHiv, { labels: ["HIV"] })).toBe("denied");
  });
  it("that contradict each other deny", () =>
    expect(
      says({
        type: "permit",
        provision: [
          { type: "permit", actor: [known("staff", "nora")] },
          { type: "deny", actor: [known("role", "nurse")] },
        ],
      }),
    ).toBe("denied"));
  it("that may or may not hold open nothing", () =>
    expect(
      says({
        type: "deny",
        provision: [{ type: "permit", actor: [literally("Group/g")] }],
      }),
    ).toBe("denied"));
  it("rest on the base policy where the root has no type", () => {
    const base = (code: string) => ({ policyRule: { coding: [{ code }] } });
    expect(answer([aConsent(undefined, base("OPTIN"))])).toBe("permitted");
    expect(answer([aConsent({}, base("OPTOUT"))])).toBe("denied");
    expect(answer([aConsent({}, base("NOPP"))])).toBe("silent");
    expect(
      answer([aConsent({ provision: [{ type: "deny" }] }, base("OPTIN"))]),
    ).toBe("denied");
  });
});

describe("Consents that contradict each other", () => {
  const permit = aConsent(
    { type: "permit" },
    { id: "p", dateTime: "2026-05-01" },
  );
  const deny = aConsent({ type: "deny" }, { id: "d", dateTime: "2020-01-01" });
  it("deny, whatever their dates and order, and the denials are named", () => {
    for (const consents of [
      [permit, deny],
      [deny, permit],
      [{ ...permit, dateTime: "2019" }, deny],
    ])
      expect(consentAnswer(consents, aRead())).toEqual({
        answer: "denied",
        restricted: false,
        refused: true,
        by: ["d"],
      });
  });
  it("contradict nothing any more when the denial has ended", () => {
    for (const ended of [
      { ...deny, status: "inactive" as const },
      { ...deny, status: "entered-in-error" as const },
      {
        ...deny,
        provision: { type: "deny" as const, period: { end: "2026-05-14" } },
      },
    ])
      expect(consentAnswer([permit, ended], aRead())).toMatchObject({
        answer: "permitted",
        by: ["p"],
      });
  });
  it("say nothing before they are active", () => {
    for (const status of ["draft", "proposed", "rejected"] as const)
      expect(
        answer([
          { ...deny, status },
          { ...permit, status },
        ]),
      ).toBe("silent");
  });
});

describe("a period", () => {
  const at = (
    period: { start?: string; end?: string },
    now: string,
    zone = "UTC",
  ) => says({ type: "permit", period }, { now, zone }) === "permitted";
  it.each([
    ["2026-05", "2026-05-01T00:00:00.000Z", "2026-05-31T23:59:59.999Z"],
    ["2026", "2026-01-01T00:00:00.000Z", "2026-12-31T23:59:59.999Z"],
    ["2028-02", "2028-02-01T00:00:00.000Z", "2028-02-29T23:59:59.999Z"],
    ["2026-05-15", "2026-05-15T00:00:00.000Z", "2026-05-15T23:59:59.999Z"],
  ])("of %s is all of it", (date, first, last) => {
    const period = { start: date, end: date };
    const beside = (time: string, step: number) =>
      new Date(Date.parse(time) + step).toISOString();
    expect(at(period, first)).toBe(true);
    expect(at(period, last)).toBe(true);
    expect(at(period, beside(first, -1))).toBe(false);
    expect(at(period, beside(last, 1))).toBe(false);
  });
  it("has the days of the zone", () => {
    const may = { end: "2026-05-31" };
    expect(at(may, "2026-06-01T03:59:00.000Z", "America/New_York")).toBe(true);
    expect(at(may, "2026-06-01T04:00:00.000Z", "America/New_York")).toBe(false);
    expect(at(may, "2026-05-31T15:00:00.000Z", "Asia/Tokyo")).toBe(false);
  });
  it("with a time means that instant in its own offset, the second included", () => {
    const end = { end: "2026-05-15T10:00:00-04:00" };
    expect(at(end, "2026-05-15T14:00:00.999Z")).toBe(true);
    expect(at(end, "2026-05-15T14:00:01.000Z")).toBe(false);
    const start = { start: "2026-05-15T10:00:00-04:00" };
    expect(at(start, "2026-05-15T13:59:59.999Z")).toBe(false);
    expect(at(start, "2026-05-15T14:00:00.000Z")).toBe(true);
  });
});

describe("what a Consent is about", () => {
  it("contact: never reads", () => {
    const contact = aConsent({ type: "deny" }, ofCategory("contact"));
    expect(answer([contact])).toBe("silent");
    expect(speaksOfReads(contact)).toBe(false);
    expect(consentAnswer([contact], aSend()).answer).toBe("denied");
  });
  it("privacy: reads and sends alike", () => {
    const privacy = aConsent({ type: "deny" });
    expect(speaksOfReads(privacy)).toBe(true);
    expect(consentAnswer([privacy], aSend()).answer).toBe("denied");
    expect(
      consentAnswer(
        [aConsent({ type: "deny", actor: [known("role", "nurse")] })],
        aSend(),
      ).answer,
    ).toBe("silent");
  });
  it.each(["treatment", "adr"])("%s: neither", (code) => {
    const scope = {
      scope: {
        coding: [
          {
            system: "http://terminology.hl7.org/CodeSystem/consentscope",
            code,
          },
        ],
      },
    };
    expect(answer([aConsent({ type: "permit" }, scope)])).toBe("silent");
    expect(speaksOfReads(aConsent({ type: "deny" }, scope))).toBe(false);
  });
  it("research: nothing but research", () => {
    const research = aConsent(
      { type: "permit" },
      {
        scope: {
          coding: [
            {
              system: "http://terminology.hl7.org/CodeSystem/consentscope",
              code: "research",
            },
          ],
        },
      },
    );
    expect(answer([research])).toBe("silent");
    expect(answer([research], { purpose: "HRESCH" })).toBe("permitted");
  });
  it("never the patient's own reading", () => {
    const own = `patient:01KJQH0CC05C8ZPX17A8T47AHX`;
    expect(says({ type: "deny" }, { recipients: [own] })).toBe("silent");
    expect(says({ type: "deny" }, { recipients: ["patient:other"] })).toBe(
      "denied",
    );
  });
  it("a restriction, when the organization accepted one", () => {
    const restriction = aConsent({ type: "deny" }, ofCategory("restriction"));
    expect(consentAnswer([restriction], aRead())).toMatchObject({
      answer: "denied",
      restricted: true,
    });
    expect(
      consentAnswer([restriction, aConsent({ type: "permit" })], aRead()),
    ).toMatchObject({ answer: "denied", restricted: true });
  });
});

describe("marketing", () => {
  const asks = (consent: Consent) =>
    consentAnswer([consent], aSend({ purpose: "HMARKT", topic: "wellness" }))
      .answer;
  it("is not permitted by a permission for everything", () => {
    expect(asks(aConsent({ type: "permit" }))).toBe("silent");
    expect(
      asks(
        aConsent(undefined, { policyRule: { coding: [{ code: "OPTIN" }] } }),
      ),
    ).toBe("silent");
  });
  it("is permitted by name, or by a permission to be contacted", () => {
    expect(
      asks(aConsent({ type: "permit", purpose: [purpose("HMARKT")] })),
    ).toBe("permitted");
    expect(
      asks(
        aConsent({
          type: "deny",
          purpose: [purpose("HMARKT")],
          provision: [{ type: "permit", code: [coded("topic", "wellness")] }],
        }),
      ),
    ).toBe("permitted");
    expect(asks(aConsent({ type: "permit" }, ofCategory("contact")))).toBe(
      "permitted",
    );
  });
  it("is denied by a denial of everything", () =>
    expect(asks(aConsent({ type: "deny" }))).toBe("denied"));
});

describe("an opt-out", () => {
  const at = "2026-01-01T00:00:00.000Z";
  it("refuses its channel, whatever the topic", () => {
    expect(isRefused([optOut("p", "sms", at)], "sms", "", noon)).toBe(true);
    expect(isRefused([optOut("p", "sms", at)], "email", "", noon)).toBe(false);
  });
  it("is not known from a denial of something else", () =>
    expect(isRefused([aConsent({ type: "deny" })], "sms", "", noon)).toBe(
      false,
    ));
  it("of one topic leaves the others", () => {
    const recall = aConsent(
      {
        type: "deny",
        code: [coded("channel", "sms"), coded("topic", "recall")],
      },
      ofCategory("contact"),
    );
    expect(isRefused([recall], "sms", "recall", noon)).toBe(true);
    expect(isRefused([recall], "sms", "appointment", noon)).toBe(false);
  });
});
