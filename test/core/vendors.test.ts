import fc from "fast-check";
import { describe, expect, it, test } from "vitest";
import { decide } from "../../functions/core/contact.ts";
import { organization } from "../../functions/core/organization.ts";
import { type Vendor } from "../../functions/core/vendor.ts";
import { dataClasses } from "../../functions/core/agreement.ts";
import {
  agreementFor,
  agreementOf,
  classesOf,
  classesOfType,
  dayIn,
  endingOf,
  hostMayLearn,
  warningOf,
} from "../../functions/core/vendors.ts";
import { type Agreement } from "../../functions/core/agreement.ts";
import { demo } from "../../organizations/demo.ts";
import { aQuestion, mail, morning } from "./contact-builders.ts";

const baa = {
  kind: "baa",
  signed: "2025-01-01",
  expires: "2026-03-31",
  reference: "BAA-7",
} as const;
const vendor = (more: Partial<Vendor> = {}): Vendor => ({
  name: "texter",
  services: ["sms"],
  agreements: [baa],
  dataClasses: ["contact-details", "appointment"],
  region: "us-east-1",
  subprocessors: [],
  ...more,
});
const of = (...vendors: readonly Vendor[]) => vendors.map(agreementOf);
const asked = classesOf("appointment");

describe("an agreement", () => {
  it.each<[string, readonly Agreement[], string, string, object]>([
    ["on its first day", of(vendor()), "sms", "2025-01-01", { ok: true }],
    ["on its last day", of(vendor()), "sms", "2026-03-31", { ok: true }],
    [
      "the day after",
      of(vendor()),
      "sms",
      "2026-04-01",
      { refused: "vendor-agreement-expired", vendor: "texter" },
    ],
    [
      "the day before it was signed",
      of(vendor()),
      "sms",
      "2024-12-31",
      { refused: "vendor-agreement-missing", vendor: "texter" },
    ],
    [
      "for other data",
      of(vendor({ dataClasses: ["contact-details"] })),
      "sms",
      "2026-01-01",
      { refused: "vendor-data-class", vendor: "texter" },
    ],
    [
      "of somebody for another service",
      of(vendor()),
      "email",
      "2026-01-01",
      { refused: "vendor-agreement-missing", vendor: undefined },
    ],
    [
      "of one of two who see it pass",
      of(vendor(), vendor({ name: "carrier", dataClasses: [] })),
      "sms",
      "2026-01-01",
      { refused: "vendor-data-class", vendor: "carrier" },
    ],
    [
      "that goes on until somebody ends it",
      of(
        vendor({
          agreements: [{ ...baa, expires: null, review: "2020-01-01" }],
        }),
      ),
      "sms",
      "2099-01-01",
      { ok: true },
    ],
    [
      "that need not be",
      of(
        vendor({
          agreements: [
            {
              kind: "none-needed",
              reason: "A conduit: it carries sealed letters.",
              decided: "2025-01-01",
              review: "2027-01-01",
            },
          ],
        }),
      ),
      "sms",
      "2026-01-01",
      { ok: true },
    ],
    [
      "of two of which one is over",
      of(
        vendor({
          agreements: [baa, { ...baa, kind: "qsoa", expires: "2025-12-31" }],
        }),
      ),
      "sms",
      "2026-01-01",
      { refused: "vendor-agreement-expired", vendor: "texter" },
    ],
  ])("%s", (_, agreements, service, today, finding) => {
    expect(agreementFor(agreements, service, asked, today)).toEqual(finding);
  });

  it("of somebody unknown opens nothing, whatever the service, the data and the day", () => {
    fc.assert(
      fc.property(
        fc.string(),
        fc.subarray([...dataClasses]),
        fc.date({ noInvalidDate: true, min: new Date(0) }),
        (service, classes, at) => {
          expect(
            agreementFor([], service, classes, dayIn("UTC", at)),
          ).toHaveProperty("refused");
        },
      ),
    );
  });

  it("opens a service exactly when a naive reading of the register does", () => {
    const day = fc
      .integer({ min: 0, max: 40 })
      .map((days) => new Date(days * 86_400_000).toISOString().slice(0, 10));
    const agreement = fc.record({
      vendor: fc.constantFrom("a", "b"),
      services: fc.subarray(["sms", "email"], { minLength: 1 }),
      from: day,
      until: fc.option(day),
      dataClasses: fc.subarray([...dataClasses]),
    });
    fc.assert(
      fc.property(
        fc.array(agreement, { maxLength: 4 }),
        fc.constantFrom("sms", "email", "push"),
        fc.subarray([...dataClasses]),
        day,
        (agreements, service, classes, today) => {
          const named = agreements.filter((one) =>
            one.services.includes(service),
          );
          const good = named.filter(
            (one) =>
              Date.parse(one.from) <= Date.parse(today) &&
              Date.parse(one.until ?? "2999-01-01") >= Date.parse(today) &&
              classes.filter((each) => !one.dataClasses.includes(each))
                .length === 0,
          );
          const expected = named.length > 0 && good.length === named.length;
          expect(
            "ok" in agreementFor(agreements, service, classes, today),
          ).toBe(expected);
        },
      ),
    );
  });

  it("ends with its last day where the organization is", () => {
    const evening = new Date("2026-04-01T03:30:00Z");
    expect(dayIn("America/New_York", evening)).toBe("2026-03-31");
    expect(dayIn("Europe/Berlin", evening)).toBe("2026-04-01");
  });
});

describe("what is told", () => {
  it("by a topic that nobody has classed is taken to be anything", () => {
    expect(classesOf("appointment")).not.toContain("clinical");
    expect(classesOf("something-new")).toContain("sensitive");
  });
  it("to a host depends on what binds whoever answers there", () => {
    const agreements = of(vendor({ services: ["subscriptions:ehr.example"] }));
    const may = (host: string, ...tells: Parameters<typeof agreementFor>[2]) =>
      hostMayLearn(
        { agreements, timeZone: "UTC" },
        host,
        tells,
        new Date("2026-03-31T23:59:00Z"),
      );
    expect(may("ehr.example", "appointment")).toBe(true);
    expect(may("ehr.example")).toBe(true);
    expect(may("ehr.example", "clinical")).toBe(false);
    expect(may("other.ehr.example")).toBe(false);
    expect(may("sms")).toBe(false);
  });
  it("by a type that nobody has classed is taken to be clinical", () => {
    expect(classesOfType("Appointment")).toEqual(["appointment"]);
    expect(classesOfType("Observation")).toEqual(["clinical"]);
    expect(classesOfType(undefined)).toEqual([]);
  });
});

describe("a message", () => {
  const bound = (
    agreements: readonly Agreement[],
    channels = demo.settings.channels,
  ) =>
    aQuestion({
      organization: {
        ...demo.settings,
        channels,
        agreements: [...agreements],
      },
    });
  const mailer = vendor({ name: "mailer", services: ["email"] });
  const ended = vendor({ agreements: [{ ...baa, expires: "2026-03-03" }] });

  it("goes by text while the vendor is bound", () => {
    expect(decide(bound(of(vendor(), mailer)))).toMatchObject({
      outcome: "send",
      address: { channel: "sms" },
    });
  });
  it("goes another way once its agreement is over", () => {
    const decision = decide(bound(of(ended, mailer)));
    expect(decision).toMatchObject({
      outcome: "send",
      address: { channel: "email", value: mail },
    });
    expect(decision.rules).toContain("vendor-agreement");
  });
  it("goes to the portal when nobody is bound", () => {
    expect(decide(bound([]))).toMatchObject({
      outcome: "send",
      address: { channel: "portal" },
    });
  });
  it("becomes a person's work when no way is left", () => {
    expect(decide(bound(of(ended), ["sms", "email"]))).toMatchObject({
      outcome: "escalate",
      reason: "vendor-agreement",
    });
  });
  it("is never decided to go through a vendor that is not bound", () => {
    const covered = fc.subarray([...dataClasses]);
    const last = fc.option(
      fc.constantFrom("2026-03-03", "2026-03-04", "2026-03-05"),
    );
    const any = fc
      .tuple(fc.subarray(["sms", "email"], { minLength: 1 }), covered, last)
      .map(([services, classes, until]): Agreement => ({
        vendor: "v",
        services,
        from: "2025-01-01",
        until,
        dataClasses: classes,
      }));
    fc.assert(
      fc.property(fc.array(any, { maxLength: 3 }), (agreements) => {
        const decision = decide(bound(agreements));
        if (decision.outcome !== "send") return;
        const { channel } = decision.address;
        if (channel !== "portal")
          expect(
            agreementFor(agreements, channel, asked, morning.slice(0, 10)),
          ).toEqual({ ok: true });
      }),
    );
  });
});

describe("before the end", () => {
  it.each<[string, string, string | undefined]>([
    ["2026-01-29", "61 days", undefined],
    ["2026-01-30", "60 days", "60"],
    ["2026-03-01", "30 days", "30"],
    ["2026-03-02", "29 days", "30"],
    ["2026-03-24", "7 days", "7"],
    ["2026-03-31", "the last day", "7"],
    ["2026-04-01", "over", "over"],
  ])("on %s, %s, people are told %s", (today, _, warning) => {
    expect(warningOf(endingOf(vendor(), today))).toBe(warning);
  });
  it("counts to the review where that is first", () => {
    const reviewed = vendor({ agreements: [{ ...baa, review: "2026-01-10" }] });
    expect(endingOf(reviewed, "2026-01-01")).toEqual({
      vendor: "texter",
      kind: "review",
      day: "2026-01-10",
      daysLeft: 9,
    });
  });
});

const withVendors = (...vendors: readonly object[]) =>
  organization({ ...demo, vendors: vendors as Vendor[] });

test("running code learns which data may go where until when, and nothing else of the register", () => {
  const { settings } = withVendors(
    vendor({ services: ["cloud", "sms"] }),
    vendor({ name: "host", services: ["cloud"] }),
  );
  expect(settings.agreements).toEqual([
    {
      vendor: "texter",
      services: ["sms"],
      from: "2025-01-01",
      until: "2026-03-31",
      dataClasses: ["contact-details", "appointment"],
    },
  ]);
});

test.each<[string, object, string]>([
  ["a name", { name: "Texter Inc." }, "vendors.0.name"],
  ["a service", { services: ["fax"] }, "vendors.0.services.0"],
  [
    "a host",
    { services: ["subscriptions:https://x.example/"] },
    "vendors.0.services.0",
  ],
  ["no agreement", { agreements: [] }, "vendors.0.agreements"],
  [
    "a day",
    { agreements: [{ ...baa, signed: "1 May" }] },
    "vendors.0.agreements.0.signed",
  ],
  [
    "an end before the beginning",
    { agreements: [{ ...baa, expires: "2024-01-01" }] },
    "vendors.0.agreements.0.expires",
  ],
  [
    "no end and no review",
    { agreements: [{ ...baa, expires: null }] },
    "vendors.0.agreements.0.review",
  ],
  [
    "no reason for no agreement",
    {
      agreements: [
        {
          kind: "none-needed",
          reason: "trust",
          decided: "2025-01-01",
          review: "2026-01-01",
        },
      ],
    },
    "vendors.0.agreements.0.reason",
  ],
  [
    "a kind that HIPAA does not take",
    { agreements: [{ ...baa, kind: "dpa" }] },
    "vendors.0.agreements: must have a baa, as us-hipaa asks",
  ],
  ["a data class", { dataClasses: ["gossip"] }, "vendors.0.dataClasses.0"],
])("a vendor with %s is refused by the name of the field", (_, more, field) => {
  expect(() => withVendors({ ...vendor(), ...more })).toThrow(field);
});

test("two vendors of one name are refused", () => {
  expect(() => withVendors(vendor(), vendor())).toThrow("vendors.1.name");
});
