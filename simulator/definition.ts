import { template, type Template } from "./template.ts";

export interface Retrier {
  readonly ErrorEquals: readonly string[];
  readonly IntervalSeconds: number;
  readonly MaxAttempts: number;
  readonly BackoffRate: number;
  readonly MaxDelaySeconds: number;
  readonly JitterStrategy: "FULL" | "NONE";
}

/** What a state, a matching choice rule or a catcher does at the end. */
export interface Ending {
  readonly output?: Template | undefined;
  readonly assign?: Template | undefined;
  readonly next?: string | undefined;
}

export interface Catcher extends Ending {
  readonly errors: readonly string[];
}

interface Rule extends Ending {
  readonly condition: Template;
}

interface Common extends Ending {
  readonly name: string;
  readonly retry: readonly Retrier[];
  readonly catch: readonly Catcher[];
}

export interface TaskState extends Common {
  readonly type: "Task";
  readonly resource: string;
  readonly arguments?: Template | undefined;
  readonly timeoutSeconds?: Template | undefined;
  readonly heartbeatSeconds?: Template | undefined;
}
interface PassState extends Common {
  readonly type: "Pass";
}
interface SucceedState extends Common {
  readonly type: "Succeed";
}
export interface FailState extends Common {
  readonly type: "Fail";
  readonly error?: Template | undefined;
  readonly cause?: Template | undefined;
}
export interface WaitState extends Common {
  readonly type: "Wait";
  readonly seconds?: Template | undefined;
  readonly timestamp?: Template | undefined;
}
export interface ChoiceState extends Common {
  readonly type: "Choice";
  readonly rules: readonly Rule[];
}
export interface ParallelState extends Common {
  readonly type: "Parallel";
  readonly arguments?: Template | undefined;
  readonly branches: readonly Flow[];
}
export interface MapState extends Common {
  readonly type: "Map";
  readonly items?: Template | undefined;
  readonly itemSelector?: Template | undefined;
  readonly maxConcurrency?: Template | undefined;
  readonly tolerates: boolean;
  readonly processor: Flow;
}

export type State =
  | TaskState
  | PassState
  | SucceedState
  | FailState
  | WaitState
  | ChoiceState
  | ParallelState
  | MapState;

/** States with a beginning: a state machine, a branch of a Parallel, the processor of a Map. */
export interface Flow {
  readonly startAt: string;
  readonly states: ReadonlyMap<string, State>;
}

export interface Definition extends Flow {
  readonly timeoutSeconds?: number | undefined;
}

/** A definition's parsed JSON, trusted: validation comes first. */
type Raw = Record<string, unknown>;

const field = (
  raw: Raw,
  name: string,
  location = name,
): Template | undefined =>
  name in raw ? template(raw[name], location) : undefined;

const ending = (raw: Raw, at = ""): Ending => ({
  output: field(raw, "Output", `${at}Output`),
  // An Assign without variables assigns nothing, and history does not mention it.
  assign:
    Object.keys(raw.Assign ?? {}).length > 0
      ? field(raw, "Assign", `${at}Assign`)
      : undefined,
  next: raw.Next as string | undefined,
});

const retrier = (raw: Raw): Retrier => ({
  ErrorEquals: raw.ErrorEquals as string[],
  IntervalSeconds: (raw.IntervalSeconds as number | undefined) ?? 1,
  MaxAttempts: (raw.MaxAttempts as number | undefined) ?? 3,
  BackoffRate: (raw.BackoffRate as number | undefined) ?? 2,
  MaxDelaySeconds: (raw.MaxDelaySeconds as number | undefined) ?? Infinity,
  JitterStrategy: raw.JitterStrategy === "FULL" ? "FULL" : "NONE",
});

const common = (name: string, raw: Raw): Common => ({
  name,
  ...ending(raw),
  retry: ((raw.Retry ?? []) as Raw[]).map(retrier),
  catch: ((raw.Catch ?? []) as Raw[]).map((catcher, i) => ({
    ...ending(catcher, `Catch[${i}]/`),
    errors: catcher.ErrorEquals as string[],
  })),
});

const state = (name: string, raw: Raw): State => {
  const shared = common(name, raw);
  switch (raw.Type as State["type"]) {
    case "Task":
      return {
        ...shared,
        type: "Task",
        resource: raw.Resource as string,
        arguments: field(raw, "Arguments"),
        timeoutSeconds: field(raw, "TimeoutSeconds"),
        heartbeatSeconds: field(raw, "HeartbeatSeconds"),
      };
    case "Pass":
      return { ...shared, type: "Pass" };
    case "Succeed":
      return { ...shared, type: "Succeed" };
    case "Fail":
      return {
        ...shared,
        type: "Fail",
        error: field(raw, "Error"),
        cause: field(raw, "Cause"),
      };
    case "Wait":
      return {
        ...shared,
        type: "Wait",
        seconds: field(raw, "Seconds"),
        timestamp: field(raw, "Timestamp"),
      };
    case "Choice":
      return {
        ...shared,
        type: "Choice",
        next: raw.Default as string | undefined,
        rules: (raw.Choices as Raw[]).map((rule, i) => ({
          ...ending(rule, `Choices[${i}]/`),
          condition: template(rule.Condition, `Choices[${i}]/Condition`),
        })),
      };
    case "Parallel":
      return {
        ...shared,
        type: "Parallel",
        arguments: field(raw, "Arguments"),
        branches: (raw.Branches as Raw[]).map(flow),
      };
    case "Map":
      return {
        ...shared,
        type: "Map",
        items: field(raw, "Items"),
        itemSelector: field(raw, "ItemSelector"),
        maxConcurrency: field(raw, "MaxConcurrency"),
        tolerates:
          "ToleratedFailureCount" in raw || "ToleratedFailurePercentage" in raw,
        processor: flow(raw.ItemProcessor as Raw),
      };
  }
};

const flow = (raw: Raw): Flow => ({
  startAt: raw.StartAt as string,
  states: new Map(
    Object.entries(raw.States as Record<string, Raw>).map(([name, each]) => [
      name,
      state(name, each),
    ]),
  ),
});

/** Prepares a validated definition for running. */
export const definition = (raw: Raw): Definition => ({
  ...flow(raw),
  timeoutSeconds: raw.TimeoutSeconds as number | undefined,
});
