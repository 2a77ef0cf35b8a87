import { Logger } from "@aws-lambda-powertools/logger";
import { Metrics, MetricUnit } from "@aws-lambda-powertools/metrics";

/** The only things a log line may carry beside the fact: ids, codes and counts; never a value from the record. */
export interface LogIds {
  readonly requestId?: string;
  readonly type?: string;
  readonly id?: string;
  readonly version?: string;
  readonly patient?: string;
  readonly journey?: string;
  readonly execution?: string;
  readonly channel?: string;
  readonly reason?: string;
  readonly route?: string;
  readonly status?: number;
  readonly count?: number;
  readonly milliseconds?: number;
}

/** `log(fact, ids)` writes one line and counts the fact as a metric of the same name (dimensions: channel, reason). */
export interface Log {
  (fact: string, ids?: LogIds): void;
  /** Only if a human should act. Of the cause, its name and our own frames are written, never its message. */
  readonly error: (fact: string, ids: LogIds, cause: unknown) => void;
}

/** Powertools behind the port; names and levels come from its own environment variables. */
export const powertoolsLog = (): Log => {
  const logger = new Logger();
  const metrics = new Metrics();
  const count = (fact: string, { channel, reason }: LogIds): void => {
    if (channel !== undefined) metrics.addDimension("channel", channel);
    if (reason !== undefined) metrics.addDimension("reason", reason);
    metrics.addMetric(fact, MetricUnit.Count, 1);
    metrics.publishStoredMetrics();
  };
  const log = (fact: string, ids: LogIds = {}): void => {
    logger.info(fact, { ...ids });
    count(fact, ids);
  };
  return Object.assign(log, {
    error: (fact: string, ids: LogIds, cause: unknown) => {
      logger.error(fact, { ...ids, ...described(cause) });
      count(fact, ids);
    },
  });
};

const described = (
  cause: unknown,
): { error: string; at?: readonly string[] } => {
  if (!(cause instanceof Error)) return { error: typeof cause };
  const frames = (cause.stack ?? "")
    .split("\n")
    .filter((line) => /^\s+at /.test(line));
  return {
    error: cause.name,
    at: frames.slice(0, 6).map((line) => line.trim()),
  };
};
