import type {
  Consent,
  ConsentProvision,
  Patient,
  RelatedPerson,
} from "@medplum/fhirtypes";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  ageOf,
  isTeenPrivate,
  proxiesOf,
  standingOf,
} from "../../functions/core/proxy.ts";
import { usMinors } from "../../packs/minors/us.ts";
import { aConsent, literally, purpose } from "./consent-builders.ts";
import { aPatient } from "./contact-builders.ts";

const now = "2026-03-04T16:00:00.000Z";
const child = aPatient({ birthDate: "2016-05-05" });
const { birthDate: _, ...ageless } = aPatient();
const adult = aPatient({ birthDate: "1950-05-05" });
const person = (
  relationship: string,
  more: Partial<RelatedPerson> = {},
): RelatedPerson => ({
  resourceType: "RelatedPerson",
  id: "r",
  patient: { reference: "Patient/p" },
  identifier: [{ system: "urn:sojourn:user", value: "mary" }],
  relationship: [{ coding: [{ code: relationship }] }],
  ...more,
});
const permit: ConsentProvision = {
  type: "permit",
  actor: [literally("RelatedPerson/r")],
};
const stateOf = (
  patient: Patient,
  persons: readonly RelatedPerson[],
  consents: readonly Consent[] = [],
  at = now,
) =>
  standingOf(patient, persons, consents, {
    user: "mary",
    now: at,
    zone: "UTC",
  });

describe("a parent", () => {
  it("acts for a child", () =>
    expect(stateOf(child, [person("MTH")])).toEqual({
      basis: "guardian",
      person: "RelatedPerson/r",
      state: "in-force",
    }));
  it.each([
    ["for an adult no more", adult, {}, "aged-out"],
    ["not when out of use", child, { active: false }, "ended"],
    [
      "not after the period",
      child,
      { period: { end: "2026-03-03" } },
      "expired",
    ],
    [
      "on its last day still",
      child,
      { period: { end: "2026-03-04" } },
      "in-force",
    ],
    [
      "not before the period",
      child,
      { period: { start: "2026-04" } },
      "not-yet",
    ],
    [
      "not under a period that is none",
      child,
      { period: { end: "later" } },
      "expired",
    ],
    ["whose child's birth date nobody knows: not", ageless, {}, "aged-out"],
    [
      "whose child's birth date nobody knows: up to a day that is named",
      ageless,
      { period: { end: "2027" } },
      "in-force",
    ],
  ] as const)("%s", (_, patient, more, state) => {
    expect(stateOf(patient as Patient, [person("FTH", more)])).toMatchObject({
      state,
    });
  });
  it("is known by the portal's user name, and nobody else is", () => {
    expect(
      standingOf(child, [person("MTH")], [], { user: "eve", now, zone: "UTC" }),
    ).toBeUndefined();
    expect(
      stateOf(child, [
        person("MTH", { identifier: [{ system: "urn:x", value: "mary" }] }),
      ]),
    ).toBeUndefined();
  });
  it("is none by being a neighbour", () =>
    expect(stateOf(child, [person("NBOR")])).toBeUndefined());
});

describe("majority", () => {
  const home = (state: string, birthDate: string) =>
    aPatient({
      birthDate,
      address: [
        {
          state,
          country: "US",
          extension: [
            {
              url: "http://hl7.org/fhir/StructureDefinition/tz-code",
              valueCode: "America/Chicago",
            },
          ],
        },
      ],
    });
  it.each([
    ["NY", 18],
    ["AL", 19],
    ["NE", 19],
    ["MS", 21],
  ])("in %s comes at %i, at midnight where the patient lives", (state, age) => {
    const patient = home(state, `${String(2026 - age)}-03-04`);
    const at = (time: string) =>
      stateOf(patient, [person("GUARD")], [], time)?.state;
    expect(at("2026-03-04T05:59:59.999Z")).toBe("in-force");
    expect(at("2026-03-04T06:00:00.000Z")).toBe("aged-out");
  });
  it("comes by the organization's days where the patient's zone is not known", () => {
    const patient = aPatient({ birthDate: "2008-03-04" });
    const at = (time: string, zone: string) =>
      standingOf(patient, [person("MTH")], [], {
        user: "mary",
        now: time,
        zone,
      })?.state;
    expect(at("2026-03-03T22:59:59Z", "Europe/Berlin")).toBe("in-force");
    expect(at("2026-03-03T23:00:00Z", "Europe/Berlin")).toBe("aged-out");
    expect(at("2026-03-04T04:59:59Z", "America/New_York")).toBe("in-force");
    expect(at("2026-03-04T05:00:00Z", "America/New_York")).toBe("aged-out");
  });
  it("of those born on 29 February comes on 1 March", () => {
    const patient = aPatient({ birthDate: "2008-02-29" });
    const at = (time: string) =>
      stateOf(patient, [person("MTH")], [], time)?.state;
    expect(at("2026-02-28T23:59:59.999Z")).toBe("in-force");
    expect(at("2026-03-01T00:00:00.000Z")).toBe("aged-out");
  });
  it("ends a guardian's standing for good, and their messages", () => {
    fc.assert(
      fc.property(
        fc.date({
          min: new Date("1990-01-01"),
          max: new Date("2040-01-01"),
          noInvalidDate: true,
        }),
        fc.integer({ min: 0, max: 40 * 365 }),
        (birth, days) => {
          const birthDate = birth.toISOString().slice(0, 10);
          const at = new Date(birth.getTime() + days * 86_400_000);
          const grown = new Date(birth);
          grown.setUTCFullYear(birth.getUTCFullYear() + 18);
          grown.setUTCHours(0, 0, 0, 0);
          const patient = aPatient({ birthDate });
          const time = at.toISOString();
          const expected = at < grown;
          expect(stateOf(patient, [person("MTH")], [], time)?.state).toBe(
            expected ? "in-force" : "aged-out",
          );
          expect(
            proxiesOf(patient, [person("MTH")], { now: time, zone: "UTC" }),
          ).toHaveLength(expected ? 1 : 0);
        },
      ),
      { numRuns: 2000 },
    );
  });
});

describe("an adult's proxy", () => {
  it("has a power of attorney for health care", () => {
    expect(stateOf(adult, [person("HPOWATT")])).toMatchObject({
      basis: "attorney",
      state: "in-force",
    });
    expect(
      stateOf(adult, [person("HPOWATT", { period: { end: "2026-01" } })]),
    ).toMatchObject({ state: "expired" });
  });
  it("or is permitted by name, at any depth", () => {
    expect(stateOf(adult, [person("CHILD")], [aConsent(permit)])).toMatchObject(
      {
        basis: "authorization",
        person: "RelatedPerson/r",
        state: "in-force",
      },
    );
    const nested = aConsent({ type: "deny", provision: [permit] });
    expect(stateOf(adult, [person("CHILD")], [nested])?.state).toBe("in-force");
  });
  it.each<readonly [string, Partial<Consent>, string | undefined]>([
    ["is drafted only", { status: "draft" }, "not-yet"],
    ["was withdrawn", { status: "inactive" }, "ended"],
    ["was entered in error", { status: "entered-in-error" }, "ended"],
    [
      "has run out",
      { provision: { ...permit, period: { end: "2026-03-03" } } },
      "expired",
    ],
    [
      "begins later",
      { provision: { ...permit, period: { start: "2027" } } },
      "not-yet",
    ],
    [
      "lies in one that has run out",
      {
        provision: {
          type: "deny",
          period: { end: "2020" },
          provision: [permit],
        },
      },
      "expired",
    ],
    ["denies", { provision: { ...permit, type: "deny" } }, undefined],
    [
      "names others",
      { provision: { type: "permit", actor: [literally("RelatedPerson/x")] } },
      undefined,
    ],
    [
      "names nobody",
      { provision: { type: "permit", purpose: [purpose("TREAT")] } },
      undefined,
    ],
  ])("is not by a Consent that %s", (_, consent, state) => {
    expect(
      stateOf(adult, [person("CHILD")], [{ ...aConsent(permit), ...consent }])
        ?.state,
    ).toBe(state);
  });
  it("is not while the record has ended the relation", () =>
    expect(
      stateOf(adult, [person("CHILD", { active: false })], [aConsent(permit)]),
    ).toMatchObject({ state: "ended" }));
  it("is not by what a guardian signed in their childhood", () => {
    const grown = aPatient({ birthDate: "2005-05-05" });
    const signed = (consent: Partial<Consent>) =>
      stateOf(grown, [person("CHILD")], [{ ...aConsent(permit), ...consent }])
        ?.state;
    expect(signed({ dateTime: "2020-01-01" })).toBe("aged-out");
    expect(signed({ meta: { lastUpdated: "2020-01-01T00:00:00Z" } })).toBe(
      "aged-out",
    );
    expect(signed({ dateTime: "2024-01-01" })).toBe("in-force");
    expect(
      signed({
        dateTime: "2023-05-04",
        performer: [{ reference: "Patient/p" }],
      }),
    ).toBe("in-force");
  });
  it("is not by a date to come on what was written down in their childhood", () => {
    const grown = aPatient({ birthDate: "2005-05-05" });
    const consent = {
      ...aConsent(permit),
      dateTime: "2024-01-01",
      meta: { lastUpdated: "2020-01-01T00:00:00Z" },
    };
    expect(stateOf(grown, [person("CHILD")], [consent])?.state).toBe(
      "aged-out",
    );
  });
  it("is not by a Consent that they alone signed", () => {
    const signed = (...performer: readonly string[]) =>
      stateOf(
        adult,
        [person("CHILD")],
        [
          aConsent(permit, {
            performer: performer.map((reference) => ({ reference })),
          }),
        ],
      )?.state;
    expect(signed("RelatedPerson/r")).toBeUndefined();
    expect(signed("RelatedPerson/r", "Patient/p")).toBe("in-force");
    expect(signed("RelatedPerson/attorney")).toBe("in-force");
  });
  it.each<[string, Partial<Consent>]>([
    [
      "contact",
      {
        category: [
          { coding: [{ system: "urn:sojourn:consent", code: "contact" }] },
        ],
      },
    ],
    [
      "research",
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
    ],
  ])("is not by a Consent to %s", (_, more) =>
    expect(
      stateOf(adult, [person("CHILD")], [aConsent(permit, more)]),
    ).toBeUndefined(),
  );
  it("has the best of several standings", () => {
    const persons = [
      person("MTH"),
      person("CHILD", { id: "s" }),
      person("HPOWATT", { id: "t", active: false }),
    ];
    const consents = [
      aConsent({ type: "permit", actor: [literally("RelatedPerson/s")] }),
    ];
    for (const some of [persons, persons.toReversed()])
      expect(stateOf(adult, some, consents)).toEqual({
        basis: "authorization",
        person: "RelatedPerson/s",
        state: "in-force",
      });
  });
});

describe("whom a guardian lets act for a minor", () => {
  const signed = (provision: ConsentProvision, by = "RelatedPerson/m") =>
    stateOf(
      child,
      [person("AUNT")],
      [aConsent(provision, { performer: [{ reference: by }] })],
    );
  it("stands as a guardian does, and no better", () =>
    expect(signed(permit)).toEqual({
      basis: "guardian",
      person: "RelatedPerson/r",
      state: "in-force",
    }));
  it("stands not at all by less than all of it", () => {
    const purposes = [purpose("PATRQT")];
    expect(signed({ ...permit, purpose: purposes })).toBeUndefined();
    expect(
      signed({ type: "permit", purpose: purposes, provision: [permit] }),
    ).toBeUndefined();
  });
  it("stands by the minor's own word as they say", () =>
    expect(signed(permit, "Patient/p")?.basis).toBe("authorization"));
});

describe("an age", () => {
  it.each([
    ["2016-05-05", "2026-05-04", 9],
    ["2016-05-05", "2026-05-05", 10],
    ["2008-02-29", "2026-02-28", 17],
    ["2008-02-29", "2028-02-29", 20],
    ["2008", "2026-01-01", 18],
    ["2008-05", "2026-05-01", 18],
    ["2026-03-01", "2026-03-01", 0],
    ["yesterday", "2026-03-01", undefined],
    [undefined, "2026-03-01", undefined],
  ])("of who was born %s is on %s %s", (birthDate, on, age) => {
    expect(
      ageOf(
        {
          resourceType: "Patient",
          ...(birthDate !== undefined && { birthDate }),
        },
        on,
      ),
    ).toBe(age);
  });
});

describe("what a minor keeps to themself", () => {
  const born = (year: number, state?: string) =>
    aPatient({
      birthDate: `${String(year)}-01-01`,
      ...(state !== undefined && { address: [{ state }] }),
    });
  const teen = born(2013);
  it.each<
    readonly [string, Patient, readonly string[], readonly string[], boolean]
  >([
    ["13, mental health, California", teen, ["MH"], ["CA"], true],
    ["13, by the name of a pack", teen, ["MH"], ["us-hipaa", "us-ca"], true],
    ["11, mental health, California", born(2015), ["MH"], ["CA"], false],
    ["11, pregnancy, California", born(2015), ["PREGNANT"], ["CA"], true],
    ["13, mental health, Oregon", teen, ["MH"], ["OR"], false],
    ["13, substance use, Washington", teen, ["ETH"], ["WA"], true],
    ["13, infections, Washington", teen, ["STD"], ["WA"], false],
    ["13, no label", teen, [], ["CA"], false],
    ["13, only restricted", teen, ["R"], ["CA"], false],
    [
      "13, anything, Texas: parents see the whole record",
      teen,
      ["MH", "STD", "ETH"],
      ["TX"],
      false,
    ],
    ["13, violence, Texas", teen, ["SDV"], ["TX"], true],
    [
      "13, who lives in California, in a clinic of Texas",
      born(2013, "CA"),
      ["MH"],
      ["TX"],
      true,
    ],
    ["13, in a state of which we have no rule", teen, ["MH"], ["OH"], true],
    ["13, nowhere known", teen, ["HIV"], [], true],
    ["11, nowhere known", born(2015), ["HIV"], [], false],
    ["of age", born(2000), ["MH"], ["CA"], false],
    ["of unknown age", ageless, ["MH"], ["CA"], true],
    ["of unknown age, without a label", ageless, [], ["CA"], false],
    ["of unknown age, only restricted", ageless, ["R"], ["CA"], false],
    ["of unknown age, only normal", ageless, ["N"], [], false],
    [
      "of unknown age, what no minor consents to",
      ageless,
      ["MH"],
      ["TX"],
      false,
    ],
    ["of unknown age, violence, Texas", ageless, ["SDV"], ["TX"], true],
  ])("%s", (_, patient, labels, states, isPrivate) => {
    expect(isTeenPrivate(patient, labels, now, { states })).toBe(isPrivate);
  });
  it("has a citation for each rule, and each kind of care a rule in each state", () => {
    for (const rules of [usMinors.default, ...Object.values(usMinors.states)]) {
      const kinds = rules.flatMap((rule) => rule.kinds);
      expect(kinds.toSorted()).toEqual(Object.keys(usMinors.kinds).toSorted());
      for (const { citation } of rules) expect(citation).toMatch(/\d/u);
    }
  });
});
