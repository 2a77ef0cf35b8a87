import type { HistoryEventType } from "@aws-sdk/client-sfn";

type Details = Readonly<Record<string, unknown>>;

/** One event as GetExecutionHistory gives it, with the time in epoch milliseconds. */
export interface HistoryEvent {
  readonly id: number;
  readonly previousEventId: number;
  readonly timestamp: number;
  readonly type: HistoryEventType;
  readonly [details: `${string}EventDetails`]: Details;
}

export const truncated = { truncated: false } as const;

// Those of our event types that have details, and the name of the member that holds them.
const detailsOf: Partial<Record<HistoryEventType, `${string}EventDetails`>> = {
  LambdaFunctionScheduled: "lambdaFunctionScheduledEventDetails",
};

const lowerFirst = (text: string) =>
  text.charAt(0).toLowerCase() + text.slice(1);

const memberName = (type: HistoryEventType): `${string}EventDetails` => {
  const known = detailsOf[type];
  if (known) return known;
  const name = type.endsWith("StateEntered")
    ? "stateEntered"
    : type.endsWith("StateExited")
      ? "stateExited"
      : lowerFirst(type);
  return (detailsOf[type] = `${name}EventDetails`);
};

export const historyEvent = (
  base: Pick<HistoryEvent, "id" | "previousEventId" | "timestamp" | "type">,
  details?: Details,
): HistoryEvent =>
  details ? { ...base, [memberName(base.type)]: details } : base;

const withheld = new Set(["input", "inputDetails", "output", "outputDetails"]);

/** The event as it is given when the caller does not ask for execution data. */
export const withoutData = (event: HistoryEvent): HistoryEvent =>
  Object.fromEntries(
    Object.entries(event).map(([name, value]) => [
      name,
      name.endsWith("EventDetails")
        ? Object.fromEntries(
            Object.entries(value as Details).filter(
              ([key]) => !withheld.has(key),
            ),
          )
        : value,
    ]),
  ) as unknown as HistoryEvent;

export const withIsoTimestamps = ({ timestamp, ...event }: HistoryEvent) => ({
  timestamp: new Date(timestamp).toISOString(),
  ...event,
});
