import { declarations } from "../../functions/resources/all.ts";
import { start } from "../../functions/resources/moves.ts";
import type { Example } from "./corpus.ts";
import { isObject, type Json } from "./exact.ts";

/** With every reference to an example that the server has replaced by that to its copy there. */
export const relinked = (
  value: unknown,
  names: ReadonlyMap<string, string>,
): unknown => {
  if (Array.isArray(value)) return value.map((each) => relinked(each, names));
  if (!isObject(value)) return value;
  return Object.fromEntries(
    Object.entries(value).map(([key, inner]) => {
      if (key !== "reference" || typeof inner !== "string")
        return [key, relinked(inner, names)];
      const [, name = "", version = ""] =
        /^(.*?)(\/_history\/.*)?$/u.exec(inner) ?? [];
      const there = names.get(name);
      return [key, there === undefined ? inner : `${there}${version}`];
    }),
  );
};

const onServer = /^Patient\/\w{26}$/u;

/** The element that must name a patient of this server but does not; undefined when all is well. */
export const homeless = (
  { type }: Pick<Example, "type">,
  resource: Json,
): string | undefined => {
  const { home, homeOptional } = declarations[type];
  if (typeof home === "string" || homeOptional === true) return undefined;
  const named = home
    .flatMap((path) => path.split(".").reduce(below, [resource]))
    .some(
      (each) =>
        isObject(each) &&
        typeof each.reference === "string" &&
        onServer.test(each.reference),
    );
  return named ? undefined : home[0];
};

const below = (values: readonly unknown[], name: string): readonly unknown[] =>
  values.flatMap((value) => (isObject(value) ? (value[name] ?? []) : []));

/** The contained resource that an element refers to. */
export const containedAt = (
  resource: Json,
  element: string,
): Json | undefined => {
  const reference = isObject(resource[element])
    ? resource[element].reference
    : undefined;
  const { contained = [] } = resource as { contained?: readonly Json[] };
  return contained.find(({ id }) => reference === `#${String(id)}`);
};

/** About the patient, who takes the place of whoever the element named. A contained resource that nothing else needs goes. */
export const about = (
  resource: Json,
  element: string,
  patient: string,
): Json => {
  const guest = containedAt(resource, element);
  const { [element]: subject, contained, ...rest } = resource;
  const list = (contained ?? []) as readonly Json[];
  const stay = list.filter((each) => each !== guest);
  const moved = {
    ...rest,
    ...(stay.length > 0 && { contained: stay }),
    [element]: { ...(isObject(subject) ? subject : {}), reference: patient },
  };
  return guest === undefined
    ? moved
    : (relinked(moved, new Map([[`#${String(guest.id)}`, patient]])) as Json);
};

const statusElement = (type: string): string =>
  type === "Goal" ? "lifecycleStatus" : "status";

/** The statuses on the shortest legal way to the one that the resource has: more than one where it may not be created so. */
export const wayTo = (
  { type }: Pick<Example, "type">,
  resource: Json,
): readonly Json[] => {
  const element = statusElement(type);
  const { [element]: goal } = resource;
  const { moves } = declarations[type];
  const starts = moves?.[start];
  if (!starts || typeof goal !== "string") return [resource];
  const ways: (readonly string[])[] = starts.map((one) => [one]);
  for (const way of ways) {
    const last = way.at(-1) ?? "";
    if (last === goal)
      return way.map((status) => ({ ...resource, [element]: status }));
    for (const next of moves[last] ?? [])
      if (!ways.some((known) => known.includes(next)))
        ways.push([...way, next]);
  }
  return [resource];
};
