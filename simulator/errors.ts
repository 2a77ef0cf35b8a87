/** A state's failure on its way to a retrier, a catcher or the end of the execution. */
export class StateFailure extends Error {
  readonly error: string | undefined;
  override readonly cause: string | undefined;
  /** Names that match it besides its own. */
  readonly also: readonly string[];
  /** Neither States.ALL nor States.TaskFailed matches it. */
  readonly terminal: boolean;
  constructor(
    error: string | undefined,
    cause: string | undefined,
    options: { also?: readonly string[]; terminal?: boolean } = {},
  ) {
    super(error);
    this.error = error;
    this.cause = cause;
    this.also = options.also ?? [];
    this.terminal = options.terminal ?? false;
  }
}

/** States.Runtime: ends the execution at once, wherever it happens. */
export class RuntimeFailure extends Error {
  override readonly cause: string;
  constructor(cause: string) {
    super(cause);
    this.cause = cause;
  }
}

const matchesOne = (failure: StateFailure, name: string): boolean => {
  if (name === failure.error || failure.also.includes(name)) return true;
  if (failure.terminal) return false;
  return (
    name === "States.ALL" ||
    (name === "States.TaskFailed" && failure.error !== "States.Timeout")
  );
};

export const matches = (
  failure: StateFailure,
  names: readonly string[],
): boolean => names.some((name) => matchesOne(failure, name));

export const errorOutput = (failure: StateFailure) => ({
  Error: failure.error ?? "",
  Cause: failure.cause ?? "",
});
