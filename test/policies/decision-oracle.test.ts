import type { Patient } from "@medplum/fhirtypes";
import fc from "fast-check";
import { expect, test } from "vitest";
import { consentAnswer, saidOfReading } from "../../functions/core/consent.ts";
import {
  atBest,
  questionOf,
  recipientsOf,
  serviceQuestion,
  type Decide,
  type Question,
} from "../../functions/core/permission.ts";
import { isTeenPrivate, standingOf } from "../../functions/core/proxy.ts";
import { statesOf } from "../../functions/core/jurisdiction-states.ts";
import { createPolicies } from "../../functions/policy/engine.ts";
import { contextOf } from "./decision-callers.ts";
import { judge, judged, policiesOf, principalOf } from "./decision-oracle.ts";
import { consentOf, noon, patientOf, personOf } from "./decision-words.ts";
import { besideData } from "../api/matrix-rules.ts";
import { inDirectory, services, worlds, type World } from "./decision-world.ts";
import { names, type Jurisdiction } from "./policy-files.ts";

const patient = "01KJQH0CC05C8ZPX17A8T47AHX";
const user = "01KJQH0CC05C8ZPX17A8T47AHY";
const person = `${patient}-01KJQH0CC05C8ZPX17A8T47AHZ`;

const engines = new Map<string, Decide>();
const engine = (packs: readonly Jurisdiction[]): Decide => {
  const name = packs.join();
  const known = engines.get(name) ?? createPolicies(packs);
  engines.set(name, known);
  return known;
};

const seen = { allowed: 0, refused: new Map<string, number>() };
const spoke = new Set<string>();
const count = (refusal: string | undefined, ...said: readonly string[]) => {
  for (const name of said) spoke.add(name);
  if (refusal === undefined) seen.allowed += 1;
  else seen.refused.set(refusal, (seen.refused.get(refusal) ?? 0) + 1);
};

/** The question as the store puts it, without the store. */
const questionIn = (world: World): Question => {
  const { who, action, labels, packs, purpose } = world;
  const isAbout = !inDirectory.includes(world.type);
  const about: Patient = { ...patientOf(world.patient), id: patient };
  const consents = world.consents.map((one) =>
    consentOf(one, patient, `RelatedPerson/${person}`),
  );
  const context = contextOf(world, { patient, user });
  const standing =
    isAbout && who.kind === "user" && world.person !== undefined
      ? standingOf(
          about,
          [{ ...personOf(world.person, patient, user), id: person }],
          consents,
          { user, now: noon, zone: "UTC" },
        )
      : undefined;
  const said =
    isAbout && who.kind !== "self"
      ? saidOfReading(
          consentAnswer(consents, {
            use: "read",
            purpose,
            recipients: [
              ...recipientsOf(context.by),
              ...(standing === undefined ? [] : [standing.person]),
            ],
            labels,
            type: world.type,
            now: noon,
          }),
        )
      : { consent: "silent" as const, restricted: false };
  return questionOf(
    context,
    action,
    {
      type: world.type as never,
      patient: isAbout ? patient : undefined,
    },
    {
      ...atBest,
      labels,
      ...said,
      emergency: isAbout && world.emergency && who.kind === "staff",
      teenPrivate:
        standing !== undefined &&
        isTeenPrivate(about, labels, noon, { states: statesOf(packs) }),
    },
    standing,
  );
};

const types = [
  "Observation",
  "DocumentReference",
  "Communication",
  "CarePlan",
  "Appointment",
  "Patient",
  "Task",
  "Consent",
  "Claim",
  "Invoice",
  "Provenance",
  "AuditEvent",
  ...inDirectory,
];

test("10,000 decisions about resources are those of a naive oracle", async () => {
  await fc.assert(
    fc.asyncProperty(worlds(types), async (world) => {
      const expected = judge(world);
      const refusal = await engine(world.packs)(questionIn(world));
      expect(refusal).toBe(expected.refusal);
      count(refusal, ...expected.permits, ...expected.forbids);
    }),
    { numRuns: 10_000, seed: 20_261_122 },
  );
}, 120_000);

test("3,000 decisions about the organization are those of a naive oracle", async () => {
  await fc.assert(
    fc.asyncProperty(
      services,
      async ({ who, purpose, action, freshSignIn }) => {
        const expected = judged(
          {
            principal: principalOf(who),
            action,
            purpose,
            scoped:
              who.kind === "client" ||
              !("scopes" in who) ||
              who.scopes === undefined ||
              !besideData.includes(action),
            consent: "silent",
            restricted: false,
            emergency: false,
            freshSignIn,
          },
          [],
        );
        const refusal = await engine([])(
          serviceQuestion(
            { ...contextOf({ who, purpose }, { patient, user }), freshSignIn },
            action,
          ),
        );
        expect(refusal).toBe(expected.refusal);
        count(refusal, ...expected.permits, ...expected.forbids);
      },
    ),
    { numRuns: 3000, seed: 20_261_122 },
  );
});

test("every policy spoke", () => {
  const refused = [...seen.refused].toSorted(
    ([, one], [, other]) => other - one,
  );
  process.stdout.write(
    `allowed ${String(seen.allowed)}; refused ${refused.map(([name, times]) => `${name} ${String(times)}`).join(", ")}\n`,
  );
  const all = ["base", ...names].flatMap((pack) => policiesOf(`${pack}.cedar`));
  expect(all.filter((name) => !spoke.has(name))).toEqual([]);
});
