import { limits } from "../limits.ts";
import { isObject } from "../json.ts";
import { catchTargets, checkErrorHandling } from "./errors.ts";
import {
  aBoolean,
  aNumber,
  aString,
  aTimestamp,
  checkAssign,
  checkField,
  checkTemplate,
  onEntry,
  onResult,
} from "./expressions.ts";
import {
  fieldsAt,
  numberAt,
  objectsAt,
  type Raw,
  type Report,
} from "./report.ts";
import { checkTask } from "./task.ts";

const everywhere = ["Type", "Comment", "QueryLanguage"];
const passesOn = ["Next", "End", "Output", "Assign"];
const mayFail = ["Retry", "Catch"];
const distributed = ["ItemReader", "ItemBatcher", "ResultWriter", "Label"];

const fields: Record<
  string,
  {
    readonly required?: readonly string[];
    readonly optional: readonly string[];
  }
> = {
  Task: {
    required: ["Resource"],
    optional: [
      ...passesOn,
      ...mayFail,
      "Arguments",
      "TimeoutSeconds",
      "HeartbeatSeconds",
      "Credentials",
    ],
  },
  Pass: { optional: passesOn },
  Wait: { optional: [...passesOn, "Seconds", "Timestamp"] },
  Choice: { required: ["Choices"], optional: ["Default", "Output", "Assign"] },
  Succeed: { optional: ["Output"] },
  Fail: { optional: ["Error", "Cause"] },
  Parallel: {
    required: ["Branches"],
    optional: [...passesOn, ...mayFail, "Arguments"],
  },
  Map: {
    required: ["ItemProcessor"],
    optional: [
      ...passesOn,
      ...mayFail,
      ...distributed,
      "Items",
      "ItemSelector",
      "MaxConcurrency",
      "ToleratedFailureCount",
      "ToleratedFailurePercentage",
    ],
  },
};
export const stateTypes = Object.keys(fields);

const withResult = new Set(["Task", "Parallel", "Map"]);
export const isTerminal = (state: Raw): boolean =>
  state.Type === "Succeed" || state.Type === "Fail" || state.End === true;

const checkWait = (state: Raw, location: string, into: Report): void => {
  if ("Seconds" in state === "Timestamp" in state)
    into.problem(
      "This object should have only one of the following fields: [Seconds, Timestamp]",
      location,
    );
  const place = { location, into, readable: onEntry };
  checkField(state, "Seconds", {
    ...place,
    literal: aNumber({ least: 0, most: limits.seconds }, into),
  });
  checkField(state, "Timestamp", { ...place, literal: aTimestamp(into) });
};

const checkChoice = (state: Raw, location: string, into: Report): void => {
  if (!("Choices" in state)) return;
  for (const [rule, at] of objectsAt(
    state.Choices,
    `${location}/Choices`,
    into,
  )) {
    const place = { location: at, into, readable: onEntry };
    fieldsAt(
      rule,
      {
        required: ["Condition", "Next"],
        optional: ["Assign", "Output", "Comment"],
      },
      place,
    );
    checkField(rule, "Condition", { ...place, literal: aBoolean(into) });
    checkAssign(rule, place);
    checkTemplate(rule.Output, { ...place, location: `${at}/Output` });
  }
};

const checkMap = (state: Raw, location: string, into: Report): void => {
  const place = { location, into, readable: onEntry };
  for (const name of distributed)
    if (name in state)
      into.unsupport(`${name} (Distributed Map)`, `${location}/${name}`);
  const processor = state.ItemProcessor;
  const config = isObject(processor) ? processor.ProcessorConfig : undefined;
  if (config !== undefined) {
    const mode = isObject(config) ? (config.Mode ?? "INLINE") : undefined;
    const at = `${location}/ItemProcessor/ProcessorConfig`;
    if (mode === "DISTRIBUTED") into.unsupport("a Distributed Map", at);
    else if (mode !== "INLINE")
      into.problem("Value is not one of [INLINE, DISTRIBUTED]", `${at}/Mode`);
  }
  checkField(state, "Items", {
    ...place,
    literal: (value, at) => {
      if (!Array.isArray(value))
        into.problem(
          "Expected value of type Array or a JSONata expression",
          at,
        );
      else checkTemplate(value, { ...place, location: at });
    },
  });
  checkTemplate(state.ItemSelector, {
    ...place,
    location: `${location}/ItemSelector`,
  });
  checkField(state, "MaxConcurrency", {
    ...place,
    literal: aNumber({ least: 0, most: Number.MAX_SAFE_INTEGER }, into),
  });
  checkField(state, "ToleratedFailureCount", {
    ...place,
    literal: aNumber({ least: 0, most: Number.MAX_SAFE_INTEGER }, into),
  });
  checkField(state, "ToleratedFailurePercentage", {
    ...place,
    literal: aNumber({ least: 0, most: 100, whole: false }, into),
  });
};

const checkFail = (state: Raw, location: string, into: Report): void => {
  for (const name of ["Error", "Cause"])
    checkField(state, name, {
      location,
      into,
      readable: onEntry,
      literal: aString(into),
    });
};

const own: Record<
  string,
  (state: Raw, location: string, into: Report) => void
> = {
  Task: checkTask,
  Wait: checkWait,
  Choice: checkChoice,
  Map: checkMap,
  Fail: checkFail,
};

/** Checks all of a JSONata state but where it goes and what is nested in it. */
export const checkState = (
  state: Raw,
  location: string,
  into: Report,
): void => {
  const type = state.Type as string;
  const { required = [], optional } = fields[type] ?? { optional: [] };
  fieldsAt(
    state,
    { required, optional: [...everywhere, ...optional] },
    { location, into },
  );
  const readable = withResult.has(type) ? onResult : onEntry;
  checkTemplate(state.Arguments, {
    location: `${location}/Arguments`,
    into,
    readable: onEntry,
  });
  checkTemplate(state.Output, {
    location: `${location}/Output`,
    into,
    readable,
  });
  checkAssign(state, { location, into, readable });
  checkErrorHandling(state, location, into);
  own[type]?.(state, location, into);
  if ("Comment" in state && typeof state.Comment !== "string")
    into.problem("Expected value of type String", `${location}/Comment`);
};

/** Where the state can go next, with the place that says so; how it may end is checked as well. */
export const transitions = (
  state: Raw,
  location: string,
  into: Report,
): (readonly [unknown, string])[] => {
  const type = state.Type;
  if (type === "Succeed" || type === "Fail") return [];
  const caught = catchTargets(state, location);
  if (type === "Choice") {
    const rules = Array.isArray(state.Choices) ? state.Choices : [];
    const chosen = rules.flatMap((rule, i) =>
      isObject(rule) && "Next" in rule
        ? [[rule.Next, `${location}/Choices[${i}]/Next`] as const]
        : [],
    );
    return "Default" in state
      ? [...chosen, [state.Default, `${location}/Default`]]
      : chosen;
  }
  if ("Next" in state === "End" in state)
    into.problem(
      "This object should have only one of the following fields: [Next, End]",
      location,
    );
  if ("End" in state && state.End !== true)
    into.problem("Expected value true", `${location}/End`);
  return "Next" in state
    ? [...caught, [state.Next, `${location}/Next`]]
    : caught;
};

export const checkTimeout = (machine: Raw, into: Report): void => {
  if ("TimeoutSeconds" in machine)
    numberAt(
      machine.TimeoutSeconds,
      { least: 1, most: limits.seconds },
      { location: "/TimeoutSeconds", into },
    );
};
