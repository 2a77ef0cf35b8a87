import type { Bundle, Communication, Resource, Task } from "@medplum/fhirtypes";
import fc from "fast-check";
import { expect, test } from "vitest";
import { aPatient } from "../store/builders.ts";
import { anOracle } from "./oracle.ts";
import { aServer } from "./server.ts";

const runs = 40 * Number(process.env.SOJOURN_TEST_RUNS ?? 1);
const newOracle = anOracle();

/** `interaction ours theirs`: what we answer otherwise, and why. The oracle validates nothing, so all content is valid. */
const differences: Readonly<Record<string, string>> = {
  "delete 204 200":
    "R4 3.1.0.7: 204 for an answer without a body; theirs has an outcome",
  "delete 204 404":
    "R4 3.1.0.7: deleting again is the same success; theirs forgets what was deleted",
  "read 410 404":
    "R4 3.1.0.1: a deleted resource is 410 where deletions are tracked",
  "vread 410 404": "the version of a deletion is 410",
  "history 200 404":
    "R4 3.1.0.14: a history tells of deletions; theirs ends with them",
  "vread 200 404": "earlier versions outlive a deletion; theirs go with it",
};

type Kind = "Task" | "Communication";

const priority = fc.constantFrom<NonNullable<Task["priority"]>>(
  "routine",
  "urgent",
  "stat",
);
const day = fc.constantFrom("2026-01-01", "2026-01-02", "2026-02-01");
const content = fc.record({
  priority,
  day,
  code: fc.constantFrom("call", "mail"),
});
type Content = typeof content extends fc.Arbitrary<infer T> ? T : never;

const criteria = fc.record(
  {
    status: fc.constantFrom("requested", "completed", "requested,completed"),
    _id: fc.nat(9),
    priority,
    day: fc.tuple(fc.constantFrom("", "ge", "le", "gt", "lt"), day),
    code: fc.constantFrom("call", "urn:codes|mail", "|call", "none"),
    not: fc.constantFrom("status", "code"),
    missing: fc.boolean(),
    since: fc.constantFrom("ge2000-01-01", "lt2000-01-01"),
  },
  { requiredKeys: [] },
);

const kind = fc.constantFrom<Kind>("Task", "Communication");
const which = fc.nat(9);
const step = fc.oneof(
  {
    weight: 4,
    arbitrary: fc.record({
      does: fc.constant("create" as const),
      kind,
      patient: fc.nat(1),
      content,
    }),
  },
  {
    weight: 3,
    arbitrary: fc.record({
      does: fc.constant("update" as const),
      which,
      content,
      ifMatch: fc.constantFrom("", "present", "first"),
    }),
  },
  fc.record({ does: fc.constant("read" as const), which }),
  fc.record({ does: fc.constant("vread" as const), which, version: fc.nat(3) }),
  fc.record({ does: fc.constant("delete" as const), which }),
  fc.record({ does: fc.constant("history" as const), which }),
  {
    weight: 3,
    arbitrary: fc.record({
      does: fc.constant("search" as const),
      kind,
      patient: fc.nat(1),
      criteria,
    }),
  },
  fc.record({
    does: fc.constant("batch" as const),
    which,
    patient: fc.nat(1),
    content,
  }),
);
type Step = typeof step extends fc.Arbitrary<infer T> ? T : never;

/** A resource of both servers: its ids and, by our numbers, its versions. */
interface Pair {
  readonly kind: Kind | "Patient";
  readonly patient: number;
  readonly ours: string;
  readonly theirs: string;
  readonly versions: { ours: string; theirs: string }[];
  deleted?: true;
}

const resourceOf = (
  type: Kind,
  patient: string,
  { priority: urgency, day: on, code }: Content,
  number: number,
): Task | Communication => {
  const concept = { coding: [{ system: "urn:codes", code }] };
  const shared = {
    priority: urgency,
    note: [{ text: `change ${String(number)}` }],
  };
  return type === "Task"
    ? {
        resourceType: "Task",
        status: "requested",
        intent: "order",
        for: { reference: `Patient/${patient}` },
        code: concept,
        authoredOn: on,
        ...shared,
      }
    : {
        resourceType: "Communication",
        status: "completed",
        subject: { reference: `Patient/${patient}` },
        category: [concept],
        sent: `${on}T10:00:00Z`,
        ...shared,
      };
};

const queryOf = (
  type: Kind,
  patient: string,
  asked: typeof criteria extends fc.Arbitrary<infer T> ? T : never,
  id: string | undefined,
): string => {
  const { status, priority: urgency, day: on, code, not } = asked;
  const unless = (name: string): string => (not === name ? ":not" : "");
  const params = new URLSearchParams({
    [type === "Task" ? "patient" : "subject"]: `Patient/${patient}`,
    _count: "100",
  });
  if (status !== undefined) params.set(`status${unless("status")}`, status);
  if (asked.since !== undefined) params.set("_lastUpdated", asked.since);
  if (asked.missing !== undefined)
    params.set(
      `${type === "Task" ? "owner" : "sender"}:missing`,
      String(asked.missing),
    );
  if (id !== undefined) params.set("_id", id);
  if (urgency !== undefined && type === "Task") params.set("priority", urgency);
  if (on !== undefined)
    params.set(type === "Task" ? "authored-on" : "sent", on.join(""));
  if (code !== undefined)
    params.set(
      `${type === "Task" ? "code" : "category"}${unless("code")}`,
      code,
    );
  return params.toString();
};

const play = async (steps: readonly Step[]): Promise<void> => {
  const { ask } = aServer();
  const theirs = newOracle();
  const pairs: Pair[] = [];
  let changes = 0;

  type Sends = (side: "ours" | "theirs") => {
    method: "GET" | "POST" | "PUT" | "DELETE";
    path: string;
    body?: unknown;
    headers?: Record<string, string>;
  };

  const both = async (interaction: string, request: Sends) => {
    const one = request("ours");
    const other = request("theirs");
    const [path = "", query = ""] = one.path.split("?");
    const we = await ask(one.method, path, {
      query: Object.fromEntries(new URLSearchParams(query)),
      ...(one.body !== undefined && { body: one.body }),
      ...(one.headers !== undefined && { headers: one.headers }),
    });
    const they = await theirs(
      other.method,
      other.path,
      other.body,
      other.headers,
    );
    if (we.status !== they.status)
      expect(
        differences,
        `${interaction} ${JSON.stringify([one, we.body, they.body])}`,
      ).toHaveProperty(
        `${interaction} ${String(we.status)} ${String(they.status)}`,
      );
    return { we, they };
  };

  /** What both must have in common: ids by their number, without what each server adds of its own. */
  const common = (value: unknown, side: "ours" | "theirs"): unknown => {
    let text = JSON.stringify(value, (key, inner: unknown) =>
      key === "meta" || (key === "text" && typeof inner === "object")
        ? undefined
        : inner,
    );
    // An id of ours begins with its patient's, so the later, longer ones first.
    for (const [index, pair] of [...pairs.entries()].reverse())
      text = text.replaceAll(pair[side], `@${String(index)}`);
    return JSON.parse(text);
  };
  const entriesOf = (
    bundle: Resource,
    side: "ours" | "theirs",
  ): readonly unknown[] =>
    ((bundle as Bundle).entry ?? []).flatMap(({ resource }) =>
      resource === undefined ? [] : [common(resource, side)],
    );
  const byText = (list: readonly unknown[]): readonly string[] =>
    list.map((each) => JSON.stringify(sortedKeys(each))).sort();

  const expectSame = (we: Resource, they: Resource): void => {
    expect(common(we, "ours")).toEqual(common(they, "theirs"));
  };

  const note = (pair: Pair, we: Resource, they: Resource): void => {
    pair.versions.push({
      ours: we.meta?.versionId ?? "",
      theirs: they.meta?.versionId ?? "",
    });
  };
  const pick = (number: number): Pair | undefined => {
    const choices = pairs.filter((pair) => pair.kind !== "Patient");
    return choices.length === 0 ? undefined : choices[number % choices.length];
  };

  const made = async (
    type: Kind | "Patient",
    patient: number,
    content: (side: "ours" | "theirs") => unknown,
  ): Promise<void> => {
    const { we, they } = await both("create", (side) => ({
      method: "POST",
      path: `/${type}`,
      body: content(side),
    }));
    if (we.status !== 201 || they.status !== 201) return;
    const pair: Pair = {
      kind: type,
      patient,
      ours: we.body.id ?? "",
      theirs: they.body.id ?? "",
      versions: [],
    };
    pairs.push(pair);
    note(pair, we.body, they.body);
    expectSame(we.body, they.body);
  };
  const patientOf = (number: number, side: "ours" | "theirs"): string =>
    pairs[number]?.[side] ?? "";

  for (const number of [0, 1]) await made("Patient", number, () => aPatient());
  for (const one of steps) {
    changes += 1;
    const number = changes;
    if (one.does === "create") {
      await made(one.kind, one.patient, (side) =>
        resourceOf(one.kind, patientOf(one.patient, side), one.content, number),
      );
      continue;
    }
    if (one.does === "search") {
      const id =
        one.criteria._id === undefined ? undefined : pick(one.criteria._id);
      const { we, they } = await both("search", (side) => ({
        method: "GET",
        path: `/${one.kind}?${queryOf(one.kind, patientOf(one.patient, side), one.criteria, id?.[side])}`,
      }));
      expect(byText(entriesOf(we.body, "ours"))).toEqual(
        byText(entriesOf(they.body, "theirs")),
      );
      continue;
    }
    const pair = pick(one.which);
    if (pair === undefined || pair.kind === "Patient") continue;
    const { kind: type } = pair;
    const present = pair.versions.at(-1);
    switch (one.does) {
      case "update": {
        if (pair.deleted === true) {
          // Theirs creates anew under the id; we keep no way back from a deletion.
          const body = {
            ...resourceOf(
              type,
              patientOf(pair.patient, "ours"),
              one.content,
              number,
            ),
            id: pair.ours,
          };
          expect(
            (await ask("PUT", `/${type}/${pair.ours}`, { body })).status,
          ).toBe(410);
          break;
        }
        const version =
          one.ifMatch === "present"
            ? present
            : one.ifMatch === "first"
              ? pair.versions[0]
              : undefined;
        const { we, they } = await both("update", (side) => ({
          method: "PUT",
          path: `/${type}/${pair[side]}`,
          body: {
            ...resourceOf(
              type,
              patientOf(pair.patient, side),
              one.content,
              number,
            ),
            id: pair[side],
          },
          ...(version !== undefined && {
            headers: { "if-match": `W/"${version[side]}"` },
          }),
        }));
        if (we.status !== 200 || they.status !== 200) break;
        note(pair, we.body, they.body);
        expectSame(we.body, they.body);
        break;
      }
      case "read": {
        const { we, they } = await both("read", (side) => ({
          method: "GET",
          path: `/${type}/${pair[side]}`,
        }));
        if (we.status === 200 && they.status === 200)
          expectSame(we.body, they.body);
        break;
      }
      case "vread": {
        const version = pair.versions[one.version % pair.versions.length];
        const { we, they } = await both("vread", (side) => ({
          method: "GET",
          path: `/${type}/${pair[side]}/_history/${version?.[side] ?? "x"}`,
        }));
        if (we.status === 200 && they.status === 200)
          expectSame(we.body, they.body);
        break;
      }
      case "delete":
        await both("delete", (side) => ({
          method: "DELETE",
          path: `/${type}/${pair[side]}`,
        }));
        pair.deleted = true;
        break;
      case "history": {
        const { we, they } = await both("history", (side) => ({
          method: "GET",
          path: `/${type}/${pair[side]}/_history`,
        }));
        // Theirs sorts by a time in milliseconds, which two changes may share.
        if (they.status === 200)
          expect(byText(entriesOf(we.body, "ours"))).toEqual(
            byText(entriesOf(they.body, "theirs")),
          );
        break;
      }
      case "batch": {
        const { we, they } = await both("batch", (side) => ({
          method: "POST",
          path: "",
          body: {
            resourceType: "Bundle",
            type: "batch",
            entry: [
              { request: { method: "GET", url: `${type}/${pair[side]}` } },
              {
                request: {
                  method: "GET",
                  url: `Task?patient=Patient/${patientOf(one.patient, side)}&_count=100`,
                },
              },
              { request: { method: "GET", url: "Patient/none" } },
            ],
          },
        }));
        const statuses = ({ entry = [] }: Bundle) =>
          entry.map(({ response }) =>
            response?.status.slice(0, 3).replace("410", "404"),
          );
        expect(statuses(we.body as Bundle)).toEqual(
          statuses(they.body as Bundle),
        );
        const lists = (bundle: Bundle, side: "ours" | "theirs") =>
          (bundle.entry ?? []).map(({ resource }) =>
            resource?.resourceType === "Bundle"
              ? byText(entriesOf(resource, side))
              : common(resource ?? null, side),
          );
        expect(lists(we.body as Bundle, "ours")).toEqual(
          lists(they.body as Bundle, "theirs"),
        );
      }
    }
  }
};

const sortedKeys = (value: unknown): unknown =>
  Array.isArray(value)
    ? value.map(sortedKeys)
    : typeof value === "object" && value !== null
      ? Object.fromEntries(
          Object.entries(value)
            .sort(([one], [other]) => (one < other ? -1 : 1))
            .map(([key, inner]) => [key, sortedKeys(inner)]),
        )
      : value;

test("whatever is done in whatever order, the server answers as another FHIR server does, but for the differences listed", async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(step, { minLength: 1, maxLength: 14 }), play),
    { numRuns: runs },
  );
});
