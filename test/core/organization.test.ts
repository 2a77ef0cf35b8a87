import { expect, test } from "vitest";
import { organization } from "../../functions/core/organization.ts";
import { demo } from "../../organizations/demo.ts";

const withSettings = (settings: object) =>
  organization({ ...demo, settings: { ...demo.settings, ...settings } });

test.each<[string, object, string]>([
  ["slug", { slug: "Demo_1" }, "settings.slug"],
  ["time zone", { timeZone: "Mars/Base" }, "settings.timeZone"],
  ["phone", { phone: "555-0100" }, "settings.phone"],
  ["portal", { portalUrl: "http://x.example" }, "settings.portalUrl"],
  [
    "hours",
    { contactHours: { from: "9:00", until: "25:00" } },
    "settings.contactHours.from",
  ],
  ["unknown field", { color: "red" }, "settings"],
  [
    "call after",
    { preVisit: { ...demo.settings.preVisit, callAfterSilenceOn: 5 } },
    "settings.preVisit.callAfterSilenceOn",
  ],
])(
  "an organization with a wrong %s is refused by the name of the field",
  (_name, settings, field) => {
    expect(() => withSettings(settings)).toThrow(`  ${field}: `);
  },
);

test("account, region and scopes are checked", () => {
  expect(() => organization({ ...demo, account: "1" })).toThrow(
    "  account: must be a 12-digit",
  );
  expect(() => organization({ ...demo, region: "mars" })).toThrow("  region: ");
});

const granting = (...scopes: string[]) =>
  organization({ ...demo, clients: { ehr: { scopes } } });

test.each([
  "patient/*.read",
  "user/*.rs",
  "system/Pateint.rs",
  "system/Patient.sr",
  "system/*.rs?status=final",
  'system/Observation.rs?code="x"',
  "system/Observation.rs?code=x y",
  `system/Observation.rs?code=${"x".repeat(256)}`,
])("a clinic system is not granted %j", (scope) => {
  expect(() => granting(scope)).toThrow("  clients.ehr.scopes.0: ");
});

test("a clinic system is granted scopes of SMART v2, v1 and granular ones", () => {
  const scopes = [
    "system/Patient.rs",
    "system/*.read",
    "system/Observation.rs?category=http://terminology.hl7.org/CodeSystem/observation-category|laboratory",
  ];
  expect(granting(...scopes).clients.ehr?.scopes).toEqual(scopes);
});
