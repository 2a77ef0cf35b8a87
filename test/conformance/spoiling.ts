import { declarations } from "../../functions/resources/all.ts";
import { put, valueAt, type Place } from "./elements.ts";
import { isObject } from "./exact.ts";
import { oneOf } from "./random.ts";

/** A way to spoil a place: answers the path that a refusal must name, or undefined when the way does not fit. */
export type Spoil = (place: Place, random: () => number) => string | undefined;

const malformed: Readonly<Record<string, readonly unknown[]>> = {
  boolean: ["yes", 1],
  integer: [1.5, 2_147_483_648],
  unsignedInt: [-1, 0.5],
  positiveInt: [0, 1.5],
  decimal: ["1,5", "NaN"],
  string: ["", " ", "\u0007"],
  markdown: ["", "\u0000"],
  uri: ["two words", " urn:x", "urn:\u0007"],
  url: ["http://a b"],
  canonical: ["two words"],
  oid: ["1.2.3", "urn:oid:a"],
  uuid: ["urn:uuid:1", "x"],
  id: ["under_score", "a".repeat(65)],
  code: [" padded", "two  blanks", "bell\u0007"],
  base64Binary: ["@@@@", "abc"],
  date: ["2024-13-01", "2023-02-29", "24-01-01"],
  dateTime: ["2024-02-30", "2024-01-01T10:00", "2024-01-01T10:00:00"],
  instant: ["2024-01-01", "2024-01-01T25:00:00Z", "yesterday"],
  time: ["25:00:00", "10:00", "noon"],
};

const samples: Readonly<Record<string, unknown>> = {
  boolean: true,
  string: "other",
  dateTime: "2024-01-01",
  date: "2024-01-01",
  integer: 1,
  decimal: 1.5,
  uri: "urn:x",
  code: "x",
  Period: { start: "2024-01-01" },
  Quantity: { value: 1 },
  Age: { value: 1, system: "http://unitsofmeasure.org", code: "a" },
  Range: { low: { value: 1 } },
  CodeableConcept: { text: "other" },
  Reference: { display: "other" },
};

const isSingle = ({ index, owner, key }: Place): boolean =>
  index !== undefined || !Array.isArray(owner[key]);

const isWhole = ({ index }: Place): boolean => index === undefined;

const base = ({ element }: Place): string =>
  element.path.slice(element.path.lastIndexOf(".") + 1);

const named = ({ ownerPath, ...place }: Place): string =>
  `${ownerPath}.${base({ ownerPath, ...place }).replace("[x]", "")}`;

const targetsOf = ({ element }: Place): readonly string[] =>
  (element.type ?? [])
    .flatMap(({ targetProfile = [] }) => targetProfile)
    .map((profile) => profile.slice(profile.lastIndexOf("/") + 1));

export const ways: Readonly<Record<string, Spoil>> = {
  "required gone": (place) => {
    const { owner, key, element } = place;
    if (!isWhole(place) || (element.min ?? 0) === 0) return undefined;
    Reflect.deleteProperty(owner, key);
    Reflect.deleteProperty(owner, `_${key}`);
    return named(place);
  },
  "wrong JSON type": (place, random) => {
    if (!isSingle(place)) return undefined;
    const value = valueAt(place);
    const wrong: readonly unknown[] =
      typeof value === "string"
        ? [7, true, { value }]
        : typeof value === "object"
          ? ["text", 7, false]
          : [JSON.stringify(value), { value }];
    put(place, oneOf(random, wrong));
    return place.path;
  },
  "unknown element": (place) => {
    const value = valueAt(place);
    if (!isSingle(place) || !isObject(value)) return undefined;
    value.sojourn = "x";
    return `${place.path}.sojourn`;
  },
  "code out of set": (place) => {
    const { element, type, path } = place;
    const isBound =
      element.binding?.strength === "required" &&
      ["code", "CodeableConcept"].includes(type);
    if (!isSingle(place) || !isBound) return undefined;
    put(
      place,
      type === "code"
        ? "no-such-code"
        : { coding: [{ system: "urn:none", code: "no-such-code" }] },
    );
    return path;
  },
  "malformed value": (place, random) => {
    const choices = malformed[place.type];
    if (!isSingle(place) || !choices || typeof valueAt(place) === "object")
      return undefined;
    put(place, oneOf(random, choices));
    return place.path;
  },
  "two of a choice": (place, random) => {
    const { owner, key, element } = place;
    if (!isWhole(place) || !base(place).endsWith("[x]")) return undefined;
    const others = (element.type ?? []).flatMap(({ code }) => {
      const name = `${base(place).slice(0, -3)}${code.charAt(0).toUpperCase()}${code.slice(1)}`;
      return name === key || samples[code] === undefined
        ? []
        : [[name, samples[code]] as const];
    });
    const other = oneOf(random, others);
    if (!other) return undefined;
    owner[other[0]] = other[1];
    return named(place);
  },
  "many of one": (place) => {
    if (!isWhole(place) || Array.isArray(valueAt(place))) return undefined;
    put(place, [valueAt(place)]);
    return place.path;
  },
  "one of many": (place) => {
    const value = valueAt(place);
    if (!isWhole(place) || !Array.isArray(value)) return undefined;
    put(place, value[0]);
    return place.path;
  },
  "empty or null": (place, random) => {
    const value = valueAt(place);
    const nothing = Array.isArray(value)
      ? [[], null]
      : isObject(value)
        ? [{}, null]
        : typeof value === "string"
          ? ["", null]
          : [null];
    put(place, oneOf(random, nothing));
    return place.path;
  },
  "wrong reference": (place, random) => {
    const targets = targetsOf(place);
    const value = valueAt(place);
    if (
      place.type !== "Reference" ||
      !isSingle(place) ||
      !isObject(value) ||
      targets.length === 0 ||
      targets.includes("Resource")
    )
      return undefined;
    const others = Object.keys(declarations).filter(
      (type) => !targets.includes(type),
    );
    const wrong = [
      ...[1, 2, 3].map(() => `${oneOf(random, others) ?? ""}/x`),
      "no reference",
      `${targets[0] ?? ""}/`,
      "#nowhere",
    ];
    put(place, { reference: oneOf(random, wrong) });
    return `${place.path}.reference`;
  },
  "invariant broken": (place, random) => {
    const value = valueAt(place);
    if (!isSingle(place) || !isObject(value)) return undefined;
    const breaks = breaking[place.type];
    const [below, change] = (breaks && oneOf(random, breaks)) ?? [];
    if (below === undefined || change === undefined) return undefined;
    put(place, { ...value, ...change });
    return `${place.path}${below}`;
  },
};

type Break = readonly [
  below: string,
  change: Readonly<Record<string, unknown>>,
];

const gone = undefined;

/** What breaks the invariants of datatypes, and the place that a finding then names below the value. */
const breaking: Readonly<Record<string, readonly Break[]>> = {
  Period: [["", { start: "2024-02-01", end: "2024-01-31" }]],
  Quantity: [["", { value: 1, code: "mg", system: gone }]],
  Range: [["", { low: { value: 2 }, high: { value: 1 } }]],
  Ratio: [
    ["", { numerator: { value: 1 }, denominator: gone, extension: gone }],
  ],
  ContactPoint: [["", { value: "x", system: gone }]],
  Attachment: [["", { data: "AAAA", contentType: gone }]],
  Reference: [[".reference", { reference: "#nowhere" }]],
  Extension: [["", { valueString: "x", extension: [{ url: "urn:x" }] }]],
  Narrative: [
    [
      "",
      {
        div: '<div xmlns="http://www.w3.org/1999/xhtml"><script>1</script></div>',
      },
    ],
    ["", { div: '<div xmlns="http://www.w3.org/1999/xhtml"> </div>' }],
  ],
};
