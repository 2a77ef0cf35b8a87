import type { Principal, Question } from "../../functions/core/permission.ts";

/** Who may change what, besides reading it. */
const writers: Readonly<Record<string, readonly string[]>> = {
  Observation: ["nurse", "clinician"],
  Condition: ["nurse", "clinician"],
  DocumentReference: ["front-desk", "nurse", "clinician"],
  Communication: ["front-desk", "nurse", "clinician"],
  CarePlan: ["nurse", "clinician"],
  Appointment: ["front-desk", "nurse", "clinician"],
  Slot: ["front-desk", "nurse", "clinician", "manager"],
  Patient: ["front-desk", "nurse", "clinician"],
  Task: ["front-desk", "nurse", "clinician", "manager", "privacy-officer"],
  Consent: ["front-desk", "nurse", "clinician", "privacy-officer"],
  Claim: ["front-desk", "manager"],
  Invoice: ["front-desk", "manager"],
  Location: ["manager"],
  PlanDefinition: ["manager"],
};

/** What patients find in the directory. */
const shown = ["Location", "Slot"];

/** What a piece of our own code works on. */
const tasks: Readonly<Record<string, (does: Doing) => string | undefined>> = {
  "close-plan": ({ action, type }) =>
    type === "CarePlan" && (action === "search" || action === "update")
      ? "task-close-plan"
      : undefined,
  "import-slice": ({ action, type }) =>
    type === "Provenance" && ["read", "create", "update"].includes(action)
      ? "task-import-slice"
      : undefined,
  "notify-subscribers": ({ action, type, reads }) =>
    reads
      ? "event-notify-subscribers"
      : action === "update" && type === "Subscription"
        ? "event-notify-subscribers-state"
        : undefined,
};

interface Doing {
  readonly action: Question["action"];
  readonly type: string;
  readonly place: string;
  readonly reads: boolean;
  readonly writes: boolean;
  readonly kind: Principal["kind"];
  readonly roles: readonly string[];
  readonly isPerson: boolean;
  readonly operation: string;
  readonly purpose: string;
  readonly inEmergency: boolean;
  readonly has: (...labels: readonly string[]) => boolean;
}

const doingOf = (question: Question): Doing => {
  const { principal, action, resource, purpose, emergency } = question;
  const { kind } = principal;
  return {
    action,
    type: resource?.type ?? "",
    place: resource?.place ?? "",
    reads: action === "read" || action === "search",
    writes: action === "create" || action === "update" || action === "delete",
    kind,
    roles: kind === "Staff" ? principal.roles : [],
    isPerson: kind === "Patient" || kind === "Proxy",
    operation: question.operation ?? "",
    purpose,
    inEmergency: kind === "Staff" && emergency && purpose === "ETREAT",
    has: (...labels) =>
      labels.some((label) => resource?.labels.includes(label) === true),
  };
};

const trueOnes = (said: Readonly<Record<string, boolean>>): readonly string[] =>
  Object.entries(said).flatMap(([name, is]) => (is ? [name] : []));

const either = (some: readonly string[], ...others: readonly string[]) =>
  others.some((one) => some.includes(one));

/** Names of what permits it. */
export const permitting = (question: Question): readonly string[] => {
  const { principal, resource } = question;
  if (principal.kind === "System")
    return resource === undefined
      ? []
      : [tasks[principal.name]?.(doingOf(question)) ?? []].flat();
  return resource === undefined
    ? permittingService(doingOf(question))
    : permittingRecord(doingOf(question));
};

const permittingRecord = (doing: Doing): readonly string[] => {
  const { action, type, place, reads, writes, kind, roles } = doing;
  const { isPerson, operation } = doing;
  const puts = action === "create" || action === "update";
  const own = place === "own";
  const mayWrite = (...names: readonly string[]): boolean =>
    writes &&
    names.some(
      (role) => roles.includes(role) && writers[type]?.includes(role) === true,
    );
  return trueOnes({
    "patient-own-reading": kind === "Patient" && reads && own,
    "public-directory":
      isPerson && reads && place === "directory" && shown.includes(type),
    booking:
      isPerson &&
      writes &&
      operation === "booking" &&
      ((own && type === "Appointment") ||
        (place === "directory" && type === "Slot")),
    "own-device":
      kind === "Patient" &&
      puts &&
      operation === "device" &&
      own &&
      type === "Patient",
    "own-rights":
      isPerson && puts && operation === "right" && own && type === "Task",
    "proxy-reading": kind === "Proxy" && reads && own,
    "staff-reading": kind === "Staff" && reads && roles.length > 0,
    "staff-front-desk": mayWrite("front-desk"),
    "staff-clinical": mayWrite("nurse", "clinician"),
    "staff-manager": mayWrite("manager"),
    "staff-privacy-officer": mayWrite("privacy-officer"),
    "staff-booking":
      writes &&
      either(roles, "front-desk", "nurse", "clinician", "privacy-officer") &&
      ((operation === "booking" && either([type], "Appointment", "Slot")) ||
        (operation === "device" && type === "Patient")),
    "staff-import":
      writes &&
      roles.includes("manager") &&
      operation === "import" &&
      type !== "Subscription",
    "staff-declassifying":
      action === "declassify" && either(roles, "clinician", "privacy-officer"),
    "client-record": kind === "Client",
  });
};

const everybodys =
  "read search create update bundle validate audit book find-times export follow-export".split(
    " ",
  );

const permittingService = (doing: Doing): readonly string[] => {
  const { action, kind, roles, isPerson } = doing;
  const staff = kind === "Staff";
  const overseen = staff && either(roles, "privacy-officer", "manager");
  const is = (...actions: readonly string[]) => actions.includes(action);
  return trueOnes({
    "route-anyone": is("describe"),
    "route-people": is(...everybodys),
    "route-care":
      (staff || kind === "Client") &&
      is("delete", "import", "match", "merge", "subscribe"),
    "route-client": kind === "Client" && is("read-signing-secret"),
    "route-patient":
      kind === "Patient" && is("register-device", "receive-answer"),
    "route-sessions": (isPerson || staff) && is("use-session", "end-session"),
    "route-own-rights":
      (isPerson || either(roles, "front-desk", "privacy-officer")) &&
      is("request-right", "account-disclosures"),
    "route-access-log": (isPerson || overseen) && is("list-access"),
    "route-break-glass":
      either(roles, "nurse", "clinician") && is("break-glass"),
    "route-disclosing":
      roles.length > 0 && is("record-disclosure", "end-emergency"),
    "route-privacy-officer":
      roles.includes("privacy-officer") && is("decide-right", "erase", "hold"),
    "route-oversight":
      overseen && is("review-access", "revoke-sessions", "list-vendors"),
  });
};

/** Names of what in base.cedar forbids it. */
export const forbidding = (question: Question): readonly string[] => {
  const { principal, resource } = question;
  // Our own code is judged by what it works on.
  if (principal.kind === "System") return [];
  const doing = doingOf(question);
  return [
    ...purposes(doing, principal),
    ...(resource === undefined
      ? forbiddingService(doing, question)
      : forbiddingRecord(doing, question)),
    ...(principal.kind === "Proxy" && principal.state !== "in-force"
      ? ["proxy-not-in-force"]
      : []),
  ];
};

const purposes = (
  { isPerson, purpose, kind, roles }: Doing,
  principal: Principal,
): readonly string[] => {
  const fits: Readonly<Record<string, boolean>> = {
    TREAT: true,
    HOPERAT: true,
    HPAYMT: either(roles, "front-desk", "manager"),
    ETREAT: either(roles, "nurse", "clinician"),
  };
  return trueOnes({
    "purpose-of-patient": isPerson && purpose !== "PATRQT",
    "purpose-of-staff": kind === "Staff" && fits[purpose] !== true,
    "purpose-of-client":
      principal.kind === "Client" && !principal.purposes.includes(purpose),
  });
};

const forbiddingService = (
  { action, kind, roles, isPerson }: Doing,
  { freshSignIn, scoped }: Question,
): readonly string[] => {
  const staff = kind === "Staff";
  return trueOnes({
    [`${kind.toLowerCase()}-scope`]: !scoped,
    "step-up-required":
      (isPerson || staff) &&
      !freshSignIn &&
      ["break-glass", "erase", "export", "receive-answer"].includes(action),
    "import-role": staff && action === "import" && !roles.includes("manager"),
    "export-role":
      staff &&
      action === "export" &&
      !either(roles, "manager", "privacy-officer"),
    "staff-role":
      staff &&
      roles.length === 0 &&
      !["describe", "end-session", "use-session"].includes(action),
  });
};

const forbiddingRecord = (
  doing: Doing,
  question: Question,
): readonly string[] => {
  const { action, type, reads, kind, roles, isPerson, has, inEmergency } =
    doing;
  const { scoped, consent, restricted, principal, resource } = question;
  const staff = kind === "Staff";
  const others = kind !== "Patient";
  return trueOnes({
    "right-by-operation":
      (action === "update" || action === "delete") &&
      has("privacy-request") &&
      doing.operation !== "right",
    "record-copy":
      reads && has("record-copy") && !(isPerson && doing.operation === "right"),
    "patient-only": reads && kind === "Proxy" && has("patient-only"),
    "review-by-officer":
      (action === "update" || action === "delete") &&
      has("privacy-review") &&
      !roles.includes("privacy-officer"),
    "proxy-authorized":
      principal.kind === "Proxy" &&
      principal.basis === "authorization" &&
      reads &&
      resource?.place === "own" &&
      consent !== "permitted",
    "teen-private":
      principal.kind === "Proxy" &&
      principal.basis === "guardian" &&
      resource?.teenPrivate === true,
    "audit-trail":
      staff &&
      type === "AuditEvent" &&
      !either(roles, "privacy-officer", "manager"),
    [`${kind.toLowerCase()}-scope`]: !scoped,
    "consent-denied": reads && others && consent === "denied" && !inEmergency,
    "restriction-accepted":
      reads &&
      others &&
      restricted &&
      !inEmergency &&
      !roles.includes("privacy-officer"),
    "restricted-confidentiality":
      staff &&
      reads &&
      has("R", "V") &&
      !either(roles, "nurse", "clinician", "privacy-officer"),
    "very-restricted-confidentiality":
      staff && reads && has("V") && consent !== "permitted" && !inEmergency,
  });
};
