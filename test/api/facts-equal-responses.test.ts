import fc from "fast-check";
import { expect, test } from "vitest";
import {
  aClinic,
  callers,
  people,
  shownIn,
  wordOf,
  type Clinic,
} from "./facts-clinic.ts";
import { aRequest, requests, type Request } from "./facts-requests.ts";

const counted = { answers: 0, refused: 0, patients: 0 };
const asked = new Set<string>();

/** The patients whom an answer shows, whom facts were written of, and whom the caller named. */
const patientsOf = async (clinic: Clinic, request: Request) => {
  const build = requests[request.name];
  if (build === undefined) throw new Error(request.name);
  const [method, path, options = {}] = build(clinic, request);
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
  return { method, status, facts, shown, touched, named };
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

const check = async (clinic: Clinic, request: Request): Promise<void> => {
  const { method, status, facts, shown, touched, named } = await patientsOf(
    clinic,
    request,
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
        for (const request of some) await check(clinic, request);
      },
    ),
    { numRuns: 300, seed: 20_261_122 },
  );
  console.info(
    `${String(counted.answers)} answers, ${String(counted.refused)} of them refusals, showed ${String(counted.patients)} patients`,
  );
  expect(Object.keys(requests).filter((name) => !asked.has(name))).toEqual([]);
}, 240_000);
