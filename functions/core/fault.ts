import type { OperationOutcomeIssue } from "@medplum/fhirtypes";

export type FaultStatus =
  | 400
  | 401
  | 403
  | 404
  | 405
  | 406
  | 409
  | 410
  | 412
  | 413
  | 415
  | 422
  | 429
  | 503;

export interface FaultOptions extends ErrorOptions {
  /** FHIR issue type; derived from the status when absent. */
  readonly code?: OperationOutcomeIssue["code"];
  /** FHIRPath locations, e.g. `Appointment.status`. */
  readonly expression?: readonly string[];
  /** Several findings at once; replaces `code`, `expression` and the detail in the answer. */
  readonly issues?: readonly OperationOutcomeIssue[];
  /** The policy that refused; kept in the fact of the refusal. */
  readonly policy?: string;
}

/**
 * An expected failure. `name` is the HTTP problem, the `ErrorEquals` of a journey and the metric at once; `detail` is
 * shown to the caller, so it never holds a value from the request or the record.
 */
export class Fault extends Error {
  override readonly name: string;
  readonly status: FaultStatus;
  readonly code: OperationOutcomeIssue["code"];
  readonly expression: readonly string[];
  readonly issues: readonly OperationOutcomeIssue[];
  readonly policy: string | undefined;

  constructor(
    name: string,
    status: FaultStatus,
    detail: string,
    options: FaultOptions = {},
  ) {
    super(detail, options);
    this.name = name;
    this.status = status;
    this.code = options.code ?? codes[status];
    this.expression = options.expression ?? [];
    this.policy = options.policy;
    this.issues = options.issues ?? [
      {
        severity: "error",
        code: this.code,
        details: { text: detail },
        ...(this.expression.length > 0 && { expression: [...this.expression] }),
      },
    ];
  }
}

const codes = {
  400: "invalid",
  401: "login",
  403: "forbidden",
  404: "not-found",
  405: "not-supported",
  406: "not-supported",
  409: "conflict",
  410: "deleted",
  412: "conflict",
  413: "too-long",
  415: "not-supported",
  422: "business-rule",
  429: "throttled",
  503: "transient",
} as const satisfies Record<FaultStatus, OperationOutcomeIssue["code"]>;
