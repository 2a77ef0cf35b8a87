import type { Bundle, Location, Slot } from "@medplum/fhirtypes";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { declarationOf } from "../../functions/resources/all.ts";
import { phone } from "../../functions/resources/normalise.ts";
import { validate } from "../../functions/resources/validate.ts";
import { visits } from "../../local/clinic/calendar.ts";
import {
  createAll,
  demoClinic,
  type PostBundle,
} from "../../local/demo-clinic.ts";
import { demo } from "../../organizations/demo.ts";

const clinic = demoClinic({ today: "2026-11-22" });
const ofType = (type: string) =>
  clinic.entries.filter(({ resource }) => resource.resourceType === type);

describe("the demo clinic", () => {
  it("is as large as promised", () => {
    expect(ofType("Practitioner")).toHaveLength(5);
    expect(ofType("Location")).toHaveLength(3);
    expect(ofType("Patient")).toHaveLength(200);
    const zones = ofType("Location").map(
      ({ resource }) => (resource as Location).extension?.[0]?.valueCode,
    );
    expect(new Set(zones).size).toBe(3);
    expect(ofType("Slot").length).toBeGreaterThan(1000);
  });

  it("is the same for the same seed, and another for another", () => {
    expect(demoClinic({ today: "2026-11-22" })).toEqual(clinic);
    expect(demoClinic({ today: "2026-11-22", seed: 2 }).patients).not.toEqual(
      clinic.patients,
    );
  });

  it("holds only resources that the record accepts", async () => {
    const issues = await Promise.all(
      clinic.entries.map(async ({ resource, fullUrl }) => {
        const declaration = declarationOf(resource.resourceType);
        if (!declaration) return [`${resource.resourceType} is not declared`];
        return (await validate(resource, declaration)).map(
          ({ details, expression }) =>
            `${fullUrl} ${String(expression)} ${details?.text ?? ""}`,
        );
      }),
    );
    expect(issues.flat()).toEqual([]);
  });

  it("has only fictitious phones and reserved mail domains, and none of the clinic's own numbers", () => {
    const telecom = clinic.patients.flatMap(
      ({ resource }) => resource.telecom ?? [],
    );
    const numbers = telecom.flatMap(({ system, value }) =>
      system === "phone" ? (value ?? "") : [],
    );
    expect(numbers.length).toBeGreaterThan(150);
    for (const number of numbers) {
      expect(number).toMatch(/^\+1[2-9]\d{2}55501\d{2}$/);
      expect(phone(number, "US")).toBe(number);
    }
    expect(numbers).not.toContain(demo.settings.phone);
    expect(numbers).not.toContain(demo.sms.phoneNumber);
    for (const { system, value } of telecom)
      if (system === "email")
        expect(value).toMatch(/^[a-z.]+\d*@example\.(com|net|org)$/);
  });

  it("has patients without a phone, with a shared one, with the app, and of both languages", () => {
    const texts = clinic.patients.map(({ resource }) =>
      JSON.stringify(resource),
    );
    const numbers = texts.flatMap((text) => /\+1\d{10}/.exec(text)?.[0] ?? []);
    expect(numbers.length).toBeLessThan(200);
    expect(new Set(numbers).size).toBeLessThan(numbers.length);
    for (const sign of ['"code":"es"', '"code":"en"', "APNS", "GCM"])
      expect(texts.some((text) => text.includes(sign))).toBe(true);
  });

  it("never offers a practitioner twice at one time", () => {
    const taken = ofType("Slot").map(({ resource }) => {
      const { schedule, start } = resource as Slot;
      return `${schedule.reference ?? ""} ${start}`;
    });
    expect(new Set(taken).size).toBe(taken.length);
  });
});

describe("opening hours", () => {
  const zones = [
    "America/New_York",
    "America/Chicago",
    "America/Phoenix",
    "Europe/Berlin",
    "Australia/Lord_Howe",
  ];

  it("are the same on the wall on every working day of every year, also when the clocks change", () => {
    fc.assert(
      fc.property(
        fc.constantFrom(...zones),
        fc.date({
          min: new Date("2020-01-01"),
          max: new Date("2039-12-01"),
          noInvalidDate: true,
        }),
        (zone, date) => {
          const today = date.toISOString().slice(0, 10);
          const wall = new Intl.DateTimeFormat("en-GB", {
            timeZone: zone,
            hour: "2-digit",
            minute: "2-digit",
            weekday: "short",
          });
          for (const { start, end } of visits({
            today,
            days: 7,
            zone,
            minutes: 30,
          })) {
            expect(wall.format(new Date(start))).toContain(start.slice(11, 16));
            expect(wall.format(new Date(start))).not.toMatch(/Sat|Sun/);
            expect(Date.parse(end) - Date.parse(start)).toBe(1_800_000);
            expect(
              start.slice(11, 16) >= "09:00" && end.slice(11, 16) <= "17:00",
            ).toBe(true);
          }
        },
      ),
      { numRuns: 60 },
    );
  });
});

describe("creating the clinic", () => {
  const server = (limit: number) => {
    const bundles: Bundle[] = [];
    let ids = 0;
    const post: PostBundle = (bundle) => {
      if ((bundle.entry?.length ?? 0) > limit)
        return Promise.resolve({ status: 413, body: {} });
      bundles.push(bundle);
      const entry = bundle.entry?.map(({ resource }) => ({
        response: {
          status: "201",
          location: `https://api.example/fhir/R4/${resource?.resourceType ?? ""}/${String((ids += 1))}/_history/1`,
        },
      }));
      return Promise.resolve({
        status: 200,
        body: { resourceType: "Bundle", type: "transaction-response", entry },
      });
    };
    return { bundles, post };
  };

  it("halves what is too costly and creates every entry once", async () => {
    const { bundles, post } = server(20);
    const references = await createAll(clinic.entries, post);
    expect(
      bundles.flatMap(({ entry = [] }) => entry.map(({ fullUrl }) => fullUrl)),
    ).toEqual(clinic.entries.map(({ fullUrl }) => fullUrl));
    expect(references.size).toBe(clinic.entries.length);
  });

  it("refers to what exists by its id and to what comes with it by its urn", async () => {
    const { bundles, post } = server(95);
    await createAll(clinic.entries, post);
    for (const { entry = [] } of bundles) {
      const own = new Set(entry.map(({ fullUrl }) => fullUrl));
      const urns =
        JSON.stringify(entry.map(({ resource }) => resource)).match(
          /urn:uuid:[0-9a-f-]+/g,
        ) ?? [];
      for (const urn of urns) expect(own).toContain(urn);
    }
  });

  it("stops with the API's words when a bundle is refused", async () => {
    await expect(
      createAll(clinic.entries, () =>
        Promise.resolve({ status: 422, body: { text: "no such code" } }),
      ),
    ).rejects.toThrow(/422.*no such code/);
  });
});
