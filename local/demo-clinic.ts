import type {
  Bundle,
  BundleEntry,
  Patient,
  Resource,
} from "@medplum/fhirtypes";
import { visits } from "./clinic/calendar.ts";
import { patient, practitioners } from "./clinic/people.ts";
import {
  location,
  offers,
  places,
  service,
  serviceType,
} from "./clinic/places.ts";
import { type Random, seeded } from "./clinic/random.ts";

/** A resource to be created; others refer to it by `fullUrl` until the server has given it an id. */
export interface Entry<R extends Resource = Resource> {
  readonly fullUrl: string;
  readonly resource: R;
}

export interface DemoClinic {
  /** In an order in which each entry refers to earlier ones only. */
  readonly entries: readonly Entry[];
  readonly patients: readonly Entry<Patient>[];
}

export interface DemoClinicOptions {
  readonly seed?: number;
  /** The calendar day before the first day with free times. */
  readonly today: string;
  readonly days?: number;
  readonly patients?: number;
}

const visitMinutes = 30;

/** Invented practitioners, places, services, free times and patients: the same for the same seed and day. */
export const demoClinic = ({
  seed = 1,
  today,
  days = 31,
  patients: count = 200,
}: DemoClinicOptions): DemoClinic => {
  const random = seeded(seed);
  const entry = entryWith(random);
  const sites = places.map((place) => ({
    ...entry(location(place)),
    zone: place.zone,
  }));
  const services = offers.map((offer) => ({
    ...entry(
      service(
        offer,
        sites.map(({ fullUrl }) => fullUrl),
      ),
    ),
    offer,
  }));
  const people = practitioners.map(entry);
  const schedules = people.map((person, index) => {
    const site = sites[index % sites.length];
    const offered = services[index % services.length];
    if (!site || !offered) throw new Error("a clinic has sites and services");
    return {
      ...entry({
        resourceType: "Schedule",
        active: true,
        serviceType: [serviceType(offered.offer)],
        actor: [person, site, offered].map(({ fullUrl }) => ({
          reference: fullUrl,
        })),
      }),
      zone: site.zone,
    };
  });
  const slots = schedules.flatMap(({ fullUrl, zone }) =>
    visits({ today, days, zone, minutes: visitMinutes }).map((visit) =>
      entry({
        resourceType: "Slot",
        schedule: { reference: fullUrl },
        status: "free",
        ...visit,
      }),
    ),
  );
  const patients = Array.from({ length: count }, (_, index) =>
    entry(patient(index, random)),
  );
  return {
    entries: [
      ...sites,
      ...services,
      ...people,
      ...schedules,
      ...slots,
      ...patients,
    ].map(plainEntry),
    patients,
  };
};

const entryWith =
  (random: Random) =>
  <R extends Resource>(resource: R): Entry<R> => ({
    fullUrl: `urn:uuid:${random.uuid()}`,
    resource,
  });

const plainEntry = ({ fullUrl, resource }: Entry): Entry => ({
  fullUrl,
  resource,
});

/** Sends a transaction; the status and the parsed answer. */
export type PostBundle = (
  bundle: Bundle,
) => Promise<{ readonly status: number; readonly body: unknown }>;

/**
 * Creates the entries in transactions of at most `most` of one type; one that needs too many writes is halved. Returns the
 * reference that each `fullUrl` became.
 */
export const createAll = async (
  entries: readonly Entry[],
  post: PostBundle,
  {
    most = 90,
    progress = () => undefined,
  }: { most?: number; progress?: (created: number) => void } = {},
): Promise<ReadonlyMap<string, string>> => {
  const references = new Map<string, string>();
  const size = new Map<string, number>();
  for (let at = 0; at < entries.length;) {
    const type = entries[at]?.resource.resourceType ?? "";
    const others = entries
      .slice(at)
      .findIndex(({ resource }) => resource.resourceType !== type);
    const alike =
      others === -1 ? entries.slice(at) : entries.slice(at, at + others);
    const batch = alike.slice(0, size.get(type) ?? most);
    const { status, body } = await post(transaction(batch, references));
    if (status === 413 && batch.length > 1) {
      size.set(type, Math.ceil(batch.length / 2));
      continue;
    }
    if (status !== 200)
      throw new Error(
        `the API answered ${status} to a transaction of the clinic: ${JSON.stringify(body)}`,
      );
    (body as Bundle).entry?.forEach(({ response }, index) => {
      const reference =
        /([A-Z][A-Za-z]+\/[A-Za-z0-9.-]+)(\/_history\/\d+)?$/.exec(
          response?.location ?? "",
        )?.[1];
      const fullUrl = batch[index]?.fullUrl;
      if (reference !== undefined && fullUrl !== undefined)
        references.set(fullUrl, reference);
    });
    at += batch.length;
    progress(at);
  }
  return references;
};

/** References to what earlier transactions created become literal; those within this one stay `urn:uuid`. */
const transaction = (
  batch: readonly Entry[],
  references: ReadonlyMap<string, string>,
): Bundle => ({
  resourceType: "Bundle",
  type: "transaction",
  entry: batch.map(({ fullUrl, resource }): BundleEntry => ({
    fullUrl,
    resource: resolved(resource, references) as Resource,
    request: { method: "POST", url: resource.resourceType },
  })),
});

const resolved = (
  value: unknown,
  references: ReadonlyMap<string, string>,
): unknown => {
  if (typeof value === "string") return references.get(value) ?? value;
  if (Array.isArray(value))
    return value.map((each) => resolved(each, references));
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).map(([key, each]) => [
      key,
      resolved(each, references),
    ]),
  );
};
