import type { Patient, PatientLink, Task } from "@medplum/fhirtypes";
import { Fault } from "./fault.ts";

type Identified = Patient & { readonly id: string };

/** The two records once they are known to be one person's: nothing but the links and `active` changes. Throws 422. */
export const merged = (
  source: Identified,
  target: Identified,
): { readonly source: Identified; readonly target: Identified } => {
  if (source.id === target.id)
    throw refused("SamePatient", "A record cannot be merged into itself.");
  if (source.link?.some(({ type }) => type === "replaced-by") === true)
    throw refused(
      "MergedAlready",
      "The source record was merged before. Unmerge it first, or merge the record that replaced it.",
    );
  if (target.link?.some(({ type }) => type === "replaced-by") === true)
    throw refused(
      "MergedAlready",
      "The target record was itself merged into another. Merge into that one.",
    );
  return {
    source: {
      ...source,
      active: false,
      link: [...(source.link ?? []), linkTo(target.id, "replaced-by")],
    },
    target: {
      ...target,
      link: [...(target.link ?? []), linkTo(source.id, "replaces")],
    },
  };
};

/**
 * The two records as they would be had they never been merged, with whatever was changed since. `before` is the source as
 * it was then.
 */
export const unmerged = (
  source: Identified,
  target: Identified | undefined,
  before: Patient,
): {
  readonly source: Identified;
  readonly target: Identified | undefined;
} => ({
  source: withActive(
    withoutLink(source, targetOf(source), "replaced-by"),
    before.active,
  ),
  target:
    target === undefined
      ? undefined
      : withoutLink(target, source.id, "replaces"),
});

/** The record that took this one's place. */
export const targetOf = ({ link = [] }: Patient): string | undefined =>
  link
    .find(({ type }) => type === "replaced-by")
    ?.other.reference?.replace(/^Patient\//, "");

/** The open questions whether these two are one person, answered. */
export const answeredReviews = <T extends Task>(
  tasks: readonly T[],
  pair: readonly [string, string],
  answer: string,
): readonly T[] => {
  const prefix = `${pair.toSorted().join(".")}.`;
  return tasks
    .filter(
      ({ identifier = [], status }) =>
        identifier.some(
          ({ system, value }) =>
            system === "urn:sojourn:duplicate" &&
            value?.startsWith(prefix) === true,
        ) &&
        ["requested", "ready", "received", "accepted", "in-progress"].includes(
          status,
        ),
    )
    .map((task) => ({
      ...task,
      status: "completed",
      output: [
        ...(task.output ?? []),
        { type: { text: "answer" }, valueString: answer },
      ],
    }));
};

const linkTo = (id: string, type: PatientLink["type"]): PatientLink => ({
  other: { reference: `Patient/${id}` },
  type,
});

const withoutLink = (
  patient: Identified,
  id: string | undefined,
  type: PatientLink["type"],
): Identified => {
  const { link = [], ...rest } = patient;
  const kept = link.filter(
    (one) => one.type !== type || one.other.reference !== `Patient/${id ?? ""}`,
  );
  return kept.length > 0 ? { ...patient, link: kept } : rest;
};

const withActive = (
  patient: Identified,
  active: boolean | undefined,
): Identified => {
  const { active: _merged, ...rest } = patient;
  return active === undefined ? rest : { ...patient, active };
};

const refused = (name: string, text: string): Fault =>
  new Fault(name, 422, text, { code: "business-rule" });
