import { describe, expect, it } from "vitest";
import {
  organization,
  type Organization,
} from "../../functions/core/organization.ts";
import type { Vendor } from "../../functions/core/vendor.ts";
import { sojourn } from "../../lib/app.ts";
import { checkVendors, packedRegister } from "../../lib/vendors.ts";
import { demo } from "../../organizations/demo.ts";

const [aws] = demo.vendors as [Vendor];
const until = (expires: string): Vendor => ({
  ...aws,
  agreements: [
    { kind: "baa", signed: "2025-01-15", expires, reference: "BAA-1" },
  ],
});
const clinic = (...vendors: readonly Vendor[]): Organization =>
  organization({ ...demo, vendors: [...vendors] });
const at = (day: string) => new Date(`${day}T12:00:00Z`);

describe("the app", () => {
  it("does not come to be for an organization whose agreement is over", () => {
    expect(() =>
      sojourn({
        organizations: [clinic(until("2026-03-31"))],
        journeys: [],
        nag: false,
        today: at("2026-04-01"),
      }),
    ).toThrow(
      /^organization demo: .*\n {2}cloud \(aws\): the agreement is no longer in force on 2026-04-01\. Correct its vendors\.\n {2}sms \(aws\)/,
    );
  });

  it("names what can be done: correct the register, or do without the channel", () => {
    const cloudOnly = { ...aws, services: ["cloud"] };
    expect(() => checkVendors(clinic(cloudOnly), at("2026-01-01"))).toThrow(
      "  email (nobody): no agreement is in force on 2026-01-01. Correct its vendors, or take email out of its settings.channels.",
    );
    const portalOnly = organization({
      ...demo,
      vendors: [cloudOnly],
      settings: { ...demo.settings, channels: ["portal"] },
    });
    expect(checkVendors(portalOnly, at("2026-01-01"))).toEqual([]);
  });

  it("asks that the cloud may hold everything, and a channel what messages tell", () => {
    const narrow = { ...aws, dataClasses: ["contact-details" as const] };
    expect(() => checkVendors(clinic(narrow), at("2026-01-01"))).toThrow(
      /cloud .*does not cover all[^]*sms .*does not cover all/,
    );
  });

  it("asks for vendors at all", () => {
    expect(() => checkVendors(clinic(), at("2026-01-01"))).toThrow(
      "cloud (nobody)",
    );
  });

  it("warns from 60 days before the end", () => {
    const warnings = (day: string) =>
      checkVendors(clinic(until("2026-03-31")), at(day));
    expect(warnings("2026-01-29")).toEqual([]);
    expect(warnings("2026-03-24")).toEqual([
      "The agreement ends on 2026-03-31 (7 days): vendor aws of organization demo.",
    ]);
  });
});

it("twenty vendors fit into the environment, and too many are told apart", () => {
  const many = (count: number) =>
    Array.from({ length: count }, (_, index) => ({
      ...aws,
      name: `vendor-${String(index)}`,
      services: [`subscriptions:host-${String(index)}.example`],
    }));
  expect(packedRegister(many(20)).length).toBeLessThan(1500);
  expect(() => packedRegister(many(400))).toThrow("the register of vendors");
});
