import { barChart } from "./chart.ts";
import {
  goals,
  type BundleResult,
  type ColdResult,
  type GrowthResult,
  type JourneysResult,
  type Machine,
  type ModuleWeight,
  type OperationResult,
  type PermissionResult,
  type Results,
} from "./results.ts";

/** The page for people; `chart` names the picture beside it. */
export const page = (results: Results, chart: string): string =>
  [
    "# Performance",
    `${machine(results.machine)} \`npm run bench\` measures all of this anew in one run and writes this page; no figure in it was typed.`,
    `![What the handler and the bundles take, as a multiple of bare DynamoDB calls and of the bare DynamoDB client](${chart})`,
    "## Operations",
    operations(results.operations),
    "## Large requests",
    large(results.large),
    "## Growth",
    growth(results.growth),
    "## What an operation asks of DynamoDB",
    requests([...results.operations, ...results.large]),
    "## Bundles",
    bundles(results.bundles),
    "## A cold start",
    cold(results.cold),
    "## Permission",
    permission(results.permission),
    "## Simulated journeys",
    journeys(results.journeys),
  ].join("\n\n") + "\n";

/** Ratios of operations and of imports, each beside its goal. */
export const chartOf = ({
  operations: all,
  large: many,
  bundles: { entries },
}: Results) =>
  barChart("Times as long as bare (line: goal)", [
    ...all.map(({ name, comparison }) => ({
      label: name,
      value: comparison.ofPairs,
      goal: goals.operation,
    })),
    ...many.map(({ name, comparison }) => ({
      label: name,
      value: comparison.ofPairs,
      goal: goals.large,
    })),
    ...entries.map(({ name, processor }) => ({
      label: `import ${name}`,
      value: processor.ofPairs,
      goal: goals.imported,
    })),
  ]);

/** Goals that were missed, in words; empty when all are met. */
export const missed = ({
  operations: all,
  large: many,
  growth: grown,
  bundles: { entries },
  permission: asked,
  journeys: { engine, whole },
}: Results): readonly string[] => [
  ...all
    .filter(({ comparison }) => comparison.ofPairs > goals.operation)
    .map(
      ({ name, comparison }) =>
        `${name}: ${times(comparison.ofPairs)}, goal ${times(goals.operation)}`,
    ),
  ...many
    .filter(({ comparison }) => comparison.ofPairs > goals.large)
    .map(
      ({ name, comparison }) =>
        `${name}: ${times(comparison.ofPairs)}, goal ${times(goals.large)}`,
    ),
  ...grownBy(grown)
    .filter(({ factor }) => factor > goals.growth)
    .map(
      ({ name, factor }) =>
        `${name} grows with the patients: ${times(factor)}, goal ${times(goals.growth)}`,
    ),
  ...entries
    .filter(({ bytes }) => bytes > goals.bundleBytes)
    .map(
      ({ name, bytes }) =>
        `${name}: ${kilobytes(bytes)}, goal ${kilobytes(goals.bundleBytes)}`,
    ),
  ...entries
    .filter(({ processor }) => processor.ofPairs > goals.imported)
    .map(
      ({ name, processor }) =>
        `importing ${name}: ${times(processor.ofPairs)}, goal ${times(goals.imported)}`,
    ),
  ...permissionRows(asked)
    .filter(({ isMet }) => !isMet)
    .map(({ name, value, goal }) => `${name}: ${value}, goal ${goal}`),
  ...(
    [
      ["engine alone", engine],
      ["whole journey", whole],
    ] as const
  )
    .filter(([, rate]) => rate < goals.journeys)
    .map(
      ([name, rate]) =>
        `${name}: ${rate.toFixed(0)} journeys a second, goal ${goals.journeys}`,
    ),
];

const machine = ({
  date,
  node,
  cores,
  processor,
  memoryGb,
  platform,
  load,
}: Machine): string =>
  `Measured on ${date} with Node.js ${node} on ${platform}, ${cores} cores (${processor}), ${memoryGb} GB; when it began the machine had a load of ${load.toFixed(1)} from other work, so read the ratios first: both sides of each were measured in turn, sample by sample.`;

const operations = (all: readonly OperationResult[]): string =>
  [
    `A request through the whole FHIR function (routing, verification of the access token, parsing, permission, validation, sealing, index, facts, log) against the same DynamoDB commands, with the same items and conditions, sent bare by the same client to a second pair of tables. DynamoDB Local answers both. Goal: at most ${times(goals.operation)}. _Pairs_ is the median over pairs of neighbouring samples, _medians_ the ratio of the medians.`,
    table(
      [
        "request",
        "handler, median (p95)",
        "bare, median (p95)",
        "pairs",
        "medians",
        "goal",
      ],
      all.map(({ name, comparison: { ours, bare, ofPairs, ofMedians } }) => [
        code(name),
        `${ms(ours.median)} (${ms(ours.p95)})`,
        `${ms(bare.median)} (${ms(bare.p95)})`,
        times(ofPairs),
        times(ofMedians),
        met(ofPairs <= goals.operation),
      ]),
    ),
    `${all[0]?.comparison.samples ?? 0} samples each, after warming up.`,
  ].join("\n\n");

const large = (all: readonly OperationResult[]): string =>
  [
    `Requests that touch many resources, measured in the same way. Goal: at most ${times(goals.large)}. Of \`$export\` it is the tasks of a whole export of 10,000 resources; its files are kept in memory.`,
    table(
      ["request", "handler, median", "bare, median", "pairs", "goal"],
      all.map(({ name, comparison: { ours, bare, ofPairs } }) => [
        code(name),
        ms(ours.median),
        ms(bare.median),
        times(ofPairs),
        met(ofPairs <= goals.large),
      ]),
    ),
  ].join("\n\n");

const growth = ({ sizes }: GrowthResult): string => {
  const names = sizes[0]?.operations.map(({ name }) => name) ?? [];
  const at = (size: number, name: string) =>
    sizes
      .find((one) => one.size === size)
      ?.operations.find((one) => one.name === name);
  const counts = sizes.map(({ size }) => size);
  const most = counts.at(-1) ?? 0;
  return [
    `The same requests in organizations of ${counts.map((size) => size.toLocaleString("en")).join(", ")} patients. Goal: flat, which the medians of a noisy machine show as at most ${times(goals.growth)} from the fewest patients to the most; requests and units are exact. _Bare_ compares with the same commands sent bare, at the most patients.`,
    table(
      [
        "request",
        ...counts.flatMap((size) => [size.toLocaleString("en")]),
        "requests",
        "units",
        "growth",
        "bare",
        "goal",
      ],
      names.map((name) => {
        const factor =
          grownBy({ sizes }).find((one) => one.name === name)?.factor ??
          Number.NaN;
        const each = (value: (one: OperationResult) => number): string => {
          const values = counts.map((size) => {
            const one = at(size, name);
            return one === undefined ? Number.NaN : value(one);
          });
          return [...new Set(values)].join(", ");
        };
        return [
          code(name),
          ...counts.map((size) =>
            ms(at(size, name)?.comparison.ours.median ?? Number.NaN),
          ),
          each(({ warm }) => warm.commands.length),
          each(({ warm }) => warm.units),
          times(factor),
          times(at(most, name)?.comparison.ofPairs ?? Number.NaN),
          met(factor <= goals.growth),
        ];
      }),
    ),
    "All patients are made by the real store on the table in memory; the partitions that a request touches are then copied to DynamoDB Local, where it is measured.",
  ].join("\n\n");
};

/** Times as long at the most patients as at the fewest. */
const grownBy = ({
  sizes,
}: GrowthResult): readonly {
  readonly name: string;
  readonly factor: number;
}[] => {
  const [first, last] = [sizes.at(0), sizes.at(-1)];
  return (first?.operations ?? []).map(({ name, comparison }) => ({
    name,
    factor:
      (last?.operations.find((one) => one.name === name)?.comparison.ours
        .median ?? Number.NaN) / comparison.ours.median,
  }));
};

const requests = (all: readonly OperationResult[]): string =>
  [
    "Commands in order with the number of their keys or writes, and capacity units. _First_ is the first use of the patient in an environment that is otherwise warm. Reads are as DynamoDB Local reports them; transactions follow DynamoDB's rule (two units for each item and started KB), of which DynamoDB Local reports only one item a table.",
    table(
      ["request", "warm", "units", "first", "units"],
      all.map(({ name, first, warm }) => [
        code(name),
        warm.commands.join(", "),
        String(warm.units),
        first.commands.join(", ") === warm.commands.join(", ")
          ? "the same"
          : first.commands.join(", "),
        String(first.units),
      ]),
    ),
  ].join("\n\n");

const bundles = ({ baseBytes, entries }: Results["bundles"]): string =>
  [
    `Every function as it is deployed, minified, with everything that importing it loads. Import time is that of a fresh Node.js process, against a bundle of ${kilobytes(baseBytes)} that makes a DynamoDB client and nothing else, built alike. Ratios are medians over neighbouring pairs, by the wall clock and by the processor time of the import, which the goal goes by because other work on the machine disturbs it less. Goals: under ${kilobytes(goals.bundleBytes)}, at most ${times(goals.imported)}.`,
    table(
      [
        "function",
        "size",
        "goal",
        "import",
        "bare client",
        "ratio, wall clock",
        "ratio, processor",
        "goal",
      ],
      entries.map(({ name, bytes, imported, processor }) => [
        code(name),
        kilobytes(bytes),
        met(bytes <= goals.bundleBytes),
        ms(imported.ours.median),
        ms(imported.bare.median),
        times(imported.ofPairs),
        times(processor.ofPairs),
        met(processor.ofPairs <= goals.imported),
      ]),
    ),
    "### What they are made of",
    table(
      ["function", "heaviest parts"],
      entries.map(({ name, heaviest }) => [code(name), listed(heaviest)]),
    ),
    "### Loaded only when needed",
    "The adapters of the channels, the clients of other AWS services and the definitions that validate a type are chunks of their own: a function that sends an SMS never loads e-mail or push.",
    table(
      ["chunk", "brings", "can be loaded by"],
      chunks(entries).map(({ name, bytes, by }) => [
        code(name),
        kilobytes(bytes),
        by.length === entries.length
          ? "every function"
          : by.map(code).join(", "),
      ]),
    ),
  ].join("\n\n");

const chunks = (
  entries: readonly BundleResult[],
): readonly (ModuleWeight & { readonly by: readonly string[] })[] => {
  const all = entries.flatMap(({ name, lazy }) =>
    lazy.map((chunk) => ({ ...chunk, by: name })),
  );
  return [...Map.groupBy(all, ({ name }) => name)]
    .map(([name, group]) => ({
      name,
      bytes: Math.max(...group.map(({ bytes }) => bytes)),
      by: group.map(({ by }) => by),
    }))
    .sort((one, other) => other.bytes - one.bytes);
};

const cold = ({
  samples,
  importing,
  firstCall,
  secondCall,
  bareImporting,
  bareFirstCall,
}: ColdResult): string =>
  [
    `\`GET Patient/{id}\` in a fresh process with the deployed bundle: the first call fetches the user pool's keys, loads the KMS client, unwraps the organization's key and opens its first connections (DynamoDB Local, stand-ins for Cognito and KMS on loopback). Medians of ${samples}; beside it, the same two DynamoDB commands from a bundle that holds the client alone.`,
    table(
      ["", "import", "first call", "together", "second call"],
      [
        [
          "`api/fhir`",
          ms(importing),
          ms(firstCall),
          ms(importing + firstCall),
          ms(secondCall),
        ],
        [
          "bare",
          ms(bareImporting),
          ms(bareFirstCall),
          ms(bareImporting + bareFirstCall),
          "",
        ],
        [
          "ratio",
          times(importing / bareImporting),
          times(firstCall / bareFirstCall),
          times((importing + firstCall) / (bareImporting + bareFirstCall)),
          "",
        ],
      ],
    ),
  ].join("\n\n");

const permission = (result: PermissionResult): string =>
  [
    `What Cedar's policies take, with the packs of the demo organization. A read asks three times: for the address, for the type, for the resource. An answer is remembered because it depends on nothing but the question, which names nobody: Cedar itself decides ${perSecond(result.asked)}, an environment that knows the answer ${perSecond(result.remembered)}. Only functions that decide load Cedar, with their first question.`,
    table(
      ["", "", "goal"],
      permissionRows(result).map(({ name, value, goal, isMet }) => [
        name,
        value,
        `under ${goal}: ${met(isMet)}`,
      ]),
    ),
  ].join("\n\n");

const permissionRows = ({
  permission: time,
  read,
  cold: first,
}: PermissionResult) =>
  [
    {
      name: "permission of a warm read, of its whole time",
      value: `${((100 * time) / read).toFixed(1)} % (${(1000 * time).toFixed(0)} µs of ${ms(read)})`,
      goal: `${(100 * goals.permissionShare).toFixed(0)} %`,
      isMet: time / read < goals.permissionShare,
    },
    {
      name: "the first decision of a fresh process",
      value: ms(first),
      goal: ms(goals.permissionCold),
      isMet: first < goals.permissionCold,
    },
  ] as const;

const perSecond = (rate: number): string =>
  `${Math.round(rate).toLocaleString("en")} times a second`;

const journeys = ({
  journeys: count,
  whole,
  engine,
  processor,
  commits,
  transitions,
  where,
}: JourneysResult): string =>
  [
    `${count} patients book and stay silent, on a virtual clock, in one process: ${transitions} state transitions a journey. _Engine alone_ runs the workflow file with tasks that answer at once; _whole_ runs the real tasks, events and record on the table in memory, which writes ${commits.toFixed(1)} transactions a journey, each validated, sealed and indexed. Goal: ${goals.journeys} a second.`,
    table(
      ["", "journeys a second", "a second of processor time", "goal"],
      [
        [
          "engine alone",
          engine.toFixed(0),
          processor.engine.toFixed(0),
          met(engine >= goals.journeys),
        ],
        [
          "whole journey",
          whole.toFixed(0),
          processor.whole.toFixed(0),
          met(whole >= goals.journeys),
        ],
      ],
    ),
    "Where the processor's time of the whole journey goes:",
    table(
      ["", "share"],
      where
        .slice(0, 12)
        .map(({ name, share }) => [name, `${(share * 100).toFixed(0)} %`]),
    ),
  ].join("\n\n");

const table = (
  head: readonly string[],
  rows: readonly (readonly string[])[],
): string =>
  [head, head.map(() => "---"), ...rows]
    .map((cells) => `| ${cells.join(" | ")} |`)
    .join("\n");

const code = (text: string): string =>
  /^[A-Z]+ |[/{$]/.test(text) ? `\`${text}\`` : text;
const listed = (parts: readonly ModuleWeight[]): string =>
  parts.map(({ name, bytes }) => `${name} ${kilobytes(bytes)}`).join(", ");
const ms = (time: number): string => `${time.toFixed(time < 10 ? 2 : 0)} ms`;
const times = (ratio: number): string => `${ratio.toFixed(2)} x`;
const kilobytes = (bytes: number): string => `${Math.round(bytes / 1000)} KB`;
const met = (is: boolean): string => (is ? "met" : "**missed**");
