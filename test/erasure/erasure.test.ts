import type { Ulid } from "../../functions/core/ids.ts";
import type { Binary, Coverage, Group, Patient } from "@medplum/fhirtypes";
import { describe, expect, it } from "vitest";
import {
  isCertifiedBy,
  readCertificate,
} from "../../functions/core/erasure-certificate.ts";
import type { Context } from "../../functions/core/caller.ts";
import { NewDisclosure } from "../../functions/core/disclosure.ts";
import { isErased } from "../../functions/store/erased.ts";
import { declarations } from "../../functions/resources/all.ts";
import {
  indexEntries,
  uniqueKeys,
} from "../../functions/store/index-entries.ts";
import {
  asKey,
  asResource,
  nameOf,
  type KeyItem,
} from "../../functions/store/items.ts";
import { sessionsOf } from "../../functions/store/keys.ts";
import { bookAppointment } from "../../functions/store/booking.ts";
import { readLedger } from "../../functions/store/shred-ledger.ts";
import type { Item, Table } from "../../functions/store/table.ts";
import type { Vault } from "../../functions/store/vault.ts";
import { exportClinic } from "../api/export-clinic.ts";
import { asClient, nurse } from "../api/server.ts";
import { aCanary, canary, leaksIn } from "../canary/patient.ts";
import { bySystem, type TestRecord } from "../record.ts";
import { onBothTables, type EmptyTable } from "../store/both-tables.ts";
import {
  aPatient,
  aPractitioner,
  aSchedule,
  aSlot,
  aWish,
} from "../store/builders.ts";
import { oneOfEach } from "./everything.ts";
import { accountsOf, certificatesKey, erasureRun } from "./run.ts";

const years = 365.25 * 86_400_000;

/** A canary with everything there can be, in two merged records; the time for which it must be kept is over. */
const aClinic = async (table: Table) => {
  const clinic = exportClinic({ table });
  const { records, clock, now } = clinic;
  const make = <
    T extends Parameters<
      Parameters<Parameters<typeof records.change>[1]>[0]["create"]
    >[0],
  >(
    resource: T,
  ) => records.change(bySystem, (work) => work.create(resource));
  const { id } = await make(aCanary());
  const other = await make(
    aCanary({
      identifier: [{ system: "https://elsewhere.example", value: canary.mrn }],
      telecom: [{ system: "email", value: canary.email }],
    }),
  );
  const neighbour = await make(aPatient());
  await oneOfEach(records, id);
  await records.change(bySystem, async (work) => {
    const patient = await work.demand("Patient", id);
    await work.update({ ...patient, maritalStatus: { text: canary.wish } });
  });
  await records.change(bySystem, async (work) => {
    const patient = await work.demand("Patient", other.id);
    await work.update({
      ...patient,
      active: false,
      link: [{ type: "replaced-by", other: { reference: `Patient/${id}` } }],
    });
  });
  const binary = await make<Binary>({
    resourceType: "Binary",
    contentType: "text/plain",
    securityContext: { reference: `Patient/${id}` },
    data: Buffer.from(canary.text.repeat(50)).toString("base64"),
  });
  const coverage = await make<Coverage>({
    resourceType: "Coverage",
    status: "active",
    beneficiary: { reference: `Patient/${neighbour.id}` },
    policyHolder: { reference: `Patient/${id}`, display: canary.family },
    payor: [{ display: "somebody" }],
  });
  await records.change(bySystem, async (work) => {
    const found = await work.demand("Coverage", coverage.id);
    await work.update({ ...found, order: 2 });
  });
  await make<Group>({
    resourceType: "Group",
    type: "person",
    actual: true,
    member: [
      {
        entity: {
          reference: `Patient/${id}`,
          display: canary.family,
          identifier: { value: canary.mrn },
        },
      },
    ],
  });
  await clock.advanceTo(clock.now() + 12 * years);
  const practitioner = await make(aPractitioner());
  const schedule = await make(aSchedule([`Practitioner/${practitioner.id}`]));
  const start = new Date(now().getTime() + 3 * 86_400_000);
  start.setUTCMinutes(0, 0, 0);
  const slot = await make(aSlot(schedule.id, start.toISOString(), 20));
  const visit = await records.change(bySystem, (work) =>
    bookAppointment(
      work,
      { ...aWish(id, [slot.id]), comment: canary.wish },
      now(),
    ),
  );
  await clinic.exported("/Patient/$export", { as: asClient("system/*.rs") });
  await imported(clinic, id);
  await seenByOthers(clinic, id);
  return {
    ...clinic,
    id,
    other: other.id,
    neighbour: neighbour.id,
    binary,
    slot,
    visit,
  };
};

/** What a source calls a form of the patient's, which has no identifier to say it. */
const imported = async (
  { importJobs }: TestRecord,
  id: string,
): Promise<void> => {
  const jobs = await importJobs();
  const job = await jobs.create(bySystem, { source: "old-ehr", files: [] });
  await jobs.names(job).reserve([
    {
      name: "QuestionnaireResponse/1",
      at: "0:1",
      resource: {
        resourceType: "QuestionnaireResponse",
        status: "completed",
        subject: { reference: `Patient/${id}` },
      },
    },
  ]);
};

/** An emergency access that is open, a disclosure, and sign-ins of the patient. */
const seenByOthers = async (
  { emergencies, disclosures, sessions, now }: TestRecord,
  id: string,
): Promise<void> => {
  const staff: Context = {
    by: { kind: "staff", id: "nurse-1", roles: ["nurse"], token: "t" },
    purpose: "TREAT",
    requestId: "emergency",
  };
  await (
    await emergencies()
  ).open(
    staff,
    { patient: id as Ulid, reason: "covering", text: canary.text },
    60,
  );
  await (
    await disclosures()
  ).record(
    staff,
    NewDisclosure.parse({
      patient: id,
      at: now().toISOString(),
      recipient: { name: "County health department" },
      what: canary.text,
      purpose: "PUBHLTH",
      basis: "public-health",
    }),
  );
  const signedIn = { session: "session-1", at: now().getTime() };
  const person = { kind: "patient", id, token: "t", signedIn } as const;
  await sessions.look(person, false);
  await sessions.end(bySystem, person);
};

const textOf = (items: readonly unknown[]): string =>
  items
    .map((item) =>
      JSON.stringify(item, (_name, value: unknown) =>
        value instanceof Uint8Array
          ? Buffer.from(value).toString("latin1")
          : value,
      ),
    )
    .join("\n");

/** Opens what any key of these key items opens, whatever is said of whose it is. */
const openedBy = async (
  vault: Vault,
  items: readonly Item[],
  keys: readonly (KeyItem | undefined)[],
): Promise<string> => {
  const texts: string[] = [];
  for (const item of items) {
    const { body, key, id, v } = asResource(item);
    if (body === undefined || key === undefined) continue;
    const type = item.sk.startsWith("Slot#")
      ? "Slot"
      : (item.sk.split("#")[1] ?? "");
    for (const keyItem of keys)
      texts.push(
        await vault
          .open(
            { reference: `${type}/${id}`, version: v },
            { body, key },
            keyItem,
          )
          .catch(() => ""),
      );
  }
  return texts.join("\n");
};

const keysIn = (items: readonly Item[]): readonly KeyItem[] =>
  items.filter(({ sk }) => sk === "KEY").map(asKey);

const isMention = (item: Item, ids: readonly string[]): boolean =>
  ids.some((id) => textOf([item]).includes(id));

/** Facts, the tombstone of the key, the ledger and the record of the erasure. */
const mayStay = ({ pk, sk, deleted }: Item): boolean =>
  sk.startsWith("F#") ||
  pk.includes("#Fact#day#") ||
  pk.startsWith("SHRED#") ||
  sk === "KEY" ||
  sk === "ERASURE" ||
  (sk.startsWith("A#Patient#") && deleted === true);

onBothTables((emptyTable) => {
  describe("an erased patient", () => {
    it("is nowhere: in no table, bucket, index or backup, and a certificate says so", async () => {
      const { table, dump }: EmptyTable = await emptyTable();
      const clinic = await aClinic(table);
      const { id, other, neighbour, vault, records, documents, exchange } =
        clinic;
      const before = await dump();
      const backup = structuredClone(before);
      expect(leaksIn(textOf(before))).toEqual([]);
      expect(
        leaksIn(await openedBy(vault, before, [...keysIn(before), undefined])),
      ).toContain("text");
      expect(leaksIn(textOf(exchange.versions.bodies()))).toContain("family");
      const patient = (await records.read(
        bySystem,
        "Patient",
        id,
      )) as Patient & { id: string };
      const entries = [
        ...(await indexEntries(vault, patient, declarations.Patient, "US")),
        ...(await uniqueKeys(
          vault,
          patient,
          declarations.Patient,
          new Set(["https://sojourn.example/mrn"]),
        )),
      ];
      expect(entries.length).toBeGreaterThan(8);
      expect(
        (await table.get(entries.map((key) => ({ table: "records", ...key }))))
          .length,
      ).toBe(entries.length);

      const accounts = accountsOf(id, neighbour);
      const run = erasureRun(clinic, { clock: clinic.clock, accounts });
      const status = await run.erase(id, "request-1");
      expect(run.causes).toEqual([]);
      expect(status).toBe("SUCCEEDED");
      expect(run.logged.map(({ fact }) => fact)).toContain("ErasureCertified");

      // Reads.
      for (const one of [id, other])
        expect(
          await records.read(bySystem, "Patient", one).catch(isErased),
        ).toBe(true);
      expect(
        (await clinic.ask("GET", `/Patient/${id}`, { as: nurse })).status,
      ).toBe(410);
      expect(
        (await clinic.ask("GET", `/Patient/${neighbour}`, { as: nurse }))
          .status,
      ).toBe(200);
      // Accounts.
      expect([...accounts.names]).toEqual([neighbour]);
      // Tables.
      const after = await dump();
      expect(leaksIn(textOf(after))).toEqual([]);
      expect(
        leaksIn(await openedBy(vault, after, [...keysIn(after), undefined])),
      ).toEqual([]);
      expect(
        after
          .filter((item) => isMention(item, [id, other]) && !mayStay(item))
          .map(nameOf),
      ).toEqual([]);
      expect(
        await table.get(entries.map((key) => ({ table: "records", ...key }))),
      ).toEqual([]);
      for (const place of ["EMERGENCIES", "SESSIONS#", "SOURCE#"])
        expect(
          before.some(({ pk }) => pk.startsWith(place)),
          place,
        ).toBe(true);
      const sessions = sessionsOf({ kind: "patient", id });
      expect(after.filter(({ pk }) => pk === sessions)).toEqual([]);
      // The time is free again.
      const slot = await records.read(bySystem, "Slot", clinic.slot.id);
      expect(slot.status).toBe("free");
      expect(after.filter(({ pk }) => pk.startsWith("CLAIM#"))).toEqual([]);
      // Buckets, with all that their objects ever were.
      expect(await documents.versions.count(id)).toBe(0);
      expect(leaksIn(textOf(documents.versions.bodies()))).toEqual([]);
      expect(leaksIn(textOf(exchange.versions.bodies()))).toEqual([]);
      // A backup of the record from before, beside the keys as they are now.
      expect(
        leaksIn(await openedBy(vault, backup, [...keysIn(after), undefined])),
      ).toEqual([]);
      // The ledger beside the record.
      expect(
        (await readLedger(documents)).map((entry) => entry.patient).toSorted(),
      ).toEqual([id, other].toSorted());

      // The certificate.
      const { certificate: key = "", held } =
        (await (await clinic.erasures()).find(other)) ?? {};
      expect(held).toMatchObject({
        resources: expect.any(Number) as number,
        documents: 2,
        accounts: 1,
      });
      const file = (await documents.get(key)) ?? Buffer.of();
      const signed = readCertificate(file);
      expect(
        signed?.certificate.patients.map((one) => one.id).toSorted(),
      ).toEqual([id, other].toSorted());
      expect(
        signed !== undefined && isCertifiedBy(signed, certificatesKey),
      ).toBe(true);
      for (let at = 0; at < file.length; at += 7) {
        const changed = Uint8Array.from(file);
        changed[at] = (changed[at] ?? 0) ^ 1;
        const read = readCertificate(changed);
        expect(
          read !== undefined && isCertifiedBy(read, certificatesKey),
          String(at),
        ).toBe(false);
      }
    }, 120_000);
  });
});
