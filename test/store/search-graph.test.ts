import type { Encounter, Observation, Patient } from "@medplum/fhirtypes";
import fc from "fast-check";
import { expect, test } from "vitest";
import { loadSearch, parseSearch } from "../../functions/resources/search.ts";
import { aRecord, bySystem } from "../record.ts";
import { aPatient } from "./builders.ts";

const statuses = ["planned", "finished"] as const;
const codes = ["a", "b"] as const;

const graph = fc.record({
  encounters: fc.array(fc.constantFrom(...statuses), { maxLength: 4 }),
  observations: fc.array(
    fc.record({
      code: fc.constantFrom(...codes),
      encounter: fc.option(fc.nat(3), { nil: undefined }),
      member: fc.option(fc.nat(5), { nil: undefined }),
    }),
    { minLength: 1, maxLength: 6 },
  ),
});

test("chains and _has find in any graph what following each reference finds", async () => {
  await fc.assert(
    fc.asyncProperty(graph, async ({ encounters, observations }) => {
      const { records } = aRecord();
      const made = await records.change(bySystem, async (work) => {
        const patient = await work.create<Patient>(aPatient());
        const subject = { reference: `Patient/${patient.id}` };
        const visits: string[] = [];
        for (const status of encounters) {
          const { id } = await work.create<Encounter>({
            resourceType: "Encounter",
            status,
            class: { code: "AMB" },
            subject,
          });
          visits.push(id);
        }
        const results: string[] = [];
        for (const { code, encounter = 9, member = 9 } of observations) {
          const [visit, part] = [visits[encounter], results[member]];
          const { id } = await work.create<Observation>({
            resourceType: "Observation",
            status: "final",
            code: { coding: [{ code }] },
            subject,
            ...(visit && { encounter: { reference: `Encounter/${visit}` } }),
            ...(part && {
              hasMember: [{ reference: `Observation/${part}` }],
            }),
          });
          results.push(id);
        }
        return { patient: patient.id, visits, results };
      });
      const found = async (
        type: "Encounter" | "Observation",
        name: string,
        value: string,
      ): Promise<readonly string[]> => {
        const params = [
          ["patient", made.patient],
          [name, value],
        ] as const;
        await loadSearch(type, params);
        const query = parseSearch(type, params, { strict: true });
        const { matches } = await records.search(bySystem, query);
        return matches.map(({ id }) => id);
      };
      // A member is made before what has it.
      const memberOf = (index: number): number | undefined => {
        const { member } = observations[index] ?? {};
        return member !== undefined && member < index ? member : undefined;
      };
      const visitOf = (index: number): number | undefined => {
        const { encounter } = observations[index] ?? {};
        return encounter !== undefined && encounter < encounters.length
          ? encounter
          : undefined;
      };
      const all = observations.map((_, index) => index);
      for (const status of statuses) {
        const isIn = (index: number | undefined): boolean =>
          index !== undefined &&
          visitOf(index) !== undefined &&
          encounters[visitOf(index) ?? -1] === status;
        expect(await found("Observation", "encounter.status", status)).toEqual(
          all.filter(isIn).map((index) => made.results[index]),
        );
        expect(
          await found("Observation", "has-member.encounter.status", status),
        ).toEqual(
          all
            .filter((index) => isIn(memberOf(index)))
            .map((index) => made.results[index]),
        );
      }
      for (const code of codes) {
        const has = (index: number): boolean =>
          observations[index]?.code === code;
        expect(
          await found("Encounter", "_has:Observation:encounter:code", code),
        ).toEqual(
          made.visits.filter((_, visit) =>
            all.some((index) => has(index) && visitOf(index) === visit),
          ),
        );
        expect(
          await found(
            "Encounter",
            "_has:Observation:encounter:_has:Observation:has-member:code",
            code,
          ),
        ).toEqual(
          made.visits.filter((_, visit) =>
            all.some(
              (index) =>
                visitOf(index) === visit &&
                all.some((other) => has(other) && memberOf(other) === index),
            ),
          ),
        );
      }
    }),
    { numRuns: 25 * Number(process.env.SOJOURN_TEST_RUNS ?? 1) },
  );
}, 30_000);
