interface Answered {
  readonly method: string;
  readonly type: string;
  readonly path: string;
  readonly status: number;
}

/** Requests that the server answers with 500 today; each has a test that fails in known-faults.test.ts. */
const crashes: readonly RegExp[] = [
  /^(POST|PUT) (Provenance\.target\[\d+\]|PaymentNotice\.(request|response)|Binary\.securityContext)\.reference$/u,
  /^(POST|PUT) MeasureReport\.subject\.reference$/u,
  /^PUT Slot\.(schedule|start)$/u,
  /^(POST|PUT) Subscription\.channel(\.\w+)*$/u,
];

export const isKnownFault = ({ method, path, status }: Answered): boolean =>
  status === 500 && crashes.some((crash) => crash.test(`${method} ${path}`));
