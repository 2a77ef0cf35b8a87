import type {
  Appointment,
  Binary,
  Communication,
  Consent,
  Observation,
  Practitioner,
  RelatedPerson,
} from "@medplum/fhirtypes";
import type { Caller } from "../../functions/core/caller.ts";
import { isKnown } from "../../functions/resources/all.ts";
import { readFact, type Fact } from "../../functions/store/facts.ts";
import { addressOf } from "../../functions/store/keys.ts";
import { memoryTable } from "../../functions/store/memory-table.ts";
import type { Item, Table } from "../../functions/store/table.ts";
import { bySystem } from "../record.ts";
import { aPatient } from "../store/builders.ts";
import { asPatient, aServer } from "./server.ts";

/** Somebody; a record merged with theirs; somebody else; who denies everybody; a child of the first. */
export const people = ["own", "former", "other", "closed", "child"] as const;
export type Person = (typeof people)[number];

/** Notes every fact that is written. */
export const withFacts = (table: Table) => {
  const facts: Fact[] = [];
  const note = (item: Item): void => {
    if (/^F#[0-9A-Z]{26}$/.test(item.sk)) facts.push(readFact(item));
  };
  return {
    facts,
    table: {
      ...table,
      append: async (items) => {
        await table.append(items);
        items.forEach(note);
      },
      commit: async (writes, token) => {
        await table.commit(writes, token);
        for (const write of writes) if ("put" in write) note(write.put);
      },
    } satisfies Table,
  };
};

/** What a resource of a person says, and of nobody else. */
export const wordOf = (person: Person): string => `Zq${person}qZ`;

export interface Kept {
  readonly id: string;
  readonly observation: string;
  readonly restricted: string;
  readonly appointment: string;
  readonly binary: string;
}

/** A clinic in which everybody has what is open, what is labelled, and what names another. */
export const aClinic = async () => {
  const { table, facts } = withFacts(memoryTable());
  const clock = { now: Date.parse("2026-03-02T15:00:00.000Z") };
  const server = aServer({ table, now: () => new Date((clock.now += 7)) });
  const { records, ask } = server;

  const ids = await records.change(bySystem, async (work) => {
    const made: string[] = [];
    for (const person of people) {
      const { id } = await work.create(
        aPatient({
          name: [{ family: wordOf(person) }],
          identifier: [{ system: "urn:example:chart", value: person }],
          birthDate: person === "child" ? "2020-01-01" : "1980-02-29",
        }),
      );
      made.push(id);
    }
    return Object.fromEntries(
      people.map((person, index) => [person, made[index] ?? ""]),
    ) as Record<Person, string>;
  });

  const practitioner = await records.change(bySystem, (work) =>
    work.create<Practitioner>({
      resourceType: "Practitioner",
      name: [{ family: "Doe" }],
    }),
  );

  const keep = async (person: Person): Promise<Kept> => {
    const id = ids[person];
    const text = wordOf(person);
    const subject = { reference: `Patient/${id}` };
    const kept = await records.change(bySystem, async (work) => {
      const restricted = await work.create<Observation>({
        resourceType: "Observation",
        meta: { security: [{ code: person === "other" ? "V" : "R" }] },
        status: "final",
        code: { text },
        subject,
      });
      const observation = await work.create<Observation>({
        resourceType: "Observation",
        status: person === "child" ? "preliminary" : "final",
        identifier: [{ system: "urn:example:lab", value: person }],
        code: { text },
        subject,
        performer: [{ reference: `Practitioner/${practitioner.id}` }],
        hasMember: [{ reference: `Observation/${restricted.id}` }],
      });
      const appointment = await work.create<Appointment>({
        resourceType: "Appointment",
        status: "booked",
        description: text,
        start: "2026-03-05T15:00:00Z",
        end: "2026-03-05T15:30:00Z",
        participant: [{ actor: subject, status: "accepted" }],
      });
      await work.create<Communication>({
        resourceType: "Communication",
        status: "completed",
        subject,
        recipient: [{ reference: `Patient/${ids.own}` }],
        payload: [{ contentString: text }],
      });
      return {
        id,
        observation: observation.id,
        restricted: restricted.id,
        appointment: appointment.id,
      };
    });
    const { body } = await ask<Binary>("POST", "/Binary", {
      headers: { "content-type": "application/fhir+json" },
      body: {
        resourceType: "Binary",
        contentType: "text/plain",
        data: Buffer.from(text).toString("base64"),
        securityContext: subject,
      },
    });
    return { ...kept, binary: body.id ?? "" };
  };
  const kept = Object.fromEntries(
    await Promise.all(
      people.map(async (person) => [person, await keep(person)] as const),
    ),
  ) as Record<Person, Kept>;

  await records.change(bySystem, async (work) => {
    await work.create<RelatedPerson>({
      resourceType: "RelatedPerson",
      patient: { reference: `Patient/${ids.child}` },
      identifier: [{ system: "urn:sojourn:user", value: ids.own }],
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
    });
    await work.create<Consent>({
      resourceType: "Consent",
      status: "active",
      scope: {
        coding: [
          {
            system: "http://terminology.hl7.org/CodeSystem/consentscope",
            code: "patient-privacy",
          },
        ],
      },
      category: [{ coding: [{ system: "http://loinc.org", code: "59284-0" }] }],
      patient: { reference: `Patient/${ids.closed}` },
      policyRule: { coding: [{ code: "OPTOUT" }] },
      provision: { type: "deny" },
    });
  });
  await ask("POST", "/Patient/$merge", {
    body: {
      resourceType: "Parameters",
      parameter: [
        {
          name: "source-patient",
          valueReference: { reference: `Patient/${ids.former}` },
        },
        {
          name: "target-patient",
          valueReference: { reference: `Patient/${ids.own}` },
        },
      ],
    },
  });
  return { ...server, ids, kept, facts, clock, practitioner: practitioner.id };
};

export type Clinic = Awaited<ReturnType<typeof aClinic>>;

const staff = (clock: Clinic["clock"], ...roles: readonly never[]): Caller => ({
  kind: "staff",
  id: roles.join("-"),
  roles,
  token: "t",
  signedIn: { session: "s", at: clock.now },
});

export const callers = {
  patient: ({ ids }) => asPatient(ids.own),
  stranger: ({ ids }) => asPatient(ids.other),
  app: ({ ids }) => ({
    kind: "patient",
    id: ids.own,
    token: "t",
    scopes: ["patient/Observation.rs", "patient/Patient.rs"],
  }),
  nurse: ({ clock }) => staff(clock, "nurse" as never, "manager" as never),
  "front desk": ({ clock }) => staff(clock, "front-desk" as never),
  "privacy officer": ({ clock }) => staff(clock, "privacy-officer" as never),
  system: () => aClient("system/*.cruds"),
  reader: () => aClient("system/Observation.rs", "system/Patient.s"),
  finals: () =>
    aClient("system/Observation.rs?status=final", "system/Patient.rs"),
} satisfies Readonly<Record<string, (clinic: Clinic) => Caller>>;

const aClient = (...scopes: readonly string[]): Caller => ({
  kind: "client",
  id: "ehr",
  scopes,
  token: "t",
});

interface Entry {
  readonly fullUrl?: string;
  readonly resource?: Shown;
  readonly request?: { readonly url: string };
  readonly response?: { readonly location?: string };
}
interface Shown {
  readonly resourceType?: string;
  readonly id?: string;
  readonly entry?: readonly Entry[];
}

/** Patients to whom belongs what an answer shows, by where it lies. */
export const shownIn = (body: unknown): readonly string[] => {
  const { resourceType: type = "", id, entry } = (body ?? {}) as Shown;
  if (type === "Bundle")
    return (entry ?? []).flatMap((one) =>
      one.resource === undefined
        ? named(one.fullUrl ?? one.response?.location ?? one.request?.url ?? "")
        : shownIn(one.resource),
    );
  return id === undefined ? [] : named(`${type}/${id}`);
};

const named = (address: string): readonly string[] => {
  const [, type = "", id = ""] =
    /([A-Z][A-Za-z]+)\/([0-9A-Z-]{26,53})(?:\/_history\/\d+)?$/.exec(address) ??
    [];
  return isKnown(type) ? [addressOf(type, id)?.patient ?? []].flat() : [];
};
