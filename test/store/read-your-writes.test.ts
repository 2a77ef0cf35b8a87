import type { Bundle, Parameters, Task } from "@medplum/fhirtypes";
import * as fc from "fast-check";
import { expect, test } from "vitest";
import { aServer, asPatient, type Answer, type Server } from "../api/server.ts";
import { onBothTables } from "./both-tables.ts";
import { aPatient, aTask } from "./builders.ts";

/** What a client does; numbers choose among what there is at that moment. */
type Deed =
  | { readonly kind: "create"; readonly patient: number }
  | { readonly kind: "createTwo"; readonly patient: number }
  | { readonly kind: "update" | "delete" | "read"; readonly task: number }
  | { readonly kind: "search" | "searchAsPatient"; readonly patient: number }
  | { readonly kind: "merge"; readonly patient: number; readonly into: number }
  | { readonly kind: "unmerge"; readonly patient: number };

const patients = 4;
const which = fc.nat(patients - 1);
const deed: fc.Arbitrary<Deed> = fc.oneof(
  {
    weight: 3,
    arbitrary: fc.record({
      kind: fc.constant("create" as const),
      patient: which,
    }),
  },
  {
    weight: 1,
    arbitrary: fc.record({
      kind: fc.constant("createTwo" as const),
      patient: which,
    }),
  },
  {
    weight: 5,
    arbitrary: fc.record({
      kind: fc.constantFrom(
        "update" as const,
        "delete" as const,
        "read" as const,
      ),
      task: fc.nat(50),
    }),
  },
  {
    weight: 5,
    arbitrary: fc.record({
      kind: fc.constantFrom("search" as const, "searchAsPatient" as const),
      patient: which,
    }),
  },
  {
    weight: 2,
    arbitrary: fc.record({
      kind: fc.constant("merge" as const),
      patient: which,
      into: which,
    }),
  },
  {
    weight: 2,
    arbitrary: fc.record({
      kind: fc.constant("unmerge" as const),
      patient: which,
    }),
  },
);

/** When a change began and, once it was answered with success, ended; times are steps of a common counter. */
interface Span {
  readonly began: number;
  ended: number;
}

interface Known {
  readonly patient: string;
  /** Writes that were not refused, or not yet; several may try for the same version. */
  readonly writes: (Span & { readonly version: number })[];
  readonly deletes: Span[];
}

interface Merge {
  readonly source: string;
  readonly target: string;
  readonly made: Span;
  /** Unmerges that were not refused, or not yet; one that overlapped the merge may have come before it. */
  readonly partings: (Span & { readonly isSure: boolean })[];
}

const never = Number.POSITIVE_INFINITY;

/** What several clients did to one record, and whether what one of them sees can be so. */
const aHistory = () => {
  let steps = 0;
  const tasks = new Map<string, Known>();
  const merges: Merge[] = [];
  const next = (): number => (steps += 1);

  /** Records that surely, or at most possibly, are of one person with this one all the time of the span. */
  const samePerson = (
    patient: string,
    { began, ended }: Span,
    surely: boolean,
  ): ReadonlySet<string> => {
    const standing = merges.filter(({ made, partings }) =>
      surely
        ? made.ended < began && partings.every((one) => one.began > ended)
        : made.began < ended &&
          !partings.some((one) => one.isSure && one.ended < began),
    );
    const set = new Set([patient]);
    for (const id of set)
      for (const { source, target } of standing) {
        if (source === id) set.add(target);
        if (target === id) set.add(source);
      }
    return set;
  };

  return {
    next,
    tasks,
    merges,
    /** Versions that a read in the span may see. */
    visible: (
      { writes }: Known,
      { began, ended }: Span,
    ): ReadonlySet<number> => {
      const newest = Math.max(
        ...writes.map((write) => (write.ended < began ? write.version : 1)),
      );
      const tried = writes.filter(
        (write) => write.version > newest && write.began < ended,
      );
      return new Set([newest, ...tried.map(({ version }) => version)]);
    },
    isDeleted: ({ deletes }: Known, { began }: Span): boolean =>
      deletes.some((one) => one.ended < began),
    mayBeDeleted: ({ deletes }: Known, { ended }: Span): boolean =>
      deletes.some((one) => one.began < ended),
    samePerson,
  };
};

const both = (source: string, target?: string): Parameters => ({
  resourceType: "Parameters",
  parameter: [
    {
      name: "source-patient",
      valueReference: { reference: `Patient/${source}` },
    },
    ...(target === undefined
      ? []
      : [
          {
            name: "target-patient",
            valueReference: { reference: `Patient/${target}` },
          },
        ]),
  ],
});

const run = async (
  server: Server,
  clients: readonly (readonly Deed[])[],
): Promise<number> => {
  const ids: string[] = [];
  for (let index = 0; index < patients; index += 1)
    ids.push((await server.make(aPatient())).id);
  const history = aHistory();
  const { tasks, merges, next } = history;
  let seen = 0;

  const created = (answer: Answer, span: Span, patient: string): void => {
    expect([201, 409]).toContain(answer.status);
    if (answer.status === 201)
      tasks.set(answer.body.id ?? "", {
        patient,
        writes: [{ ...span, ended: next(), version: 1 }],
        deletes: [],
      });
  };

  const checkRead = (known: Known, answer: Answer<Task>, span: Span): void => {
    seen += 1;
    if (answer.status === 410) {
      expect(history.mayBeDeleted(known, span)).toBe(true);
      return;
    }
    expect(answer.status).toBe(200);
    expect(history.isDeleted(known, span)).toBe(false);
    expect([...history.visible(known, span)]).toContain(
      Number(answer.body.meta?.versionId),
    );
  };

  const checkSearch = (
    patient: string,
    answer: Answer<Bundle<Task>>,
    span: Span,
  ): void => {
    seen += 1;
    expect(answer.status).toBe(200);
    const found = new Map(
      (answer.body.entry ?? []).flatMap(({ resource }) =>
        resource?.id === undefined
          ? []
          : [[resource.id, Number(resource.meta?.versionId)]],
      ),
    );
    const sure = history.samePerson(patient, span, true);
    const possible = history.samePerson(patient, span, false);
    for (const [id, version] of found) {
      // Of one whose creation was not answered yet only the patient is known.
      const known = tasks.get(id);
      expect([...possible]).toContain(known?.patient ?? id.slice(0, 26));
      if (known === undefined) continue;
      expect([...history.visible(known, span)]).toContain(version);
      expect(history.isDeleted(known, span)).toBe(false);
    }
    for (const [id, known] of tasks) {
      const isSure =
        sure.has(known.patient) &&
        (known.writes[0]?.ended ?? never) < span.began &&
        !history.mayBeDeleted(known, span);
      if (isSure) expect([...found.keys()]).toContain(id);
    }
  };

  const taskNumber = (number: number): readonly [string, Known?] =>
    [...tasks][number % Math.max(1, tasks.size)] ?? [""];

  const act = async (given: Deed): Promise<void> => {
    const span: Span = { began: next(), ended: never };
    const { ask } = server;
    switch (given.kind) {
      case "create": {
        const patient = ids[given.patient] ?? "";
        created(
          await ask("POST", "/Task", { body: aTask(patient) }),
          span,
          patient,
        );
        return;
      }
      case "createTwo": {
        const patient = ids[given.patient] ?? "";
        const entry = {
          resource: aTask(patient),
          request: { method: "POST", url: "Task" },
        };
        const answer = await ask<Bundle>("POST", "", {
          body: {
            resourceType: "Bundle",
            type: "transaction",
            entry: [entry, entry],
          },
        });
        for (const { resource } of answer.body.entry ?? [])
          if (resource !== undefined)
            created({ ...answer, status: 201, body: resource }, span, patient);
        return;
      }
      case "update": {
        const [id, known] = taskNumber(given.task);
        if (known === undefined) return;
        const last = Math.max(
          ...known.writes.map(({ version, ended }) =>
            ended < never ? version : 1,
          ),
        );
        const write = { ...span, version: last + 1 };
        known.writes.push(write);
        const { status } = await ask("PUT", `/Task/${id}`, {
          headers: { "If-Match": `W/"${String(last)}"` },
          body: {
            ...aTask(known.patient),
            id,
            description: `step ${String(span.began)}`,
          },
        });
        expect([200, 409, 410, 412]).toContain(status);
        if (status === 200) write.ended = next();
        else known.writes.splice(known.writes.indexOf(write), 1);
        return;
      }
      case "delete": {
        const [id, known] = taskNumber(given.task);
        if (known === undefined) return;
        known.deletes.push(span);
        const { status } = await ask("DELETE", `/Task/${id}`);
        expect([204, 409]).toContain(status);
        if (status === 204) span.ended = next();
        else known.deletes.splice(known.deletes.indexOf(span), 1);
        return;
      }
      case "read": {
        const [id, known] = taskNumber(given.task);
        if (known === undefined) return;
        const answer = await ask<Task>("GET", `/Task/${id}`);
        checkRead(known, answer, { ...span, ended: next() });
        return;
      }
      case "search":
      case "searchAsPatient": {
        const patient = ids[given.patient] ?? "";
        const answer = await ask<Bundle<Task>>("GET", "/Task", {
          query: { _count: "200", ...(given.kind === "search" && { patient }) },
          ...(given.kind === "searchAsPatient" && { as: asPatient(patient) }),
        });
        checkSearch(patient, answer, { ...span, ended: next() });
        return;
      }
      case "merge": {
        const [source = "", target = ""] = [
          ids[given.patient],
          ids[given.into],
        ];
        const merge: Merge = { source, target, made: span, partings: [] };
        merges.push(merge);
        const { status } = await ask("POST", "/Patient/$merge", {
          body: both(source, target),
        });
        expect([200, 409, 412, 422]).toContain(status);
        if (status === 200) span.ended = next();
        else merges.splice(merges.indexOf(merge), 1);
        return;
      }
      case "unmerge": {
        const source = ids[given.patient] ?? "";
        const undo = merges
          .filter((merge) => merge.source === source)
          .map(({ made, partings }) => {
            const parting = { ...span, isSure: made.ended < span.began };
            partings.push(parting);
            return { parting, partings };
          });
        const { status } = await ask("POST", "/Patient/$unmerge", {
          body: both(source),
        });
        expect([200, 409, 412, 422]).toContain(status);
        const ended = next();
        for (const { parting, partings } of undo)
          if (status === 200) parting.ended = ended;
          else partings.splice(partings.indexOf(parting), 1);
      }
    }
  };

  await Promise.all(
    clients.map(async (deeds) => {
      for (const one of deeds) await act(one);
    }),
  );
  // When all is quiet, everything is exactly as the answers said.
  for (const patient of ids) {
    const span = { began: next(), ended: next() };
    checkSearch(
      patient,
      await server.ask<Bundle<Task>>("GET", "/Task", {
        query: { patient, _count: "200" },
      }),
      span,
    );
  }
  return seen;
};

onBothTables((emptyTable, runs) => {
  test("whatever several clients write, search, merge and part at the same time, none sees what is stale, lost or foreign", async () => {
    let seen = 0;
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.array(deed, { minLength: 3, maxLength: 14 }), {
          minLength: 2,
          maxLength: 5,
        }),
        async (clients) => {
          const { table } = await emptyTable();
          seen += await run(aServer({ table }), clients);
        },
      ),
      { numRuns: runs },
    );
    expect(seen).toBeGreaterThan(runs * 4);
  }, 120_000);
});
