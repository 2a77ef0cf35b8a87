/** Something that a journey does at its time. */
export type Step =
  | {
      readonly does: "send";
      readonly step: string;
      readonly message: "confirmation" | "reminder";
      readonly at: string;
      readonly expires: string;
    }
  /** Looks whether the message of another step was answered. */
  | {
      readonly does: "listen";
      readonly step: string;
      readonly to: string;
      readonly at: string;
    };

export interface ReminderPlan {
  readonly remindersBefore: readonly number[];
  readonly callAfterSilenceOn: number;
  readonly answerWithin: number;
}

const hour = 3_600_000;

/**
 * What is due for a visit, in order: the confirmation at once, every reminder whose time is still to come, and, after the
 * reminder that asks for an answer, a look at whether one came. A message expires when the next one makes it pointless, at
 * the latest when the visit starts. Hours before the visit; instants in ISO 8601.
 */
export const stepsBefore = (
  start: string,
  now: string,
  plan: ReminderPlan,
): readonly Step[] => {
  const visit = Date.parse(start);
  const planned = Date.parse(now);
  if (visit <= planned) return [];
  const offsets = [...new Set(plan.remindersBefore)]
    .filter((hours) => visit - hours * hour > planned)
    .sort((one, other) => other - one);
  const times = [planned, ...offsets.map((hours) => visit - hours * hour)];
  const expiry = (index: number): string => iso(times[index + 1] ?? visit);
  const confirmation: Step = {
    does: "send",
    step: "confirmation",
    message: "confirmation",
    at: iso(planned),
    expires: expiry(0),
  };
  const reminders = offsets.flatMap((hours, index): Step[] => {
    const step = `reminder-${String(hours)}h`;
    const at = iso(visit - hours * hour);
    const reminder: Step = {
      does: "send",
      step,
      message: "reminder",
      at,
      expires: expiry(index + 1),
    };
    return hours === plan.callAfterSilenceOn
      ? [
          reminder,
          {
            does: "listen",
            step: `${step}/answer`,
            to: step,
            at: answerDue(at, start, plan),
          },
        ]
      : [reminder];
  });
  return [confirmation, ...reminders].sort(
    (one, other) => Date.parse(one.at) - Date.parse(other.at),
  );
};

/** Until when an answer to a message sent at this time is awaited: never past the visit. */
export const answerDue = (
  sent: string,
  start: string,
  { answerWithin }: Pick<ReminderPlan, "answerWithin">,
): string =>
  iso(Math.min(Date.parse(sent) + answerWithin * hour, Date.parse(start)));

const iso = (milliseconds: number): string =>
  new Date(milliseconds).toISOString();
