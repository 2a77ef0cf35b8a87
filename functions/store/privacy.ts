import type { Consent, Patient, RelatedPerson } from "@medplum/fhirtypes";
import type { Standing } from "../core/proxy.ts";
import type { KnownType } from "../resources/declaration.ts";
import { asKey, asResource, type KeyItem } from "./items.ts";
import { addressOf, compartment, currentOf, patientKeyPlace } from "./keys.ts";
import { createOpener } from "./opener.ts";
import { allOf } from "./overlay.ts";
import type { Kept, Stored } from "./records.ts";
import type { Store } from "./store.ts";
import type { Vault } from "./vault.ts";

/** What a patient's record says of who may read it. */
export interface Privacy {
  /** Consents of all records of the person that speak of reading; read only where the key item says that there are any. */
  consents(
    patient: string,
    keyItem: KeyItem | undefined,
  ): Promise<readonly Consent[]>;
  /** How a portal user acts for a patient, and the patient; undefined when not at all. */
  acting(
    user: string,
    patient: string,
  ): Promise<
    { readonly standing: Standing; readonly patient: Patient } | undefined
  >;
}

const remembered = 500;
/** Of each record, by the `rules` of the key items under which they were read. */
const caches = new WeakMap<Vault, Map<string, Promise<readonly Consent[]>>>();

export const createPrivacy = (
  store: Pick<Store, "table" | "vault" | "now" | "zone">,
  samePerson: (patient: string) => Promise<readonly string[]>,
): Privacy => {
  const { table, vault, now, zone } = store;
  const cache =
    caches.get(vault) ?? new Map<string, Promise<readonly Consent[]>>();
  caches.set(vault, cache);

  const current = async <K extends KnownType>(
    type: K,
    patient: string,
  ): Promise<readonly Stored<Kept<K>>[]> => {
    const opener = createOpener(store);
    const [items] = await Promise.all([
      allOf(table, { pk: compartment(patient), prefix: currentOf(type) }),
      opener.know([patient]),
    ]);
    const texts = await Promise.all(
      items.map(asResource).flatMap((item) => {
        const address = addressOf(type, item.id);
        return address === undefined ||
          item.deleted === true ||
          opener.isErased(address)
          ? []
          : [opener.open(address, item)];
      }),
    );
    return texts.map((text) => JSON.parse(text) as Stored<Kept<K>>);
  };

  const ofRecords = async (
    patients: readonly string[],
  ): Promise<readonly Consent[]> => {
    const { speaksOfReads } = await import("../core/consent.ts");
    const all = await Promise.all(
      patients.map((patient) => current("Consent", patient)),
    );
    return all.flat().filter(speaksOfReads);
  };

  return {
    consents: async (patient, keyItem) => {
      if (keyItem?.rules === undefined) return [];
      const records = await samePerson(patient);
      const others = records.filter((id) => id !== patient);
      const rules = [
        keyItem,
        ...(others.length === 0
          ? []
          : (await table.get(others.map(patientKeyPlace))).map(asKey)),
      ].map((item) => `${item.pk} ${item.rules ?? ""}`);
      const name = rules.toSorted().join(" ");
      const known = cache.get(name) ?? ofRecords(records);
      if (cache.size >= remembered)
        cache.delete(cache.keys().next().value ?? "");
      cache.set(name, known);
      known.catch(() => cache.delete(name));
      return known;
    },
    acting: async (user, patient) => {
      const persons: readonly RelatedPerson[] = (
        await current("RelatedPerson", patient)
      ).filter(({ identifier = [] }) =>
        identifier.some(
          ({ system, value }) =>
            system === "urn:sojourn:user" && value === user,
        ),
      );
      if (persons.length === 0) return undefined;
      // What is known of a merged person, the age above all, the surviving record says.
      const [survivor = patient] = await samePerson(patient);
      const [[about], consents, { standingOf }] = await Promise.all([
        current("Patient", survivor),
        current("Consent", patient),
        import("../core/proxy.ts"),
      ]);
      const standing =
        about &&
        standingOf(about, persons, consents, {
          user,
          now: now().toISOString(),
          zone,
        });
      return about && standing && { standing, patient: about };
    },
  };
};
