/** What a task ends with when it fails: the error's name and its cause, as Step Functions sees them. */
export class TaskFailure extends Error {
  readonly error: string;
  override readonly cause: string | undefined;
  constructor(error: string, cause?: string) {
    super(error);
    this.name = "TaskFailure";
    this.error = error;
    this.cause = cause;
  }
}

/** An error answer of the Step Functions API; `name` is its `__type`. */
export class ApiFault extends Error {
  constructor(name: string, message: string) {
    super(message);
    this.name = name;
  }
}

export interface Diagnostic {
  readonly code: string;
  readonly message: string;
  readonly location: string;
}

/** A definition that CreateStateMachine refuses. */
export class InvalidDefinition extends ApiFault {
  readonly diagnostics: readonly Diagnostic[];
  constructor(diagnostics: readonly Diagnostic[]) {
    const reasons = diagnostics.map(
      ({ code, message, location }) => `${code}: ${message} at ${location}`,
    );
    super(
      "InvalidDefinition",
      `Invalid State Machine Definition: '${reasons.join(", ")}'`,
    );
    this.diagnostics = diagnostics;
  }
}

/** Legal in AWS Step Functions and not implemented here. */
export class Unsupported extends Error {
  constructor(feature: string, location: string) {
    super(`Unsupported by this engine: ${feature} at ${location}`);
    this.name = "Unsupported";
  }
}
