import type { Bundle, Resource } from "@medplum/fhirtypes";
import { beforeAll, describe, expect, test } from "vitest";
import type { KnownType } from "../../functions/resources/declaration.ts";
import { anOracle } from "../api/oracle.ts";
import { relinked } from "./adapting.ts";
import { anchorOf, criteriaOf, type Criterion } from "./asking.ts";
import { corpus, typesOf } from "./corpus.ts";
import { counted, noted } from "./counted.ts";
import { writeExactly } from "./exact.ts";
import { everything, forgetConsents, inProcess } from "./in-process.ts";
import { load } from "./loading.ts";
import { oneOf, randomOf } from "./random.ts";

const seed = Number(process.env.SOJOURN_SEED ?? 20_261_122);
const each = 10 * Number(process.env.SOJOURN_TEST_RUNS ?? 1);

interface Difference {
  readonly criteria: readonly Criterion[];
  readonly here: readonly string[];
  readonly there: readonly string[];
}

/** Where the other server is known to answer otherwise, and why ours is right. */
const explained: readonly {
  readonly why: string;
  readonly is: (difference: Difference) => boolean;
}[] = [
  {
    why: "a string is found by its beginning (R4 3.1.1.4.9); theirs finds it by any part",
    is: ({ criteria, here, there }) =>
      criteria.some(({ type }) => type === "string") &&
      here.every((name) => there.includes(name)),
  },
  {
    why: "a text beside a date (CarePlan.activity.detail.scheduledString) is no date; theirs compares it as one",
    is: ({ criteria, here, there }) =>
      criteria.some(
        ({ type, datatype }) => type === "date" && datatype === "string",
      ) && here.every((name) => there.includes(name)),
  },
];

const { send, server } = inProcess();
const oracle = anOracle()();
/** `Type/id` here and there. */
const theirs = new Map<string, string>();
const ours: (Resource & { id: string })[] = [];

beforeAll(async () => {
  const kept = (await load(send, corpus)).flatMap(({ name, sent }) =>
    name === undefined ? [] : [{ name, sent }],
  );
  for (const { name, sent } of kept) {
    const resource = JSON.parse(writeExactly(sent)) as Resource;
    const { status, body } = await oracle(
      "POST",
      `/${resource.resourceType}`,
      relinked(resource, theirs),
    );
    if (status !== 201) throw new Error(`${name}: ${String(status)}`);
    theirs.set(name, `${resource.resourceType}/${body.id ?? ""}`);
    ours.push({ ...resource, id: name.split("/")[1] ?? "" });
  }
  await forgetConsents(server);
});

type Params = readonly (readonly [string, string])[];

const foundHere = async (
  type: KnownType,
  params: Params,
): Promise<readonly string[]> => {
  const query: Record<string, string[]> = {};
  for (const [name, value] of params) (query[name] ??= []).push(value);
  const { status, body, text } = await server.ask<Bundle>("GET", `/${type}`, {
    as: everything,
    query,
    headers: { prefer: "handling=strict" },
  });
  return status === 200
    ? namesIn(body).map((name) => theirs.get(name) ?? name)
    : [`${String(status)} ${text}`];
};

const foundThere = async (
  type: KnownType,
  params: Params,
): Promise<readonly string[]> => {
  const query = new URLSearchParams(
    params.map(([name, value]): [string, string] => [
      name,
      name === "_id"
        ? (theirs.get(`${type}/${value}`)?.split("/")[1] ?? value)
        : (theirs.get(value) ?? value),
    ]),
  );
  const { status, body } = await oracle("GET", `/${type}?${query.toString()}`);
  return status === 200 ? namesIn(body as Bundle) : [String(status)];
};

const namesIn = ({ entry = [] }: Bundle): readonly string[] =>
  entry
    .filter(({ search }) => search?.mode !== "outcome")
    .map(
      ({ resource }) => `${resource?.resourceType ?? ""}/${resource?.id ?? ""}`,
    );

describe(`a search, generated from the examples (seed ${String(seed)})`, () => {
  test.for(typesOf(corpus))(
    "for %s finds what another FHIR server finds",
    async (type, context) => {
      const random = randomOf(
        Buffer.from(type).reduce((sum, letter) => sum * 31 + letter, seed),
      );
      const own = ours.filter(({ resourceType }) => resourceType === type);
      const asked = new Map<
        string,
        { params: Params; criteria: Criterion[] }
      >();
      for (let tries = 0; tries < each * 8 && asked.size < each; tries += 1) {
        const resource = oneOf(random, own);
        if (!resource) break;
        const all = criteriaOf(type, resource, random);
        const criteria = [oneOf(random, all), oneOf(random, all)]
          .slice(0, random() < 0.6 ? 1 : 2)
          .filter((one) => one !== undefined);
        const anchor = anchorOf(type, resource);
        if (criteria.length === 0 || !anchor) continue;
        const params: Params = [
          ...anchor,
          ...criteria.map(({ name, value }) => [name, value] as const),
          ["_count", "100"],
        ];
        asked.set(JSON.stringify(params), { params, criteria });
      }
      const counts = { compared: asked.size, equal: 0, explained: 0, found: 0 };
      const different: string[] = [];
      const reasons = new Set<string>();
      for (const { params, criteria } of asked.values()) {
        const here = (await foundHere(type, params)).toSorted();
        const there = (await foundThere(type, params)).toSorted();
        counts.found += here.length;
        const reason = explained.find(({ is }) =>
          is({ criteria, here, there }),
        );
        if (JSON.stringify(here) === JSON.stringify(there)) counts.equal += 1;
        else if (reason) {
          counts.explained += 1;
          reasons.add(reason.why);
        } else
          different.push(
            `${params.map((pair) => pair.join("=")).join("&")} ${criteria.map((one) => `${one.type}:${one.datatype}`).join()}: ${here.join()} | ${there.join()}`,
          );
      }
      expect(different).toEqual([]);
      for (const why of reasons)
        noted(context, `Explained difference, ${type}: ${why}`);
      counted(context, {
        table: "Searches, ours against Medplum's FHIR router",
        row: type,
        counts,
      });
    },
  );
});
