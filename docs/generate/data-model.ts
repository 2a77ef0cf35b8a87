import { declarations } from "../../functions/resources/all.ts";
import type {
  Declaration,
  KnownType,
} from "../../functions/resources/declaration.ts";
import { parametersOf } from "../../functions/resources/search/parameter.ts";
import { loadTables } from "../../functions/resources/search/tables.ts";
import { claimBucketMinutes } from "../../functions/store/keys.ts";
import { transactionLimits } from "../../functions/store/table.ts";
import { purposes } from "../../functions/store/vault.ts";
import { demo } from "../../organizations/demo.ts";
import { example, type Example, type Step, type Written } from "./example.ts";
import { indexLists, itemKinds } from "./items.ts";
import { codes, fenced, generatedFrom, table } from "./markdown.ts";
import { constantIn, sourceOf } from "./source.ts";
import { stateDiagram } from "./state-diagram.ts";

/** The page that says what lies where in both tables, with an example really written. */
export const dataModel = async (): Promise<string> => {
  const told = await example();
  await loadTables(Object.keys(declarations) as KnownType[]);
  return [
    generatedFrom(
      "functions/store, functions/resources and an example that it writes to the real store",
    ),
    "# Data model",
    "Two DynamoDB tables, both with the keys `pk` and `sk` and no index beside them. `records` holds everything; `keys` holds the patients' wrapped keys and nothing else, has its own KMS key and short recovery window, and is never backed up for longer. Every key is made in `functions/store/keys.ts`; every resource type is a file of `functions/resources`.",
    "A **resource** is FHIR R4 JSON, sealed. An **id** is an address: from type and id alone follow the key, the patient whose compartment it is in, and the key that seals it. A **fact** says who did what to which version, when.",
    "## Items",
    "`records` has every row but the first, which is in `keys`. `<ulid>` is the time of creation (48 bits) and chance (80 bits); `<hmac>` is a keyed hash; `<Type>` is a resource type.",
    itemKinds(told.items),
    attributes,
    "## Sealed and clear",
    sealing,
    "## What the indexes tell",
    leaks,
    "## Limits",
    limits(),
    "## Resource types",
    `Identifiers are looked up for every type that has them. Of each of these systems a value belongs to one resource of a type only: those that the organization names (\`uniqueIdentifiers\`, in the demo ${codes(demo.settings.uniqueIdentifiers)}), and every system of Sojourn's own (\`urn:sojourn:…\`), by which a repeated event finds what it has already made.`,
    ...Object.values(declarations).map((declaration) =>
      resourceType(declaration, told),
    ),
    "## A worked example",
    "The store really wrote this, with invented people and keys. Each step is one `TransactWriteItems`, all of it or nothing, except the look, which is one plain put. `(sealed)` stands for bytes; of hashes the first eight digits are shown, of lists the length.",
    ...told.steps.map(stepText),
  ].join("\n\n");
};

const attributes = [
  "`v` is the resource's version and guards every write. `updated`, `id` and `commit` (the unit of work that wrote it) are hints; the body is the truth.",
  "`key` names the key that opens the body. `indexed`, `unique` and `links` are the exact keys written for this resource: an update writes the difference, a deletion removes them, and nothing is ever recomputed from old values.",
].join(" ");

const sealing = [
  `KMS makes one data key per purpose (${codes(purposes)}), with the organization and the purpose as encryption context. The key \`patient-keys\` wraps a random key for each patient; that one seals the bodies of the patient's resources. \`directory\` seals what has no patient, and paging cursors; \`index\` makes the keyed hashes; \`audit\` is there for the sealed part of facts.`,
  "A body is raw-deflated JSON under AES-256-GCM with a random 96-bit IV. Format, key name, `Type/id` and version are authenticated with it: a body put in another resource's or version's place does not open. The storage address is not part of that, so an earlier version is a copy.",
  "Not sealed: keys, ids, versions, times, the names of keys, index entries, claims, and facts (ids, actor, purpose, event names).",
].join("\n\n");

const leaks = [
  "Somebody who can read the table, but not use KMS, sees how many resources of which type a patient has, when they were written and by whom, which visits a practitioner or a place has on a day and at what time, which Tasks an owner or a team has, and that two resources share a hashed value (two patients with one phone number), not the value.",
  "Hashes are HMAC-SHA-256 under the index key, so values cannot be tried without it. A value with few possibilities is never indexed alone: a birth date only together with a family name. The beginnings of names (3, 5 and 8 letters) are hashed too; how often each occurs can be counted and compared with a list of common names. [Privacy](privacy.md) says what follows from it.",
].join("\n\n");

const bytes = (count: number): string =>
  count % 1_048_576 === 0 ? `${count / 1_048_576} MB` : `${count / 1024} KB`;

const limits = (): string =>
  table(
    ["what", "limit", "over it"],
    [
      [
        "Writes of one change, index entries and facts included",
        String(transactionLimits.items),
        "413 `too-costly`",
      ],
      [
        "Bytes of one change",
        bytes(transactionLimits.bytes),
        "413 `too-costly`",
      ],
      [
        "A sealed resource",
        bytes(constantIn("functions/store", "largestBody")),
        "413",
      ],
      [
        "Index entries of a resource",
        String(constantIn("functions/store", "mostEntries")),
        "422",
      ],
      [
        "Names, phones and e-mails among them, of a patient",
        String(constantIn("functions/resources", "entryLimit")),
        "the last ones are not looked up",
      ],
      [
        "A request's body",
        bytes(constantIn("functions/runtime", "largestBody")),
        "413",
      ],
      [
        "Entries of a bundle",
        String(constantIn("functions/api/fhir", "mostEntries")),
        "413 `too-costly`",
      ],
      [
        "Resources that a search across patients opens",
        String(constantIn("functions/store", "mostCandidates")),
        "400 `too-costly`",
      ],
      [
        "Resources in one fact",
        String(constantIn("functions/store", "factSize")),
        "several facts",
      ],
      ["A row of claimed time", `${claimBucketMinutes} minutes`, ""],
    ],
  );

const resourceType = (declaration: Declaration, { items }: Example): string => {
  const { type, links, moves } = declaration;
  const facts = [
    ["Home", homeOf(declaration)],
    [
      "Links",
      links.length === 0 ? "none" : `every other patient at ${codes(links)}`,
    ],
    ["Index lists", indexLists(type, items) || "none but identifiers"],
    ["Events", eventsOf(type)],
    ["Search parameters", codes(ownParameters(type as KnownType))],
  ];
  return [
    `### ${type}`,
    facts.map(([name = "", text = ""]) => `- ${name}: ${text}`).join("\n"),
    ...(moves === undefined ? [] : [stateDiagram(moves)]),
  ].join("\n\n");
};

/** The names that a declaration gives to changes, and the general ones. */
const eventsOf = (type: string): string => {
  const file = type.replaceAll(/(?!^)([A-Z])/gu, "-$1").toLowerCase();
  const named = sourceOf(`functions/resources/${file}.ts`).matchAll(
    new RegExp(String.raw`"(${type}[A-Z][A-Za-z]+)"`, "gu"),
  );
  const own = [...new Set([...named].map(([, name = ""]) => name))];
  const general = ["Created", "Updated", "Deleted"].map(
    (what) => `${type}${what}`,
  );
  return own.length === 0
    ? codes(general)
    : `${codes(own)}; for any other change ${codes(general)}`;
};

const homeOf = ({ home, homeOptional, byMonth }: Declaration): string => {
  if (home === "self") return "its own compartment";
  if (home === "directory") return "the directory";
  if (home === "schedule") return "its schedule; the id carries the start";
  const where = `the compartment of the first patient at ${home.map((path) => `\`${path}\``).join(", else at ")}`;
  return homeOptional === true
    ? `${where}; without one the directory${byMonth === true ? ", by month of creation" : ""}`
    : where;
};

const stepText = ({ title, writes }: Step): string =>
  [`### ${title}`, fenced("text", writes.map(lineOf).join("\n"))].join("\n\n");

const lineOf = ({ does, table: of, guard, item }: Written): string => {
  const { pk, sk, ...attributesOf } = item;
  const condition =
    guard === "any" || guard === "plain" ? "" : ` ${guardText(guard)}`;
  const rest = Object.entries(attributesOf).flatMap(([name, value]) =>
    value === undefined ? [] : [`${name}=${valueText(name, value)}`],
  );
  return [
    `${does} ${of}${condition}`,
    `    ${shortened(pk)}  ${shortened(sk)}`,
    ...(rest.length === 0 ? [] : [`    ${rest.join(" ")}`]),
  ].join("\n");
};

const guardText = (guard: Written["guard"]): string => {
  if (typeof guard === "string")
    return guard === "absent" ? "if absent" : "if not shredded";
  return "version" in guard
    ? `if version ${guard.version}`
    : "if absent or held by the same";
};

const shortened = (text: string): string =>
  text.replaceAll(/\b([0-9a-f]{8})[0-9a-f]{24}\b/gu, "$1…");

const valueText = (name: string, value: unknown): string => {
  if (value instanceof Uint8Array) return "(sealed)";
  if (name === "changes")
    return (value as readonly { what: string; version: number }[])
      .map(({ what, version }) => `${what}@${version}`)
      .join(",");
  if (Array.isArray(value)) return `(${value.length})`;
  return String(value);
};

/** Without those that every type has. */
const ownParameters = (type: KnownType): readonly string[] =>
  [...parametersOf(type).keys()].filter((name) => !name.startsWith("_"));
