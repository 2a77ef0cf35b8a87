import type { Context } from "../core/caller.ts";
import {
  accounting,
  earliest,
  type Disclosure,
  type NewDisclosure,
  type OutsideClient,
} from "../core/disclosure.ts";
import { Fault } from "../core/fault.ts";
import { toldTo } from "./audit-telling.ts";
import { permittedPeople, sortKeyAt } from "./audit.ts";
import { accountablePeople, openTo } from "./disclosures-permitted.ts";
import { factDayEntry, factItem, readFact, type Fact } from "./facts.ts";
import {
  compartment,
  disclosureOf,
  disclosurePrefix,
  patientKeyPlace,
} from "./keys.ts";
import { createOpener, type Opener } from "./opener.ts";
import { allOf, unknownPatient } from "./overlay.ts";
import { recorded } from "./refusals.ts";
import type { Store } from "./store.ts";
import { held, type Item } from "./table.ts";
import type { Binding } from "./vault.ts";

/** To whom data of a patient went: what staff wrote down, and what systems of others read. */
export interface Disclosures {
  /** Throws UnknownPatient, FutureDisclosure (422), Erased (410). */
  record(context: Context, asked: NewDisclosure): Promise<Disclosure>;
  /** An accounting, newest first; all records of the person are looked at. Throws Forbidden (403), Erased (410). */
  account(
    context: Context,
    patient: string,
    since: string | undefined,
  ): Promise<readonly Accounted[]>;
  /** All of six years, for staff: also what an accounting leaves out. Throws Forbidden (403), Erased (410). */
  list(context: Context, patient: string): Promise<readonly Accounted[]>;
}

/** `types` instead of words where systems of others read by themselves. */
export type Accounted = Disclosure & { readonly types?: readonly string[] };

const eventType = "Disclosure";
const slack = 60_000;

export const createDisclosures = (
  options: Omit<Store, "keyItems">,
  outside: Readonly<Record<string, OutsideClient>>,
): Disclosures => {
  const store: Store = { ...options, keyItems: new Map() };
  const { table, vault, now, newId } = store;

  const factOf = (
    context: Context,
    patient: string | undefined,
    touched: { readonly id: string; readonly what: string },
  ): Item =>
    factItem(newId(), now(), context, {
      kind: "admin",
      outcome: "done",
      ...(patient !== undefined && { patient }),
      changes: [{ type: eventType, version: 1, ...touched }],
    });

  const recordedOf = async (
    opener: Opener,
    patient: string,
  ): Promise<readonly Disclosure[]> => {
    const items = await allOf(table, {
      pk: compartment(patient),
      prefix: disclosurePrefix,
    });
    return Promise.all(
      items.map(async ({ sk, body, key }) => {
        const id = `${patient}-${sk.slice(disclosurePrefix.length)}`;
        if (!(body instanceof Uint8Array) || typeof key !== "string")
          throw new Error("a disclosure has no body");
        const text = await vault.open(
          bindingOf(id),
          { body, key },
          opener.keyOf(patient),
        );
        return { ...(JSON.parse(text) as Disclosure), id };
      }),
    );
  };

  /** What the systems of others read: one disclosure a day, or an export. */
  const readByOthers = async (
    context: Context,
    patient: string,
    from: string,
  ): Promise<readonly Accounted[]> => {
    const clients = new Map(
      Object.entries(outside).map(([id, client]) => [`client:${id}`, client]),
    );
    if (clients.size === 0) return [];
    const items = await allOf(table, {
      pk: compartment(patient),
      between: [
        sortKeyAt(Date.parse(from) - slack),
        sortKeyAt(now().getTime() + slack),
      ],
    });
    const facts = await toldTo(
      store,
      context,
      items
        .filter(({ kind }) => kind === "read")
        .map(readFact)
        .filter(({ by }) => clients.has(by)),
    );
    const groups = Map.groupBy(facts, groupOf);
    return [...groups.values()].flatMap((group) => {
      const [first] = group;
      const client = first && clients.get(first.by);
      if (first === undefined || client === undefined) return [];
      const { name, address, purpose, basis } = client;
      return [
        {
          id: `${patient}-${first.id}`,
          patient: first.patient as Disclosure["patient"],
          at: first.at,
          recipient: { name, ...(address !== undefined && { address }) },
          what: "",
          types: [
            ...new Set(
              group.flatMap(({ changes }) => changes.map(({ type }) => type)),
            ),
          ].toSorted(),
          resources: [],
          purpose,
          basis,
          authorised: false,
          part2: false,
          recordedBy: "system",
        },
      ];
    });
  };

  /** Of all records of the person; that it was looked at is a fact. */
  const gathered = async (
    context: Context,
    patient: string,
    permitted: () => Promise<readonly string[]>,
  ): Promise<readonly Accounted[]> => {
    const people = await recorded(store, context, permitted);
    const from = earliest(now().toISOString());
    const opener = createOpener(store);
    await opener.know(people);
    const all = await Promise.all(
      people.flatMap((one) => [
        recordedOf(opener, one),
        readByOthers(context, one, from),
      ]),
    );
    const open = await openTo(store, context, people, all.flat());
    const fact = factOf(context, patient, {
      id: patient,
      what: "DisclosuresAccounted",
    });
    await table.append([fact, factDayEntry(fact, await vault.indexVersion())]);
    return open;
  };

  return {
    record: async (context, asked) => {
      const { patient, at } = asked;
      if (Date.parse(at) > now().getTime() + slack)
        throw new Fault(
          "FutureDisclosure",
          422,
          "What has not left yet is not a disclosure.",
          { expression: ["at"] },
        );
      const opener = createOpener(store);
      await opener.know([patient]);
      const key = opener.keyOf(patient);
      if (key === undefined) throw unknownPatient();
      const local = newId();
      const id = `${patient}-${local}`;
      const disclosure = { ...asked, id, recordedBy: context.by.id };
      const sealed = await vault.seal(
        bindingOf(id),
        JSON.stringify(disclosure),
        key,
      );
      // What the patient may not know yet is told under its day only.
      const about = asked.withheldUntil === undefined ? patient : undefined;
      const fact = factOf(context, about, { id, what: "Disclosed" });
      const isHeld = await held(
        table.commit(
          [
            {
              put: { ...disclosureOf(patient, local), v: 1, ...sealed },
              guard: "absent",
            },
            { check: patientKeyPlace(patient), table: "keys", guard: "live" },
            { put: fact, guard: "any" },
            {
              put: factDayEntry(fact, await vault.indexVersion()),
              guard: "any",
            },
          ],
          newId(),
        ),
      );
      if (!isHeld)
        throw new Fault(
          "Erased",
          410,
          "The record of this patient was erased.",
        );
      return disclosure;
    },

    account: async (context, patient, since) =>
      accounting(
        await gathered(context, patient, () =>
          accountablePeople(store, context, patient),
        ),
        { since, now: now().toISOString() },
      ),

    list: (context, patient) =>
      gathered(context, patient, () =>
        permittedPeople(store, context, patient),
      ),
  };
};

const groupOf = ({ at, by, changes }: Fact): string =>
  `${at.slice(0, 10)} ${by} ${changes.some(({ what }) => what === "Exported") ? "export" : "read"}`;

const bindingOf = (id: string): Binding => ({
  reference: `${eventType}/${id}`,
  version: 1,
});
