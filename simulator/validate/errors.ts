import { isObject } from "../json.ts";
import { limits } from "../limits.ts";
import { checkAssign, checkTemplate, onError } from "./expressions.ts";
import {
  fieldsAt,
  numberAt,
  objectsAt,
  type Raw,
  type Report,
} from "./report.ts";

const reserved = new Set(
  (
    "ALL HeartbeatTimeout Timeout TaskFailed Permissions ResultPathMatchFailure ParameterPathFailure QueryEvaluationError BranchFailed NoChoiceMatched IntrinsicFailure " +
    "ExceedToleratedFailureThreshold ItemReaderFailed ResultWriterFailed DataLimitExceeded Runtime Http.Socket"
  )
    .split(" ")
    .map((name) => `States.${name}`),
);

const checkErrors = (
  entries: readonly (readonly [Raw, string])[],
  into: Report,
): void => {
  for (const [i, [entry, location]] of entries.entries()) {
    const names = entry.ErrorEquals;
    const at = `${location}/ErrorEquals`;
    if (!("ErrorEquals" in entry)) continue;
    if (
      !Array.isArray(names) ||
      names.length === 0 ||
      !names.every((name) => typeof name === "string")
    ) {
      into.problem("Expected value of type Array with at least one String", at);
      continue;
    }
    if (
      names.includes("States.ALL") &&
      (names.length > 1 || i < entries.length - 1)
    )
      into.problem("States.ALL must appear alone and at end of list", at);
    for (const name of names) {
      if (
        name.startsWith("States.") &&
        !reserved.has(name) &&
        !name.startsWith("States.Http.StatusCode.")
      ) {
        into.problem(`The error name '${name}' is reserved and not known`, at);
      }
    }
  }
};

const checkRetrier = (raw: Raw, location: string, into: Report): void => {
  fieldsAt(
    raw,
    {
      required: ["ErrorEquals"],
      optional: [
        "IntervalSeconds",
        "MaxAttempts",
        "BackoffRate",
        "MaxDelaySeconds",
        "JitterStrategy",
        "Comment",
      ],
    },
    { location, into },
  );
  const number = (
    name: string,
    range: { least: number; most: number; whole?: boolean },
  ) =>
    name in raw &&
    numberAt(raw[name], range, { location: `${location}/${name}`, into });
  number("IntervalSeconds", { least: 0, most: limits.seconds });
  number("MaxAttempts", { least: 0, most: limits.seconds });
  number("BackoffRate", { least: 1, most: Infinity, whole: false });
  number("MaxDelaySeconds", { least: 1, most: 31_622_400 });
  const {
    MaxDelaySeconds: longest,
    IntervalSeconds: interval = 1,
    JitterStrategy: jitter = "NONE",
  } = raw;
  if (
    typeof longest === "number" &&
    typeof interval === "number" &&
    longest <= interval
  ) {
    into.problem(
      "MaxDelaySeconds must be greater than IntervalSeconds",
      `${location}/MaxDelaySeconds`,
    );
  }
  if (jitter !== "FULL" && jitter !== "NONE")
    into.problem(
      "Value is not one of [FULL, NONE]",
      `${location}/JitterStrategy`,
    );
};

const checkCatcher = (raw: Raw, location: string, into: Report): void => {
  fieldsAt(
    raw,
    {
      required: ["ErrorEquals", "Next"],
      optional: ["Assign", "Output", "Comment"],
    },
    { location, into },
  );
  checkAssign(raw, { location, into, readable: onError });
  checkTemplate(raw.Output, {
    location: `${location}/Output`,
    into,
    readable: onError,
  });
};

export const checkErrorHandling = (
  state: Raw,
  location: string,
  into: Report,
): void => {
  for (const [name, check] of [
    ["Retry", checkRetrier],
    ["Catch", checkCatcher],
  ] as const) {
    if (
      !(name in state) ||
      (Array.isArray(state[name]) && state[name].length === 0)
    )
      continue;
    const entries = objectsAt(state[name], `${location}/${name}`, into);
    checkErrors(entries, into);
    for (const [entry, at] of entries) check(entry, at, into);
  }
};

export const catchTargets = (
  state: Raw,
  location: string,
): (readonly [unknown, string])[] =>
  Array.isArray(state.Catch)
    ? state.Catch.flatMap((entry, i) =>
        isObject(entry) && "Next" in entry
          ? [[entry.Next, `${location}/Catch[${i}]/Next`] as const]
          : [],
      )
    : [];
