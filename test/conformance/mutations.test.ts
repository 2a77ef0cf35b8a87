import { beforeAll, describe, expect, test } from "vitest";
import { declarations } from "../../functions/resources/all.ts";
import type { KnownType } from "../../functions/resources/declaration.ts";
import { corpus, typesOf } from "./corpus.ts";
import { counted } from "./counted.ts";
import { childrenOf, isElement, placesIn } from "./elements.ts";
import { writeExactly, type Json } from "./exact.ts";
import { forgetConsents, inProcess } from "./in-process.ts";
import { breaks, broken, common } from "./invariants.ts";
import { load, placesIn as placesOf, type Loaded } from "./loading.ts";
import { oneOf, randomOf } from "./random.ts";
import { ways, type Spoil } from "./spoiling.ts";

const seed = Number(process.env.SOJOURN_SEED ?? 20_261_122);
const each = 8 * Number(process.env.SOJOURN_TEST_RUNS ?? 1);

const { send, server } = inProcess();
let loaded: readonly Loaded[] = [];

beforeAll(async () => {
  loaded = await load(send, corpus);
  await forgetConsents(server);
});

/** What the server has kept of the type, each as it was sent, with the id that it has there. */
const valid = (type: KnownType): readonly Json[] =>
  loaded
    .filter(({ example }) => example.type === type)
    .flatMap(({ name, sent }) =>
      name === undefined
        ? []
        : [
            {
              ...(JSON.parse(writeExactly(sent)) as Json),
              id: name.slice(type.length + 1),
            },
          ],
    );

const containedIn = ({ contained }: Json): number =>
  Array.isArray(contained) ? contained.length : 0;

/** Of what contains others, what R4 and we require of it: references into it would be broken. */
const withoutContained = (type: KnownType, resource: Json): Json => {
  if (resource.contained === undefined) return resource;
  const { home } = declarations[type];
  const homes = typeof home === "string" ? [] : home;
  return Object.fromEntries(
    Object.entries(resource).filter(
      ([key]) =>
        ["resourceType", "id"].includes(key) ||
        homes.includes(key) ||
        (childrenOf(type).get(key)?.element.min ?? 0) > 0,
    ),
  );
};

/** What the server sets, whatever it is sent. */
const isItsOwn = (type: KnownType, path: string): boolean =>
  path === `${type}.id` ||
  path.startsWith(`${type}.meta.lastUpdated`) ||
  path.startsWith(`${type}.meta.versionId`);

interface Mutant {
  readonly way: string;
  /** Of the resource that it was made of. */
  readonly id: string;
  readonly copy: Json;
  readonly path: string;
}

/** So many different mutants of a kind as can be found in a fair number of tries. */
const mutants = (
  type: KnownType,
  [way, spoil]: readonly [string, Spoil],
  random: () => number,
): readonly Mutant[] => {
  const found = new Map<string, Mutant>();
  const originals = valid(type);
  for (let tries = 0; tries < each * 12 && found.size < each; tries += 1) {
    const original = oneOf(random, originals);
    if (!original) return [];
    const copy = structuredClone(original);
    const place = oneOf(random, placesIn(copy, type, type));
    const path = place && spoil(place, random);
    if (path !== undefined && !isItsOwn(type, path))
      found.set(JSON.stringify(copy), {
        ...{ way, copy, path },
        id: String(original.id),
      });
  }
  return [...found.values()];
};

const isWithin = (inner: string, outer: string): boolean =>
  inner === outer ||
  inner.startsWith(`${outer}.`) ||
  inner.startsWith(`${outer}[`);

/** Whether the place is named; of a patient that nobody can find, the element that must refer to one. */
const namesIt = (
  type: KnownType,
  places: readonly string[],
  path: string,
): boolean => {
  const { home } = declarations[type];
  const homes =
    typeof home === "string" ? (home === "schedule" ? [home] : []) : home;
  const bare = path.replaceAll(/\[\d+\]/gu, "");
  return places.some(
    (place) =>
      isWithin(place, path) ||
      homes.some(
        (element) =>
          place === `${type}.${element}` &&
          (isWithin(bare, place) || isWithin(place, bare)),
      ),
  );
};

/** Current resources and versions; what a refusal leaves is none of them. */
const stored = (): number =>
  (server.table.dump?.() ?? []).filter(({ sk }) => /^[AH]#/u.test(sk)).length;

const expectAllRefused = async (
  type: KnownType,
  all: readonly Mutant[],
): Promise<void> => {
  const before = stored();
  const wrong = [];
  for (const { way, id, copy, path } of all) {
    const body = JSON.stringify(copy);
    for (const [method, address] of [
      ["POST", `/${type}`],
      ["PUT", `/${type}/${id}`],
    ] as const) {
      const { status, text } = await send(method, address, { body });
      const places = placesOf(text);
      if (status < 400 || status >= 500 || !namesIt(type, places, path))
        wrong.push(
          `${method} ${way}: ${path} answered ${String(status)} ${places.slice(0, 3).join(", ")}`,
        );
    }
  }
  expect(wrong).toEqual([]);
  expect(stored()).toBe(before);
};

describe(`a mutated example (seed ${String(seed)})`, () => {
  test.for(typesOf(corpus))(
    "of %s is refused, its place named, and nothing is stored",
    async (type, context) => {
      const random = randomOf(
        Buffer.from(type).reduce((sum, letter) => sum * 31 + letter, seed),
      );
      const counts: Record<string, number> = {};
      const all: Mutant[] = [];
      if (valid(type).length === 0) return;
      for (const way of Object.entries(ways)) {
        const some = mutants(type, way, random);
        counts[way[0]] = some.length;
        all.push(...some);
      }
      const [simplest] = valid(type).toSorted(
        (one, other) => containedIn(one) - containedIn(other),
      );
      const rules = [
        ...(isElement(type, "contained") ? common : []),
        ...(breaks[type] ?? []),
      ].flatMap((rule) =>
        (simplest === undefined ? [] : [withoutContained(type, simplest)]).map(
          (resource) => ({
            way: rule.key,
            id: String(resource.id),
            ...broken(resource, rule),
          }),
        ),
      );
      counts["rule broken"] = rules.length;
      await expectAllRefused(type, [...all, ...rules]);
      counted(context, {
        table: "Mutated examples, all refused with the element named",
        row: type,
        counts,
      });
    },
  );
});
