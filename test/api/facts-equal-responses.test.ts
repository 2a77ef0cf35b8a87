import type { Bundle, Consent, Observation } from "@medplum/fhirtypes";
import fc from "fast-check";
import { expect, test } from "vitest";
import { memoryTable } from "../../functions/store/memory-table.ts";
import { bySystem } from "../record.ts";
import { aPatient } from "../store/builders.ts";
import { exportClinic } from "./export-clinic.ts";
import {
  aClinic,
  callers,
  people,
  shownIn,
  withFacts,
  wordOf,
  type Clinic,
} from "./facts-clinic.ts";
import {
  aRequest,
  requests,
  type Built,
  type Request,
} from "./facts-requests.ts";
import { asClient, asPatient, nurse } from "./server.ts";

const counted = { answers: 0, refused: 0, patients: 0, pages: 0 };
const asked = new Set<string>();

/** The address of the page after this one. */
const nextOf = (body: unknown): string | undefined =>
  ((body ?? {}) as Bundle).link
    ?.find(({ relation }) => relation === "next")
    ?.url.replace(/^.*\/fhir\/R4/, "");

/** The patients whom an answer shows, whom facts were written of, and whom the caller named. */
const patientsOf = async (
  clinic: Clinic,
  request: Request,
  [method, path, options = {}]: Built,
) => {
  const before = clinic.facts.length;
  const { status, text, bytes, headers, body } = await clinic.ask(
    method,
    path,
    {
      ...options,
      as: callers[request.caller](clinic),
      headers: {
        ...options.headers,
        ...(request.purpose !== undefined && {
          "x-purpose-of-use": request.purpose,
        }),
      },
    },
  );
  const facts = clinic.facts.slice(before);
  const told = [text, bytes.toString()].join("\n");
  const words = people
    .filter((person) =>
      [wordOf(person), Buffer.from(wordOf(person)).toString("base64")].some(
        (word) => told.includes(word),
      ),
    )
    .map((person) => clinic.ids[person]);
  const isPlain = !(headers["content-type"] ?? "").includes("fhir+json");
  const shown = new Set([...words, ...(isPlain ? [] : shownIn(body))]);
  counted.answers += 1;
  counted.refused += status >= 400 ? 1 : 0;
  counted.patients += shown.size;
  if (status < 400) asked.add(request.name);
  const touched = new Set(
    facts
      .filter(({ kind }) => kind === "read" || kind === "change")
      .flatMap(({ patient }) => patient ?? []),
  );
  const named = JSON.stringify([path, options]);
  return { status, facts, shown, touched, named, next: nextOf(body) };
};

/** What answers with no resource, or looks at what it decides by: it may only touch whom the caller named. */
const isBlind = ({ name }: Request, method: string, status: number): boolean =>
  status === 204 ||
  status === 304 ||
  method === "HEAD" ||
  [
    "summary",
    "validate",
    "create unless there",
    "update by criteria",
    "transaction that writes",
    "open emergency access",
    "disclosures",
    "privacy requests",
  ].includes(name);

/** Who did what is told from facts: that it was read is a fact of the day, about the patient. */
const isTrail = ({ name }: Request): boolean =>
  name === "audit trail" || name === "access log";

const check = async (
  clinic: Clinic,
  request: Request,
  built: Built,
): Promise<void> => {
  const [method] = built;
  const { status, facts, shown, touched, named, next } = await patientsOf(
    clinic,
    request,
    built,
  );
  if (isTrail(request)) {
    expect(
      facts.filter(({ changes }) =>
        changes.some(
          ({ what, id }) =>
            what === "AuditTrailRead" && id === clinic.ids[request.person],
        ),
      ),
    ).toHaveLength(status === 200 ? 1 : 0);
    return;
  }
  expect([...shown].filter((id) => !touched.has(id))).toEqual([]);
  const more = [...touched].filter((id) => !shown.has(id));
  expect(
    isBlind(request, method, status)
      ? more.filter((id) => !named.includes(id) && !isNamed(clinic, id, named))
      : more,
  ).toEqual([]);
  if (status === 403)
    expect(facts.filter(({ kind }) => kind === "refusal")).not.toEqual([]);
  if (next !== undefined && method === "GET") {
    const { pathname, searchParams } = new URL(next, "https://api.example");
    counted.pages += 1;
    await check(clinic, request, [
      "GET",
      decodeURIComponent(pathname),
      { query: Object.fromEntries(searchParams) },
    ]);
  }
};

/** By an identifier, or as a record of the person who was named. */
const isNamed = ({ ids }: Clinic, id: string, named: string): boolean =>
  people.some(
    (person) =>
      ids[person] === id && named.includes(`urn:example:lab|${person}`),
  ) ||
  ([ids.own, ids.former].includes(id) &&
    [ids.own, ids.former].some((one) => named.includes(one)));

test("the patients in answers are the patients in facts", async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(aRequest, { minLength: 1, maxLength: 12 }),
      async (some) => {
        const clinic = await aClinic();
        for (const request of some) {
          const build = requests[request.name];
          if (build !== undefined)
            await check(clinic, request, build(clinic, request));
        }
      },
    ),
    { numRuns: 400, seed: 20_261_122 },
  );
  process.stdout.write(
    `${String(counted.answers)} answers, ${String(counted.refused)} of them refusals, ${String(counted.pages)} further pages, showed ${String(counted.patients)} patients\n`,
  );
  expect(Object.keys(requests).filter((name) => !asked.has(name))).toEqual([]);
}, 240_000);

const exported = fc.record({
  patients: fc.array(
    fc.record({
      labels: fc.subarray(["R", "V", "PSYTHPN"]),
      denies: fc.boolean(),
    }),
    { minLength: 1, maxLength: 5 },
  ),
  caller: fc.constantFrom("nurse", "system", "finals", "patient"),
  type: fc.constantFrom(undefined, "Observation", "Patient"),
});

const deny = (patient: string): Consent => ({
  resourceType: "Consent",
  status: "active",
  scope: { coding: [{ code: "patient-privacy" }] },
  category: [{ coding: [{ system: "http://loinc.org", code: "59284-0" }] }],
  patient: { reference: `Patient/${patient}` },
  policyRule: { coding: [{ code: "OPTOUT" }] },
  provision: { type: "deny" },
});

test("the patients in exports are the patients in facts", async () => {
  await fc.assert(
    fc.asyncProperty(exported, async ({ patients, caller, type }) => {
      const { table, facts } = withFacts(memoryTable());
      const clinic = exportClinic({ table });
      const [first = ""] = await clinic.records.change(
        bySystem,
        async (work) => {
          const made: string[] = [];
          for (const { labels, denies } of patients) {
            const { id } = await work.create(aPatient());
            made.push(id);
            for (const code of labels)
              await work.create<Observation>({
                resourceType: "Observation",
                meta: { security: [{ code }] },
                status: "final",
                code: { text: "Something" },
                subject: { reference: `Patient/${id}` },
              });
            if (denies) await work.create(deny(id));
          }
          return made;
        },
      );
      facts.splice(0);
      const as = {
        nurse,
        system: asClient("system/*.rs"),
        finals: asClient(
          "system/Observation.rs?status=final&category=laboratory",
          "system/Patient.rs",
        ),
        patient: asPatient(first),
      }[caller];
      const { output } = await clinic.exported("/Patient/$export", {
        as,
        query: { ...(type !== undefined && { _type: type }) },
      });
      const lines = await clinic.fetched(output);
      expect([...new Set(lines.flatMap(shownIn))].toSorted()).toEqual(
        [
          ...new Set(
            facts
              .filter(({ kind }) => kind === "read")
              .flatMap(({ patient }) => patient ?? []),
          ),
        ].toSorted(),
      );
    }),
    { numRuns: 60, seed: 20_261_122 },
  );
}, 120_000);
