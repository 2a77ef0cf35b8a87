import type { Task } from "@medplum/fhirtypes";
import { kindOf } from "../core/request-kind.ts";
import type { Declaration, Entry } from "./declaration.ts";
import { utcInstant } from "./normalise.ts";

const open = (status: Task["status"]): boolean =>
  ![
    "completed",
    "cancelled",
    "failed",
    "rejected",
    "entered-in-error",
  ].includes(status);

/**
 * `owner`: who is to do it (a person or a team), `team`: the kind of performer asked for, as `system|code`. Closed tasks
 * move to the lists `owner-closed` and `team-closed`, so that a work list stays as short as the work.
 */
const index = ({
  owner,
  performerType = [],
  authoredOn,
  status,
}: Task): readonly Entry[] => {
  const closed = open(status) ? "" : "-closed";
  const sort = authoredOn === undefined ? undefined : utcInstant(authoredOn);
  const entry = (list: string, key: string): Entry => ({
    list: `${list}${closed}`,
    key: [key],
    hashed: false,
    ...(sort !== undefined && { sort }),
  });
  const teams = performerType
    .flatMap(({ coding = [] }) => coding)
    .map(({ system = "", code = "" }) => `${system}|${code}`);
  return [
    ...(owner?.reference === undefined
      ? []
      : [entry("owner", owner.reference)]),
    ...[...new Set(teams)].slice(0, 20).map((team) => entry("team", team)),
  ];
};

const entered: Readonly<Partial<Record<Task["status"], string>>> = {
  accepted: "TaskAccepted",
  rejected: "TaskRejected",
  "in-progress": "TaskStarted",
  "on-hold": "TaskPaused",
  failed: "TaskFailed",
  completed: "TaskCompleted",
  cancelled: "TaskCancelled",
  "entered-in-error": "TaskEnteredInError",
};

/** What happened to a request under a privacy right. */
const requestEvent = (after: Task, before: Task | undefined) =>
  after.status !== before?.status && kindOf(after) !== undefined
    ? requestEvents[after.status]
    : undefined;

const requestEvents: Readonly<Partial<Record<Task["status"], string>>> = {
  requested: "PrivacyRequestReceived",
  received: "PrivacyRequestAcknowledged",
  accepted: "PrivacyRequestAccepted",
  rejected: "PrivacyRequestDenied",
  failed: "PrivacyRequestDenied",
  completed: "PrivacyRequestFulfilled",
  cancelled: "PrivacyRequestWithdrawn",
};

export const task = {
  type: "Task",
  home: ["for", "focus"],
  homeOptional: true,
  byMonth: true,
  links: ["for", "focus"],
  index,
  moves: {
    draft: [
      "requested",
      "received",
      "accepted",
      "ready",
      "in-progress",
      "cancelled",
      "entered-in-error",
    ],
    requested: [
      "received",
      "accepted",
      "rejected",
      "ready",
      "in-progress",
      "on-hold",
      "completed",
      "cancelled",
      "entered-in-error",
    ],
    received: [
      "accepted",
      "rejected",
      "ready",
      "in-progress",
      "on-hold",
      "completed",
      "cancelled",
      "entered-in-error",
    ],
    accepted: [
      "ready",
      "in-progress",
      "on-hold",
      "completed",
      "failed",
      "cancelled",
      "entered-in-error",
    ],
    ready: [
      "in-progress",
      "on-hold",
      "completed",
      "failed",
      "cancelled",
      "entered-in-error",
    ],
    "in-progress": [
      "on-hold",
      "completed",
      "failed",
      "cancelled",
      "entered-in-error",
    ],
    "on-hold": [
      "ready",
      "in-progress",
      "completed",
      "failed",
      "cancelled",
      "entered-in-error",
    ],
    rejected: ["entered-in-error"],
    cancelled: ["entered-in-error"],
    failed: ["entered-in-error"],
    completed: ["entered-in-error"],
    "entered-in-error": [],
  },
  event: (after, before) => {
    const request = after && requestEvent(after, before);
    if (request !== undefined) return request;
    if (!after || !before) return undefined;
    if (after.status !== before.status && entered[after.status])
      return entered[after.status];
    return after.owner?.reference !== before.owner?.reference
      ? "TaskAssigned"
      : undefined;
  },
} as const satisfies Declaration<Task>;
