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
  readonly status?: number;
  readonly count?: number;
  readonly milliseconds?: number;
}

/** `log(fact, ids)` writes one line and counts the fact as a metric of the same name (dimensions: channel, reason). */
export interface Log {
  (fact: string, ids?: LogIds): void;
  /** Only if a human should act. */
  readonly error: (fact: string, ids: LogIds, cause: unknown) => void;
}
