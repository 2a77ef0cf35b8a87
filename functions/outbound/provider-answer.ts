import type { Delivery } from "../core/communication.ts";

export interface Connection {
  readonly maxAttempts: number;
  readonly requestHandler: {
    readonly connectionTimeout: number;
    readonly requestTimeout: number;
    readonly throwOnRequestTimeout: true;
  };
}

/** How long a provider may take; without `throwOnRequestTimeout` the SDK would only warn and wait on. */
const patience = {
  connectionTimeout: 2_000,
  requestTimeout: 8_000,
  throwOnRequestTimeout: true,
} as const satisfies Connection["requestHandler"];

/** For clients that send: a repeated request could reach the patient twice. */
export const sendOnce: Connection = {
  maxAttempts: 1,
  requestHandler: patience,
};

/** For clients whose requests may be repeated without harm. */
export const sendAgain: Connection = {
  maxAttempts: 4,
  requestHandler: patience,
};

interface ServiceError {
  readonly name: string;
  readonly code?: string;
  readonly $metadata?: { readonly httpStatusCode?: number };
}

/** Errors that the provider gave a name to; `undefined` says that this name means nothing special. */
export type Reading = (error: ServiceError) => Delivery | undefined;

/** What a failed request means: refused when the provider said so or was never reached, unknown in every other case. */
export const outcomeOf = async (
  request: () => Promise<Delivery>,
  reading: Reading,
): Promise<Delivery> => {
  try {
    return await request();
  } catch (error) {
    return isServiceError(error)
      ? (reading(error) ?? general(error))
      : { outcome: "unknown" };
  }
};

const neverLeft = [
  "ECONNREFUSED",
  "ENOTFOUND",
  "EAI_AGAIN",
  "EHOSTUNREACH",
  "ENETUNREACH",
  "CERT_HAS_EXPIRED",
];
const tryLater = [
  "ThrottlingException",
  "TooManyRequestsException",
  "ServiceQuotaExceededException",
  "LimitExceededException",
  "SendingPausedException",
];

const general: (error: ServiceError) => Delivery = ({
  name,
  code,
  $metadata,
}) => {
  if (
    name === "CredentialsProviderError" ||
    (code !== undefined && neverLeft.includes(code))
  )
    return refused("unavailable", false);
  const status = $metadata?.httpStatusCode;
  if (tryLater.includes(name) || status === 429)
    return refused("throttled", false);
  // What is wrong with our own set-up is mended by an operator and then sent.
  if (status !== undefined && status >= 400 && status < 500)
    return refused("misconfigured", false);
  return { outcome: "unknown" };
};

export const refused = (reason: string, permanent: boolean): Delivery => ({
  outcome: "refused",
  reason,
  permanent,
});

const isServiceError = (error: unknown): error is ServiceError =>
  error instanceof Error;
