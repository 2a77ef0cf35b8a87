import { isObject } from "../json.ts";
import { limits } from "../limits.ts";
import {
  fieldsAt,
  missingTarget,
  objectAt,
  objectsAt,
  type Raw,
  type Report,
} from "./report.ts";
import { checkState, isTerminal, stateTypes, transitions } from "./state.ts";

interface Surrounding {
  readonly into: Report;
  readonly language: unknown;
  /** The variables of the scopes around. */
  readonly outer: ReadonlySet<string>;
  /** The names of all states so far. */
  readonly names: Set<string>;
}

const assignedIn = (state: Raw): string[] => {
  const holders = [
    state,
    ...[state.Choices, state.Catch].flatMap((list) =>
      Array.isArray(list) ? list.filter(isObject) : [],
    ),
  ];
  return holders.flatMap(({ Assign }) =>
    isObject(Assign) ? Object.keys(Assign) : [],
  );
};

const checkNested = (
  state: Raw,
  location: string,
  around: Surrounding,
): void => {
  if (state.Type === "Parallel" && "Branches" in state) {
    for (const [branch, at] of objectsAt(
      state.Branches,
      `${location}/Branches`,
      around.into,
    )) {
      checkFlow(branch, { location: at, optional: ["Comment"] }, around);
    }
  }
  if (state.Type === "Map" && "ItemProcessor" in state) {
    const at = `${location}/ItemProcessor`;
    const processor = objectAt(state.ItemProcessor, at, around.into);
    if (processor)
      checkFlow(
        processor,
        { location: at, optional: ["Comment", "ProcessorConfig"] },
        around,
      );
  }
};

const checkLanguage = (
  state: Raw,
  location: string,
  { into, language }: Surrounding,
): boolean => {
  const own = state.QueryLanguage ?? language;
  if (own === "JSONata") return true;
  if (own !== "JSONPath")
    into.problem(
      "Value is not one of [JSONPath, JSONata]",
      `${location}/QueryLanguage`,
    );
  else if (language === "JSONata")
    into.problem(
      "'QueryLanguage' can not be 'JSONPath' if set to 'JSONata' for whole state machine",
      location,
    );
  else into.unsupport("the query language JSONPath", location);
  return false;
};

const checkOne = (
  name: string,
  state: Raw,
  { location, around }: { location: string; around: Surrounding },
): void => {
  const { into, names } = around;
  if (names.has(name))
    into.problem(
      `Duplicate State name: ${name}`,
      location,
      "DUPLICATE_STATE_NAME",
    );
  names.add(name);
  if (name.length === 0 || name.length > limits.nameLength)
    into.problem(
      `A state name has 1 to ${limits.nameLength} characters`,
      location,
    );
  if (!("Type" in state))
    into.problem("These fields are required: [Type]", location);
  else if (!stateTypes.includes(state.Type as string))
    into.problem(
      `Value is not one of [${stateTypes.join(", ")}]`,
      `${location}/Type`,
    );
  else if (checkLanguage(state, location, around))
    checkState(state, location, into);
  else if (
    (state.Type === "Succeed" || state.Type === "Fail") &&
    "Next" in state
  )
    into.problem("Field 'Next' is not supported", `${location}/Next`);
};

const reachable = (
  startAt: unknown,
  next: ReadonlyMap<string, readonly unknown[]>,
): Set<unknown> => {
  const reached = new Set<unknown>();
  const waiting = [startAt];
  while (waiting.length > 0) {
    const name = waiting.pop();
    if (reached.has(name)) continue;
    reached.add(name);
    waiting.push(...(next.get(name as string) ?? []));
  }
  return reached;
};

const checkTransitions = (
  flow: Raw,
  states: readonly (readonly [string, Raw, string])[],
  { location, into }: { location: string; into: Report },
): void => {
  const next = new Map<string, unknown[]>();
  const names = new Set<unknown>(states.map(([name]) => name));
  if ("StartAt" in flow && !names.has(flow.StartAt)) {
    into.problem(
      `Missing 'StartAt' target: ${String(flow.StartAt)}`,
      `${location}/StartAt`,
      missingTarget,
    );
  }
  for (const [name, state, at] of states) {
    const targets = transitions(state, at, into);
    next.set(
      name,
      targets.map(([target]) => target),
    );
    for (const [target, where] of targets) {
      const field = where.slice(where.lastIndexOf("/") + 1);
      if (!names.has(target))
        into.problem(
          `Missing '${field}' target: ${String(target)}`,
          where,
          missingTarget,
        );
    }
  }
  const reached = reachable(flow.StartAt, next);
  for (const [name, , at] of states)
    if (!reached.has(name))
      into.problem(`State "${name}" is not reachable.`, at, missingTarget);
  if (!states.some(([name, state]) => reached.has(name) && isTerminal(state)))
    into.problem(
      "Workflow has no terminal state",
      location,
      "MISSING_END_STATE",
    );
};

/** Checks states with a beginning, and everything nested in them. */
export const checkFlow = (
  flow: Raw,
  at: { location: string; optional: readonly string[] },
  around: Surrounding,
): void => {
  const { into } = around;
  const { location } = at;
  fieldsAt(
    flow,
    { required: ["States", "StartAt"], optional: at.optional },
    { location, into },
  );
  const given =
    "States" in flow
      ? objectAt(flow.States, `${location}/States`, into)
      : undefined;
  if (!given) return;
  if (Object.keys(given).length === 0)
    into.problem("Expected at least one state", `${location}/States`);
  const states = Object.entries(given).flatMap(([name, value]) => {
    const state = objectAt(value, `${location}/States/${name}`, into);
    return state ? [[name, state, `${location}/States/${name}`] as const] : [];
  });
  const assigned = new Set(states.flatMap(([, state]) => assignedIn(state)));
  for (const name of assigned) {
    if (around.outer.has(name))
      into.problem(
        `The variable name '${name}' was already defined in a parent scope.`,
        location,
      );
  }
  for (const [name, state, where] of states) {
    checkOne(name, state, { location: where, around });
    checkNested(state, where, {
      ...around,
      outer: new Set([...around.outer, ...assigned]),
    });
  }
  if (states.length > 0 && "StartAt" in flow)
    checkTransitions(flow, states, { location, into });
};
