import type {
  Appointment,
  Bundle,
  Location,
  Schedule,
  Slot,
} from "@medplum/fhirtypes";
import { capacityOf, isRoom } from "../../core/booking.ts";
import type { Context } from "../../core/caller.ts";
import { Fault } from "../../core/fault.ts";
import {
  freeTimes,
  localInstant,
  windowOf,
  type FreeTime,
  type Window,
} from "../../core/schedule.ts";
import { zoneIn } from "../../core/zone.ts";
import type { Deps } from "../../runtime/dependencies.ts";
import { parseJson } from "../../runtime/json.ts";
import { invalid, parametersIn, pointed } from "./parameters.ts";
import type { Stored, Work } from "../../store/records.ts";

export interface Question {
  readonly service: string | undefined;
  readonly practitioner: string | undefined;
  readonly location: string | undefined;
  readonly schedule: string | undefined;
  readonly start: string;
  readonly end: string;
  readonly minutes: number | undefined;
  readonly count: number;
}

/** Simple values and references of a Parameters resource. Throws 400. */
export const askedIn = (text: string): readonly (readonly [string, string])[] =>
  parametersIn(parseJson(text)).map(({ name, value }) => {
    const simple = pointed(value);
    if (typeof simple !== "string" && typeof simple !== "number")
      throw invalid(
        "Parameters.parameter",
        "A parameter of $find has a simple value or a reference.",
      );
    return [name, `${simple}`] as const;
  });

/** Reads the parameters of `$find` from a query or a Parameters resource. Throws 400 naming the wrong one. */
export const questionFrom = (
  params: readonly (readonly [string, string])[],
): Question => {
  const known = [
    "service",
    "practitioner",
    "location",
    "schedule",
    "start",
    "end",
    "duration",
    "_count",
  ];
  const foreign = params.find(([name]) => !known.includes(name));
  if (foreign !== undefined)
    throw new Fault("InvalidRequest", 400, `$find takes ${known.join(", ")}.`, {
      code: "not-supported",
    });
  const given = new Map(params);
  const reference = (name: string, type: string): string | undefined => {
    const value = given.get(name);
    if (value === undefined) return undefined;
    const id = /^(?:([A-Z]\w+)\/)?([A-Za-z0-9.-]{1,64})$/.exec(value);
    if (id === null || (id[1] !== undefined && id[1] !== type))
      throw wrong(name, `must be a ${type} of this server`);
    return `${type}/${id[2] ?? ""}`;
  };
  const number = (name: string, most: number): number | undefined => {
    const value = given.get(name);
    if (value === undefined) return undefined;
    if (!/^[1-9]\d{0,4}$/.test(value) || Number(value) > most)
      throw wrong(name, `must be a whole number up to ${String(most)}`);
    return Number(value);
  };
  const question = {
    service: reference("service", "HealthcareService"),
    practitioner: reference("practitioner", "Practitioner"),
    location: reference("location", "Location"),
    schedule: reference("schedule", "Schedule"),
    start: given.get("start") ?? "",
    end: given.get("end") ?? "",
    minutes: number("duration", 480),
    count: number("_count", 200) ?? 50,
  };
  if (question.start === "" || question.end === "")
    throw wrong(question.start === "" ? "start" : "end", "is required");
  return question;
};

const wrong = (name: string, rule: string): Fault =>
  new Fault("InvalidRequest", 400, `${name} ${rule}.`, { expression: [name] });

/** Free times over all fitting schedules, soonest first, each as a proposed Appointment that `$book` takes as it is. */
export const findTimes = async (
  {
    records,
    organization,
    now,
  }: Pick<Deps, "records" | "organization" | "now">,
  context: Context,
  base: string,
  question: Question,
): Promise<Bundle> => {
  // The question is checked also where no schedule fits it.
  windowOf(question.start, question.end, organization.timeZone);
  const found = await records.change(context, async (work) => {
    const schedules = (await work.inDirectory("Schedule")).filter((schedule) =>
      fits(schedule, question),
    );
    const times = await Promise.all(
      schedules.map((schedule) =>
        timesOf(work, schedule, question, organization.timeZone, now()),
      ),
    );
    return times
      .flat()
      .toSorted(
        (one, other) =>
          Date.parse(one.start ?? "") - Date.parse(other.start ?? ""),
      );
  });
  return {
    resourceType: "Bundle",
    type: "searchset",
    total: found.length,
    link: [{ relation: "self", url: `${base}/Appointment/$find` }],
    entry: found
      .slice(0, question.count)
      .map((resource) => ({ resource, search: { mode: "match" } })),
  };
};

const fits = (
  { actor, active, id }: Stored<Schedule>,
  { service, practitioner, location, schedule }: Question,
): boolean =>
  active !== false &&
  (schedule === undefined || schedule === `Schedule/${id}`) &&
  [service, practitioner, location].every(
    (wanted) =>
      wanted === undefined ||
      actor.some(({ reference }) => reference === wanted),
  );

const timesOf = async (
  work: Work,
  schedule: Stored<Schedule>,
  question: Question,
  defaultZone: string,
  now: Date,
): Promise<readonly Appointment[]> => {
  const references = schedule.actor.flatMap(({ reference }) => reference ?? []);
  const places = (
    await work.readAll(
      references.filter((reference) => reference.startsWith("Location/")),
    )
  ).filter(
    (place): place is Stored<Location> => place?.resourceType === "Location",
  );
  const zone =
    places.map(zoneIn).find((known) => known !== undefined) ?? defaultZone;
  const asked = windowOf(question.start, question.end, zone);
  const window: Window = {
    from:
      Date.parse(asked.from) > now.getTime() ? asked.from : now.toISOString(),
    until: asked.until,
  };
  if (window.from >= window.until) return [];
  const exclusive = [
    ...references.filter((reference) => reference.startsWith("Practitioner/")),
    ...places.filter(isRoom).map(({ id }) => `Location/${id}`),
  ];
  const [slots, ...claims] = await Promise.all([
    work.slotsOf(schedule.id, window),
    ...exclusive.map((actor) => work.claimed(actor, window)),
  ]);
  const capacity = capacityOf(schedule);
  const times = freeTimes(slots, question.minutes, (bucket) =>
    claims.some((taken) => (taken.get(bucket) ?? 0) >= capacity),
  );
  return times
    .filter(({ start }) => Date.parse(start) > now.getTime())
    .map((time) => proposed(time, schedule, zone));
};

const proposed = (
  { slots, start, end }: FreeTime<Stored<Slot>>,
  schedule: Stored<Schedule>,
  zone: string,
): Appointment => ({
  resourceType: "Appointment",
  status: "proposed",
  ...(schedule.serviceType !== undefined && {
    serviceType: schedule.serviceType,
  }),
  start: localInstant(start, zone),
  end: localInstant(end, zone),
  minutesDuration: (Date.parse(end) - Date.parse(start)) / 60_000,
  slot: slots.map(({ id }) => ({ reference: `Slot/${id}` })),
  participant: schedule.actor.map(({ reference = "" }) => ({
    actor: { reference },
    status: "needs-action",
  })),
});
