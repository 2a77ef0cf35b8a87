import { auditQuestion } from "../core/audit-permission.ts";
import type { Context } from "../core/caller.ts";
import { serviceQuestion } from "../core/permission.ts";
import { refused } from "../core/refused.ts";
import { toldTo } from "./audit-telling.ts";
import { permittedPeople } from "./audit.ts";
import type { Accounted } from "./disclosures.ts";
import { createMerges } from "./merges.ts";
import { createPermits } from "./permits.ts";
import type { Store } from "./store.ts";

/**
 * The records of a person whose accounting is asked for. Staff hand it out to whom it is about, whoever may learn who did
 * what. Throws Forbidden (403).
 */
export const accountablePeople = async (
  store: Store,
  context: Context,
  patient: string,
): Promise<readonly string[]> => {
  if (context.by.kind !== "staff")
    return permittedPeople(store, context, patient);
  const policy = await store.decide(
    serviceQuestion(context, "account-disclosures"),
  );
  if (policy !== undefined) throw refused(policy);
  const { samePerson } = createMerges(store.table);
  const people = await samePerson(patient);
  const overseen = await store.decide(auditQuestion(context, people));
  if (overseen !== undefined)
    await createPermits(store, context, { samePerson }).admit(
      "read",
      aPatient(patient),
    );
  return people;
};

/** Whoever acts for a patient is told of no disclosure of what is closed to them. */
export const openTo = async (
  store: Store,
  context: Context,
  people: readonly string[],
  disclosures: readonly Accounted[],
): Promise<readonly Accounted[]> => {
  const { by } = context;
  if (by.kind !== "patient" || people.includes(by.id)) return disclosures;
  const { samePerson } = createMerges(store.table);
  const { admits } = createPermits(store, context, { samePerson });
  const open = await Promise.all(
    disclosures.map(async (one) => {
      const { id, at, patient, part2, resources } = one;
      const changes = resources.map((name) => {
        const [type = "", local = ""] = name.split("/");
        return { type, id: local, version: 0, what: `${type}Read` };
      });
      const [told] = await toldTo(store, context, [
        {
          ...{ v: 1, id, at, kind: "read", outcome: "done", patient, changes },
          ...{ by: "", purpose: "", requestId: "" },
        },
      ]);
      return told?.changes.length === changes.length &&
        (!part2 || (await admits("read", aPatient(patient, "42CFRPart2"))))
        ? [one]
        : [];
    }),
  );
  return open.flat();
};

/** As much of a Patient as permission depends on. */
const aPatient = (id: string, ...labels: readonly string[]) => ({
  resourceType: "Patient" as const,
  id,
  meta: {
    versionId: "0",
    lastUpdated: "",
    security: labels.map((code) => ({ code })),
  },
});
