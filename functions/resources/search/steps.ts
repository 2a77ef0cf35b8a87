import { isKnown } from "../all.ts";
import type { KnownType } from "../declaration.ts";
import { parametersOf } from "./parameter.ts";
import { loadTables } from "./tables.ts";

/** References that one parameter may follow, forwards and back. */
export const deepest = 3;

export interface Forward {
  readonly name: string;
  readonly of: string | undefined;
  readonly rest: string;
}

export interface Back {
  readonly name: "_has";
  readonly from: string;
  readonly by: string;
  readonly rest: string;
}

/** The first reference that a name follows: `patient.name`, `subject:Patient.name`, `_has:Task:patient:status`. */
export const stepOf = (key: string): Forward | Back | undefined => {
  if (key === "_has" || key.startsWith("_has:")) {
    const [, from = "", by = "", ...rest] = key.split(":");
    return { name: "_has", from, by, rest: rest.join(":") };
  }
  const { name, of, rest } =
    /^(?<name>[^.:]+)(?::(?<of>[^.:]+))?\.(?<rest>.*)$/su.exec(key)?.groups ??
    {};
  return name === undefined || rest === undefined
    ? undefined
    : { name, of, rest };
};

/** Loads the tables of every type that the names lead to. */
export const loadPaths = async (
  type: KnownType,
  keys: readonly string[],
  depth = 0,
): Promise<void> => {
  await loadTables([type]);
  if (depth >= deepest) return;
  const next = Map.groupBy(
    keys.flatMap((key) => {
      const step = stepOf(key);
      return step === undefined
        ? []
        : typesBehind(type, step).map((behind) => ({ behind, ...step }));
    }),
    ({ behind }) => behind,
  );
  await Promise.all(
    [...next].map(([behind, steps]) =>
      loadPaths(
        behind,
        steps.map(({ rest }) => rest),
        depth + 1,
      ),
    ),
  );
};

const typesBehind = (
  type: KnownType,
  step: Forward | Back,
): readonly KnownType[] => {
  if ("from" in step) return isKnown(step.from) ? [step.from] : [];
  const { targets } = parametersOf(type).get(step.name) ?? {};
  const named = step.of === undefined ? [...(targets ?? [])] : [step.of];
  return named.filter(isKnown);
};
