import {
  aResource,
  classes,
  classNames,
  type ClassName,
} from "./matrix-classes.ts";
import type { SignIns } from "./matrix-tokens.ts";

export interface Asked {
  readonly method: string;
  /** From the first slash on, with the query. */
  readonly path: string;
  readonly headers?: Readonly<Record<string, string>>;
  /** Text as it is, anything else as JSON. */
  readonly body?: unknown;
}

export interface Answered {
  readonly status: number;
  readonly text: string;
  /** Of the answer's Content-Location. */
  readonly location?: string | undefined;
  /** Absent when a gateway answered before a function was asked. */
  readonly requestId?: string | undefined;
  /** Why the function failed, where the test can see it. */
  readonly failure?: unknown;
}

/** Asks the API with a bearer token, or without. */
export type Send = (
  asked: Asked,
  token: string | undefined,
) => Promise<Answered>;

export const recordNames = ["own", "child", "former", "grown"] as const;
export type RecordName = (typeof recordNames)[number];

/** What of one patient is asked for, by id. */
export interface Target {
  readonly patient: string;
  readonly ids: Readonly<Record<ClassName, string>>;
  /** A booked appointment. */
  readonly visit: string;
  /** A request under a privacy right. */
  readonly request: string;
  readonly audit: string;
}

type Taking = Readonly<Record<"slot" | "pair", () => string>>;

/** What the rows ask for. */
export interface Clinic {
  readonly targets: Readonly<Record<RecordName, Target>>;
  readonly people: Readonly<Record<"own" | "stranger" | "parent", string>>;
  /** Patients of whom nothing is told, for what changes them: `held` is under a legal hold. */
  readonly spare: Readonly<Record<"anybody" | "held", string>>;
  /** Takes what only one request can have: a free slot, two patients to merge. */
  readonly take: Taking;
  /** For requests that will be refused. */
  readonly untouched: Taking;
  readonly exported: string;
  readonly imported: string;
  /** What only resources of the class say, in whatever form they say it. */
  readonly words: Readonly<Record<ClassName, readonly string[]>>;
}

const day = 86_400_000;
const slots = 30;
const pairs = 12;

/** Fills the record with four patients and all that is asked of them, as the clinic's system and its privacy officer. */
export const aClinic = async (
  send: Send,
  signIns: SignIns,
): Promise<Clinic> => {
  const asked = async (one: Asked, token: string): Promise<Answered> => {
    const answer = await send(one, token);
    if (answer.status >= 400)
      throw new Error(`${one.method} ${one.path}: ${answer.text}`, {
        cause: answer.failure,
      });
    return answer;
  };
  const asSystem = async (one: Asked) => asked(one, await signIns.clinic());
  const asOfficer = async (one: Asked) =>
    asked(one, await signIns.staff("privacy-officer"));
  const make = async (resource: object): Promise<string> => {
    const { resourceType } = resource as { resourceType: string };
    return idIn(
      await asSystem({
        method: "POST",
        path: `/fhir/R4/${resourceType}`,
        body: resource,
        headers: resourceType === "Binary" ? json : {},
      }),
    );
  };

  const free = await openTimes(asSystem);
  const person = (family: string, more: object = {}) =>
    make({ resourceType: "Patient", name: [{ family }], ...more });
  const people = {
    own: await make({
      ...aResource("Patient", wordOf("Patient"), ""),
      ...born(40),
    }),
    stranger: await person("Stranger"),
    parent: await person("Parent"),
  };
  const shared = {
    Practitioner: await make(
      aResource("Practitioner", wordOf("Practitioner"), ""),
    ),
    Group: await make(aResource("Group", wordOf("Group"), "")),
    Subscription: await make(
      aResource("Subscription", wordOf("Subscription"), ""),
    ),
  };

  const targetOf = async (patient: string): Promise<Target> => {
    const ids = Object.fromEntries(
      await Promise.all(
        classNames.map(async (name) => [
          name,
          name === "Patient"
            ? patient
            : classes[name].place === "record"
              ? await make(aResource(name, wordOf(name), patient))
              : shared[name as keyof typeof shared],
        ]),
      ),
    ) as Target["ids"];
    const visit = await asSystem({
      method: "POST",
      path: "/fhir/R4/Appointment/$book",
      body: aWish(patient, free.take()),
    });
    const request = await asOfficer({
      method: "POST",
      path: "/v1/privacy-requests",
      body: {
        kind: "restriction",
        details: { toward: "operations" },
        patient,
        verified: "photo-id",
      },
    });
    const trail = await asSystem({
      method: "GET",
      path: `/fhir/R4/AuditEvent?patient=${patient}&_count=1`,
    });
    const { entry } = JSON.parse(trail.text) as {
      entry: readonly { resource: { id: string } }[];
    };
    return {
      patient,
      ids,
      visit: idIn(visit),
      request: idIn(request),
      audit: entry[0]?.resource.id ?? "",
    };
  };
  const ward = async (years: number, period?: object): Promise<Target> => {
    const patient = await make({
      ...aResource("Patient", wordOf("Patient"), ""),
      ...born(years),
    });
    await make({
      resourceType: "RelatedPerson",
      patient: { reference: `Patient/${patient}` },
      identifier: [{ system: "urn:sojourn:user", value: people.parent }],
      relationship: [
        {
          coding: [
            {
              system: "http://terminology.hl7.org/CodeSystem/v3-RoleCode",
              code: "MTH",
            },
          ],
        },
      ],
      ...(period && { period }),
    });
    return targetOf(patient);
  };
  const targets = {
    own: await targetOf(people.own),
    child: await ward(7),
    former: await ward(8, { end: "2024-01-31" }),
    grown: await ward(19),
  };

  const held = await person("Held");
  await asOfficer({
    method: "PUT",
    path: `/v1/patients/${held}/hold`,
    body: { reason: "litigation", text: "A matter" },
  });
  const twins: string[] = [];
  while (twins.length < pairs * 2)
    twins.push(await person(`Twin${twins.length}`));
  const exported = await send(
    {
      method: "GET",
      path: "/fhir/R4/$export?_type=Practitioner",
      headers: asynchronous,
    },
    await signIns.clinic(),
  );
  const imported = await asSystem({
    method: "POST",
    path: "/v1/imports",
    body: anImport,
  });
  const take: Taking = {
    slot: free.take,
    pair: () => {
      const pair = twins.splice(0, 2);
      if (pair.length < 2) throw new Error("there are no more pairs");
      return pair.join(" ");
    },
  };
  const [slot, pair] = [take.slot(), take.pair()];
  return {
    targets,
    people,
    spare: { anybody: await person("Anybody"), held },
    take,
    untouched: { slot: () => slot, pair: () => pair },
    exported: exported.location?.split("/").at(-1) ?? "",
    imported: idIn(imported),
    words: Object.fromEntries(
      classNames.map((name) => {
        const word = wordOf(name);
        return [name, [word, Buffer.from(word).toString("base64")]];
      }),
    ) as unknown as Clinic["words"],
  };
};

/** Longer than chance makes, and of the class alone. */
const wordOf = (name: ClassName): string => `Zq9v${name.toLowerCase()}7xk`;

const born = (years: number) => ({
  birthDate: new Date(Date.now() - years * 365.3 * day)
    .toISOString()
    .slice(0, 10),
});

/** A schedule with free times next week, a quarter of an hour each. */
const openTimes = async (
  asSystem: (one: Asked) => Promise<Answered>,
): Promise<{ readonly take: () => string }> => {
  const actor = { fullUrl: "urn:uuid:0b5b9b5e-1111-4111-8111-000000000001" };
  const schedule = { fullUrl: "urn:uuid:0b5b9b5e-1111-4111-8111-000000000002" };
  const start = Math.ceil(Date.now() / day + 7) * day;
  const at = (index: number) => new Date(start + index * 900_000).toISOString();
  const entry = [
    {
      ...actor,
      resource: { resourceType: "Practitioner", name: [{ family: "Doe" }] },
    },
    {
      ...schedule,
      resource: {
        resourceType: "Schedule",
        active: true,
        actor: [{ reference: actor.fullUrl }],
      },
    },
    ...Array.from({ length: slots }, (_, index) => ({
      resource: {
        resourceType: "Slot",
        schedule: { reference: schedule.fullUrl },
        status: "free",
        start: at(index),
        end: at(index + 1),
      },
    })),
  ].map((one) => ({
    ...one,
    request: { method: "POST", url: one.resource.resourceType },
  }));
  const { text } = await asSystem({
    method: "POST",
    path: "/fhir/R4",
    body: { resourceType: "Bundle", type: "transaction", entry },
  });
  const ids = (
    JSON.parse(text) as {
      entry: readonly { response: { location: string } }[];
    }
  ).entry.flatMap(
    ({ response }) => /Slot\/([^/]+)/.exec(response.location)?.[1] ?? [],
  );
  return {
    take: () => {
      const id = ids.shift();
      if (id === undefined) throw new Error("there are no more free times");
      return id;
    },
  };
};

export const aWish = (patient: string, slot: string) => ({
  resourceType: "Appointment",
  status: "proposed",
  slot: [{ reference: `Slot/${slot}` }],
  participant: [
    {
      actor: { reference: `Patient/${patient}` },
      status: "accepted",
    },
  ],
});

export const anImport = {
  source: "matrix",
  files: [{ type: "Practitioner", name: "practitioners.ndjson" }],
};

export const json = { "content-type": "application/fhir+json" };
export const asynchronous = {
  accept: "application/fhir+json",
  prefer: "respond-async",
};

const idIn = ({ text }: Answered): string =>
  (JSON.parse(text) as { id: string }).id;
