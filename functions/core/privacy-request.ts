import type {
  Coding,
  DetectedIssue,
  Extension,
  Reference,
  Task,
  TaskInput,
  TaskOutput,
} from "@medplum/fhirtypes";
import type { Ground } from "../../packs/rights/ground-codes.ts";
import type { RequestKind } from "../../packs/rights/rights-pack.ts";
import { Fault } from "./fault.ts";
import type { Occurrence } from "./journey.ts";
import type {
  NewPrivacyRequest,
  PrivacyRequest,
} from "./privacy-request-body.ts";
import {
  kindOf,
  patientOnly,
  requestLabel,
  requestSystem,
  securitySystem,
} from "./request-kind.ts";
import type { Asked, RightsClock } from "./rights.ts";

const detailSystem = "urn:sojourn:privacy-request-detail";
const outcomeSystem = "urn:sojourn:privacy-request-outcome";
const teamSystem = "urn:sojourn:team";

/** What carries it is for the patient, and who acts for the patient: see policies/base.cedar. */
export const copyLabel: Coding = {
  system: securitySystem,
  code: "record-copy",
};

const [
  ruleUrl,
  acknowledgeUrl,
  extendableUrl,
  extendedUrl,
  byUrl,
  verifiedUrl,
  deniedByUrl,
  withdrawnByUrl,
] = [
  "urn:sojourn:rights-rule",
  "urn:sojourn:acknowledge-by",
  "urn:sojourn:extendable-until",
  "urn:sojourn:extended-because",
  "urn:sojourn:requested-by",
  "urn:sojourn:verified-by",
  "urn:sojourn:denied-by",
  "urn:sojourn:withdrawn-by",
] as const;

export const requestJourney = "privacy-request";

export const requestOccurrence = (id: string): Occurrence => ({
  journey: requestJourney,
  subject: id,
  occurrence: "1",
});

export interface Arrival {
  readonly patientId: string;
  /** `<kind>:<id>` of whoever asked. */
  readonly by: string;
  /** The patient asked in person, or staff for the patient; not somebody who acts for the patient. */
  readonly isByPatient: boolean;
  readonly received: string;
  readonly clock: RightsClock;
}

/** What the law looks at in it. */
export const askedIn = ({
  kind,
  details,
}: Pick<NewPrivacyRequest, "kind" | "details">): Asked => ({
  kind,
  ...("form" in details && { form: details.form }),
  ...("selfPaid" in details && {
    selfPaid: details.selfPaid && details.toward === "payer",
  }),
});

/** What the law looks at in a request that is in the record. */
export const askedOf = (task: Task): Asked => {
  const { form, selfPaid, toward } = detailsOf(task);
  return {
    kind: demandedKind(task),
    form: form === "inspect" ? "inspect" : "copy",
    selfPaid: selfPaid === true && toward === "payer",
  };
};

/** A request in the patient's record, and on the work list of the privacy officer. */
export const requestTask = (
  request: {
    readonly kind: RequestKind;
    readonly details: Readonly<Record<string, string | boolean | undefined>>;
    readonly verified?: string | undefined;
  },
  { patientId, by, isByPatient, received, clock }: Arrival,
): Task => {
  // How to be reached in confidence is kept from whoever acts for the patient (45 CFR 164.522(b)), asked, granted or denied.
  const isConfidential =
    isByPatient && request.kind === "confidential-communications";
  const inputs = Object.entries(request.details).flatMap(([name, value]) =>
    value === undefined ? [] : [input(name, value)],
  );
  return {
    resourceType: "Task",
    meta: {
      security: [
        { system: securitySystem, code: requestLabel },
        ...(isConfidential ? [patientOnly] : []),
      ],
    },
    status: "requested",
    intent: "order",
    priority: "routine",
    code: { coding: [{ system: requestSystem, code: request.kind }] },
    for: { reference: `Patient/${patientId}` },
    authoredOn: received,
    lastModified: received,
    performerType: [
      { coding: [{ system: teamSystem, code: "privacy-officer" }] },
    ],
    restriction: { period: { end: clock.due } },
    ...(inputs.length > 0 && { input: inputs }),
    extension: [
      ...clock.rules.map((rule) => ({ url: ruleUrl, valueCode: rule })),
      ...(clock.acknowledgeBy === undefined
        ? []
        : [{ url: acknowledgeUrl, valueInstant: clock.acknowledgeBy }]),
      ...(clock.extendable === undefined
        ? []
        : [{ url: extendableUrl, valueInstant: clock.extendable }]),
      ...(request.verified === undefined
        ? []
        : [{ url: verifiedUrl, valueCode: request.verified }]),
      { url: byUrl, valueString: by },
    ],
  };
};

export const input = (name: string, value: string | boolean): TaskInput => ({
  type: { coding: [{ system: detailSystem, code: name }] },
  ...(typeof value === "boolean"
    ? { valueBoolean: value }
    : { valueString: value }),
});

/** Throws NotFound (404) for a Task that is no request. */
export const demandedKind = (task: Task | undefined): RequestKind => {
  const kind = task === undefined ? undefined : kindOf(task);
  if (kind === undefined)
    throw new Fault("NotFound", 404, "There is no such privacy request.");
  return kind;
};

/** Of inputs that are what the request says. */
export const detailsOf = ({
  input: inputs = [],
}: Task): Readonly<Record<string, string | boolean>> =>
  Object.fromEntries(
    inputs.flatMap(({ type, valueString, valueBoolean }) => {
      const name = type.coding?.find(
        ({ system }) => system === detailSystem,
      )?.code;
      const value = valueString ?? valueBoolean;
      return name === undefined || value === undefined || name === statement
        ? []
        : [[name, value]];
    }),
  );

export const statement = "statement-of-disagreement";

export const textDetail = (task: Task, name: string): string | undefined => {
  const value = detailsOf(task)[name];
  return typeof value === "string" ? value : undefined;
};

export const dueOf = (task: Task): string =>
  task.restriction?.period?.end ?? task.authoredOn ?? "";
const extension = (
  { extension: all = [] }: Task,
  url: string,
): Extension | undefined => all.find((one) => one.url === url);
export const requestedBy = (task: Task): string =>
  extension(task, byUrl)?.valueString ?? "";
export const extendableUntil = (task: Task): string | undefined =>
  extension(task, extendableUrl)?.valueInstant;
export const extendedBecause = (task: Task): string | undefined =>
  extension(task, extendedUrl)?.valueCode;
export const hasStatement = ({ input: inputs = [] }: Task): boolean =>
  inputs.some(({ type }) =>
    type.coding?.some(
      ({ system, code }) => system === detailSystem && code === statement,
    ),
  );

/** The answer put off, once. */
export const extended = (task: Task, because: string, until: string): Task => ({
  ...task,
  restriction: { period: { end: until } },
  extension: [
    ...(task.extension ?? []).filter(({ url }) => url !== extendableUrl),
    { url: extendedUrl, valueCode: because },
  ],
});

/** `by`: whoever had a part in it, as `<kind>:<id>`. */
export const denied = (
  task: Task,
  {
    ground,
    text,
    by,
  }: {
    readonly ground: Ground;
    readonly text?: string | undefined;
    readonly by: readonly string[];
  },
): Task => ({
  ...task,
  status: "rejected",
  extension: [
    ...(task.extension ?? []),
    ...by.map((one) => ({ url: deniedByUrl, valueString: one })),
  ],
  statusReason: {
    coding: [{ system: outcomeSystem, code: ground }],
    ...(text !== undefined && { text }),
  },
});

export const deniersOf = ({ extension: all = [] }: Task): readonly string[] =>
  all.flatMap(({ url, valueString }) =>
    url === deniedByUrl && valueString !== undefined ? [valueString] : [],
  );

/** By a person, or because something stood against what a person had accepted. */
export const isDenied = ({ status }: Task): boolean =>
  status === "rejected" || status === "failed";

export const isWithdrawn = ({ status }: Task): boolean =>
  status === "cancelled";

/** `verified`: how staff made sure who asked them to. */
export const withdrawn = (
  task: Task,
  by: string,
  verified: string | undefined,
): Task => ({
  ...task,
  status: "cancelled",
  extension: [
    ...(task.extension ?? []),
    { url: withdrawnByUrl, valueString: by },
    ...(verified === undefined
      ? []
      : [{ url: verifiedUrl, valueCode: verified }]),
  ],
});

export const outcomes = ["fulfilled", "erasing"] as const;
export type Outcome = (typeof outcomes)[number];

export const carriedOut = (task: Task, outcome: Outcome): Task => ({
  ...task,
  status: "completed",
  businessStatus: { coding: [{ system: outcomeSystem, code: outcome }] },
});

/** Accepted, and refused all the same because of what stands against it. */
export const obstructed = (task: Task, obstacle: Ground): Task => ({
  ...task,
  status: "failed",
  statusReason: { coding: [{ system: outcomeSystem, code: obstacle }] },
});

/** Of the files that answer a request. */
export const resultOutput = "result";

export const outputsOf = (
  { output = [] }: Task,
  name: string,
): readonly Reference[] =>
  output.flatMap(({ type, valueReference }) =>
    type.text === name ? (valueReference ?? []) : [],
  );

/** Of where a copy goes on that is not whole yet. */
export const cursorOutput = "copy-cursor";
export const isCursor = ({ type }: TaskOutput): boolean =>
  type.text === cursorOutput;
export const cursorOf = ({ output = [] }: Task): string | undefined =>
  output.find(isCursor)?.valueString;

export const outcomeOf = ({ businessStatus }: Task): string | undefined =>
  businessStatus?.coding?.find(({ system }) => system === outcomeSystem)?.code;
export const reasonIn = ({ statusReason }: Task): string | undefined =>
  statusReason?.coding?.find(({ system }) => system === outcomeSystem)?.code;

const statuses: Readonly<
  Partial<Record<Task["status"], PrivacyRequest["status"]>>
> = {
  requested: "received",
  received: "awaiting-decision",
  accepted: "accepted",
  "in-progress": "accepted",
  rejected: "denied",
  failed: "denied",
  completed: "fulfilled",
  cancelled: "withdrawn",
};

export const isOpen = ({ status }: Task): boolean =>
  status === "requested" || status === "received";

/** The denied request that this one has reviewed. */
export const reviewedBy = ({ basedOn = [] }: Task): string | undefined =>
  basedOn[0]?.reference?.split("/")[1];

/** Names of the rules that set its times. */
export const ruleNames = ({ extension: all = [] }: Task): readonly string[] =>
  all.flatMap(({ url, valueCode }) =>
    url === ruleUrl && valueCode !== undefined ? [valueCode] : [],
  );

/** Of the Task by which staff tell others of an amendment. */
export const informOutput = "inform";

/** A request as its patient and the privacy officer see it; `informing` is the Task that its output names. */
export const requestView = (
  task: Task & { readonly id: string },
  informing?: Task & { readonly id: string },
): PrivacyRequest => {
  const reviews = reviewedBy(task);
  const acknowledgeBy = extension(task, acknowledgeUrl)?.valueInstant;
  const extendable = extendableUntil(task);
  const delay = extendedBecause(task);
  const reason = reasonIn(task);
  return {
    id: task.id,
    kind: demandedKind(task),
    patient: task.for?.reference?.split("/")[1] ?? "",
    status: (outcomeOf(task) ??
      statuses[task.status] ??
      "cancelled") as PrivacyRequest["status"],
    received: task.authoredOn ?? "",
    due: dueOf(task),
    ...(acknowledgeBy !== undefined && { acknowledgeBy }),
    ...(extendable !== undefined && { extendable }),
    ...(delay !== undefined && {
      extended: delay as NonNullable<PrivacyRequest["extended"]>,
    }),
    ...(reason !== undefined && { reason }),
    rules: [...ruleNames(task)],
    details: detailsOf(task),
    disagreed: hasStatement(task),
    ...(reviews !== undefined && { reviews }),
    ...(informing !== undefined && {
      informing: { task: informing.id, status: informing.status },
    }),
  };
};

const day = 86_400_000;

/** How pressing a request is that nobody has decided, and when to look again. */
export const attention = (
  { authoredOn = "", ...task }: Task,
  now: string,
): {
  readonly priority: NonNullable<Task["priority"]>;
  readonly overdue: boolean;
  readonly next: string;
} => {
  const [from, due, at] = [authoredOn, dueOf(task as Task), now].map(
    Date.parse,
  ) as [number, number, number];
  const marks = [
    { at: from + (due - from) / 2, priority: "urgent" },
    { at: due - 7 * day, priority: "asap" },
    { at: due - day, priority: "stat" },
    { at: due + 1000, priority: "stat" },
  ] as const;
  const rank = ["routine", "urgent", "asap", "stat"] as const;
  const priority = marks
    .filter((mark) => mark.at <= at)
    .map((mark) => mark.priority)
    .reduce<(typeof rank)[number]>(
      (most, one) => (rank.indexOf(one) > rank.indexOf(most) ? one : most),
      "routine",
    );
  const next = Math.min(
    ...marks.map((mark) => mark.at).filter((mark) => mark > at),
    // Once it is overdue, every day.
    ...(at > due ? [at + day] : []),
  );
  return {
    priority,
    overdue: at > due,
    next: new Date(Math.ceil(next / 1000) * 1000).toISOString(),
  };
};

/** A clinician has noted that access to the record may endanger somebody; a person decides then (45 CFR 164.524(a)(3)). */
export const isReviewed = (issues: readonly DetectedIssue[]): boolean =>
  issues.some(
    ({ status, code }) =>
      status !== "entered-in-error" &&
      code?.coding?.some(
        (coding) =>
          coding.system === "urn:sojourn:safety" &&
          coding.code === "access-review",
      ) === true,
  );
