import * as z from "zod";
import type { Role } from "./settings.ts";

/** What a member of staff did on one day, as far as facts tell; patients as digests, which can be counted and not read. */
export interface Activity {
  readonly staff: string;
  readonly patients: ReadonlySet<string>;
  readonly reads: number;
  readonly changes: number;
  readonly exports: number;
  readonly emergencies: number;
  readonly refusals: number;
  /** The last fact. */
  readonly last: string;
}

/** As much of a fact as activity is made of. */
export const ActivityFact = z.object({
  sk: z.string(),
  at: z.string(),
  by: z.string(),
  kind: z.string(),
  patient: z.string().optional(),
  changes: z.array(z.object({ what: z.string() })),
});
export type ActivityFact = z.infer<typeof ActivityFact>;

/** Somebody who may sign in as staff. */
export interface Member {
  readonly staff: string;
  readonly roles: readonly Role[];
  readonly enabled: boolean;
  /** When the account was made. */
  readonly since?: string;
}

export const decisions = ["keep", "change", "remove"] as const;

export interface Decided {
  readonly staff: string;
  readonly decision: (typeof decisions)[number];
  readonly by: string;
  readonly at: string;
}

export const NewReview = z.strictObject({
  decisions: z
    .array(
      z.strictObject({
        staff: z.string().min(1).max(128),
        decision: z.enum(decisions),
      }),
    )
    .min(1)
    .max(40)
    .refine(
      (all) => new Set(all.map(({ staff }) => staff)).size === all.length,
      "must name everybody once",
    ),
});

/** Activity of a stretch of facts, by who acted; a fact that is delivered twice counts once. */
export const activityOf = (
  facts: Iterable<ActivityFact>,
  digest: (patient: string) => string,
): readonly Activity[] => {
  const found = new Map<string, Counted>();
  const seen = new Set<string>();
  for (const fact of facts) {
    if (!fact.by.startsWith(prefix) || seen.has(fact.sk)) continue;
    seen.add(fact.sk);
    const staff = fact.by.slice(prefix.length);
    const counted = found.get(staff) ?? nothing(staff);
    found.set(staff, counted);
    add(counted, fact, digest);
  }
  return [...found.values()];
};

const prefix = "staff:";

type Counted = { -readonly [K in keyof Activity]: Activity[K] } & {
  readonly patients: Set<string>;
};

const nothing = (staff: string): Counted => ({
  staff,
  patients: new Set(),
  reads: 0,
  changes: 0,
  exports: 0,
  emergencies: 0,
  refusals: 0,
  last: "",
});

const add = (
  counted: Counted,
  { at, kind, patient, changes }: ActivityFact,
  digest: (patient: string) => string,
): void => {
  if (at > counted.last) counted.last = at;
  if (kind === "refusal") {
    counted.refusals += 1;
    return;
  }
  if (patient !== undefined) counted.patients.add(digest(patient));
  if (kind === "read") counted.reads += 1;
  if (kind === "change") counted.changes += 1;
  if (changes.some(({ what }) => what === "ExportRequested"))
    counted.exports += 1;
  if (changes.some(({ what }) => what === "EmergencyAccessOpened"))
    counted.emergencies += 1;
};

export interface ReviewRow extends Omit<Activity, "patients" | "last"> {
  readonly roles: readonly Role[];
  /** Nobody of that name may sign in any more when absent. */
  readonly enabled?: boolean;
  readonly since?: string;
  readonly patients: number;
  readonly lastActive?: string;
  readonly decision?: Omit<Decided, "staff">;
}

/** A row for everybody who may sign in or who acted, by name. */
export const reviewRows = (
  activities: readonly Activity[],
  members: readonly Member[],
  decided: readonly Decided[],
): readonly ReviewRow[] => {
  const byStaff = Map.groupBy(activities, ({ staff }) => staff);
  const memberOf = new Map(members.map((one) => [one.staff, one]));
  const decisionOf = new Map(
    decided.map(({ staff, ...decision }) => [staff, decision]),
  );
  return [...new Set([...memberOf.keys(), ...byStaff.keys()])]
    .toSorted()
    .map((staff) => {
      const days = byStaff.get(staff) ?? [];
      const member = memberOf.get(staff);
      const decision = decisionOf.get(staff);
      const lastActive = days
        .map(({ last }) => last)
        .toSorted()
        .at(-1);
      const sum = (count: (day: Activity) => number): number =>
        days.reduce((total, day) => total + count(day), 0);
      return {
        staff,
        roles: member?.roles ?? [],
        ...(member !== undefined && { enabled: member.enabled }),
        ...(member?.since !== undefined && { since: member.since }),
        patients: new Set(days.flatMap(({ patients }) => [...patients])).size,
        reads: sum(({ reads }) => reads),
        changes: sum(({ changes }) => changes),
        exports: sum(({ exports }) => exports),
        emergencies: sum(({ emergencies }) => emergencies),
        refusals: sum(({ refusals }) => refusals),
        ...(lastActive !== undefined && { lastActive }),
        ...(decision !== undefined && { decision }),
      };
    });
};

/** RFC 4180; no cell begins as a formula does. */
export const reviewCsv = (rows: readonly ReviewRow[]): string =>
  [
    header,
    ...rows.map((row) => [
      row.staff,
      row.roles.join(" "),
      row.enabled === undefined ? "no account" : row.enabled ? "yes" : "no",
      row.since ?? "",
      row.lastActive ?? "",
      ...[
        row.patients,
        row.reads,
        row.changes,
        row.exports,
        row.emergencies,
        row.refusals,
      ].map(String),
      row.decision?.decision ?? "",
      row.decision?.by ?? "",
      row.decision?.at ?? "",
    ]),
  ]
    .map((cells) => `${cells.map(cell).join(",")}\r\n`)
    .join("");

const header = [
  "staff",
  "roles",
  "may sign in",
  "account since",
  "last active",
  "patients",
  "reads",
  "changes",
  "exports",
  "emergency accesses",
  "refusals",
  "last decision",
  "decided by",
  "decided at",
];

const cell = (text: string): string =>
  `"${(/^[=+\-@\t\r]/.test(text) ? `'${text}` : text).replaceAll('"', '""')}"`;
