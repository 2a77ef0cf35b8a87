import type { Consent, Patient, RelatedPerson } from "@medplum/fhirtypes";
import fc from "fast-check";
import { expect, test } from "vitest";
import type { Ulid } from "../../functions/core/ids.ts";
import { Fault } from "../../functions/core/fault.ts";
import { loadSearch, parseSearch } from "../../functions/resources/search.ts";
import type { Kept, Stored } from "../../functions/store/records.ts";
import { aRecord, bySystem, type TestRecord } from "../record.ts";
import { contextOf } from "./decision-callers.ts";
import { judge } from "./decision-oracle.ts";
import { consentOf, noon, patientOf, personOf } from "./decision-words.ts";
import { inDirectory, worlds, type World } from "./decision-world.ts";

const user = "01KJQH0CC05C8ZPX17A8T47AHY";

const records = new Map<string, TestRecord>();
const recordOf = (packs: readonly string[]): TestRecord => {
  const name = packs.join();
  const known =
    records.get(name) ??
    aRecord({ jurisdictions: packs, now: () => new Date(noon) });
  records.set(name, known);
  return known;
};

const labelled = (type: string, patient: string, labels: readonly string[]) => {
  const subject = { reference: `Patient/${patient}` };
  const text = "Something";
  const contents: Readonly<Record<string, object>> = {
    Observation: { status: "final", code: { text }, subject },
    Condition: { code: { text }, subject },
    DocumentReference: {
      status: "current",
      subject,
      content: [{ attachment: { contentType: "text/plain", title: text } }],
    },
    Communication: { status: "completed", subject },
    CarePlan: { status: "active", intent: "plan", subject },
    Task: { status: "requested", intent: "order", for: subject },
    Claim: {
      status: "draft",
      type: { text },
      use: "claim",
      patient: subject,
      created: "2026-01-05",
      provider: { display: "The clinic" },
      priority: { text },
      insurance: [{ sequence: 1, focal: true, coverage: { display: "None" } }],
    },
    Location: { name: text },
    PlanDefinition: { status: "active" },
  };
  return {
    resourceType: type,
    ...(labels.length > 0 && {
      meta: { security: labels.map((code) => ({ code })) },
    }),
    ...contents[type],
  } as Kept;
};

/** The world as a record: its patient and what is asked for. */
const settle = async (
  record: TestRecord,
  { patient, consents, person, labels, type }: World,
): Promise<{ readonly patient: string; readonly target: Stored<Kept> }> =>
  record.records.change(bySystem, async (work) => {
    const { id } = await work.create<Patient>(patientOf(patient));
    const related = await work.create<RelatedPerson>(
      personOf(
        person ?? { relationship: "FRND", active: true },
        id,
        person === undefined ? "nobody" : user,
      ),
    );
    for (const one of consents)
      await work.create<Consent>(
        consentOf(one, id, `RelatedPerson/${related.id}`),
      );
    return {
      patient: id,
      target: await work.create(labelled(type, id, labels)),
    };
  });

/** Does what the world asks for; false where that is refused. */
const done = async (world: World): Promise<boolean> => {
  const record = recordOf(world.packs);
  const { patient, target } = await settle(record, world);
  const context = contextOf(world, { patient, user });
  if (world.emergency && world.who.kind === "staff")
    await (
      await record.emergencies()
    ).open(
      context,
      { patient: patient as Ulid, reason: "covering", text: "Cannot wait" },
      30,
    );
  const { resourceType: type, id } = target;
  try {
    switch (world.action) {
      case "read":
        await record.records.read(context, type, id);
        return true;
      case "search": {
        const criteria = [["_id", id]] as const;
        await loadSearch(type, criteria);
        const { matches } = await record.records.search(
          context,
          parseSearch(type, criteria, { strict: true }),
        );
        return matches.length === 1;
      }
      case "delete":
        await record.records.change(context, (work) => work.remove(type, id));
        return true;
      default:
        await record.records.change(context, (work) =>
          work.update({ ...target, language: "en" }),
        );
        return true;
    }
  } catch (error) {
    if (error instanceof Fault && error.status === 403) return false;
    throw error;
  }
};

/** Nobody replaces or deletes unseen what they may not see, scopes or not; our own code and operations keep to their own rules. */
const refusalOf = (world: World): string | undefined => {
  const { who, action, operation } = world;
  const { refusal } = judge(world);
  if (
    refusal !== undefined ||
    !["update", "delete"].includes(action) ||
    operation !== undefined ||
    who.kind === "system"
  )
    return refusal;
  const everything = [{ context: "system", type: "*", letters: "r" } as const];
  return judge({
    ...world,
    action: "read",
    who:
      who.kind === "client"
        ? { ...who, scopes: everything }
        : { ...who, scopes: undefined },
  }).refusal;
};

const types = [
  "Observation",
  "Condition",
  "DocumentReference",
  "Communication",
  "CarePlan",
  "Task",
  "Claim",
  ...inDirectory.slice(0, 2),
];

const asked = worlds(types).map((world) => ({
  ...world,
  action:
    world.action === "create" || world.action === "declassify"
      ? ("read" as const)
      : world.action,
}));

test("1,000 sealed records are read, found, changed and deleted as a naive oracle says", async () => {
  const seen = { allowed: 0, refused: 0 };
  await fc.assert(
    fc.asyncProperty(asked, async (world) => {
      const refusal = refusalOf(world);
      seen[refusal === undefined ? "allowed" : "refused"] += 1;
      expect({ refusal, done: await done(world) }).toEqual({
        refusal,
        done: refusal === undefined,
      });
    }),
    { numRuns: 1000, seed: 20_261_122 },
  );
  process.stdout.write(
    `allowed ${String(seen.allowed)}, refused ${String(seen.refused)}\n`,
  );
  expect(Math.min(seen.allowed, seen.refused)).toBeGreaterThan(200);
}, 120_000);
