/**
 * The part of FHIRPath (N1) that R4's invariants are written in: paths, comparisons, logic of three values, a dozen
 * functions. What it does not know is an error when the expression is compiled, never a guess when it is evaluated.
 */
export type Expression = (focus: Collection, scope: Scope) => Collection;
type Collection = readonly unknown[];

/** What an expression is about. */
export interface Scope {
  readonly type: string;
  readonly value: Readonly<Record<string, unknown>>;
  /** The properties of the value's choice elements: `value` is `valueString` or `valueCode`. */
  readonly choices: ReadonlyMap<string, readonly string[]>;
}

const token =
  /\s*(?:(?<text>'[^'\\]*')|(?<number>\d+(?:\.\d+)?)|(?<name>%\w+|\$this|[A-Za-z]\w*)|(?<sign><=|>=|!=|[.()|=<>+]))/uy;

export const compile = (source: string): Expression => {
  const tokens = tokenize(source);
  const expression = operation(tokens, 0);
  if (tokens.length > 0)
    throw new Error(
      `FHIRPath not understood from ${String(tokens.at(0))}: ${source}`,
    );
  return expression;
};

const tokenize = (source: string): string[] => {
  const tokens: string[] = [];
  token.lastIndex = 0;
  for (const text = source.trimEnd(); token.lastIndex < text.length;) {
    const found = token.exec(text);
    if (!found) throw new Error(`FHIRPath not understood: ${source}`);
    tokens.push(found[0].trim());
  }
  return tokens;
};

type Operator = (left: Collection, right: Collection) => Collection;

const truth = (collection: Collection): boolean | undefined =>
  collection.length === 0 ? undefined : collection[0] !== false;
const known = (value: boolean | undefined): Collection =>
  value === undefined ? [] : [value];

const or = (
  a: boolean | undefined,
  b: boolean | undefined,
): boolean | undefined =>
  a === true || b === true
    ? true
    : a === false && b === false
      ? false
      : undefined;
const not = (a: boolean | undefined): boolean | undefined =>
  a === undefined ? undefined : !a;

const logical =
  (
    decide: (
      a: boolean | undefined,
      b: boolean | undefined,
    ) => boolean | undefined,
  ): Operator =>
  (left, right) =>
    known(decide(truth(left), truth(right)));

const comparing =
  (holds: (a: number | string, b: number | string) => boolean): Operator =>
  ([a], [b]) =>
    (typeof a === "number" && typeof b === "number") ||
    (typeof a === "string" && typeof b === "string")
      ? [holds(a, b)]
      : [];

const equal: Operator = (left, right) =>
  left.length === 0 || right.length === 0
    ? []
    : [
        left.length === right.length &&
          left.every((each, index) => each === right[index]),
      ];

/** By binding strength, weakest first. */
const operators: readonly Readonly<Record<string, Operator>>[] = [
  { implies: logical((a, b) => or(not(a), b)) },
  {
    or: logical(or),
    xor: logical((a, b) =>
      a === undefined || b === undefined ? undefined : a !== b,
    ),
  },
  { and: logical((a, b) => not(or(not(a), not(b)))) },
  { in: (left, right) => (left.length === 0 ? [] : [right.includes(left[0])]) },
  { "=": equal, "!=": (left, right) => known(not(truth(equal(left, right)))) },
  {
    "<": comparing((a, b) => a < b),
    ">": comparing((a, b) => a > b),
    "<=": comparing((a, b) => a <= b),
    ">=": comparing((a, b) => a >= b),
  },
  { "|": (left, right) => [...new Set([...left, ...right])] },
  {
    "+": ([a], [b]) =>
      typeof a === "number" && typeof b === "number" ? [a + b] : [],
  },
];

const operation = (tokens: string[], strength: number): Expression => {
  const level = operators[strength];
  if (!level) return path(tokens);
  let left = operation(tokens, strength + 1);
  for (
    let operator = level[tokens.at(0) ?? ""];
    operator;
    operator = level[tokens.at(0) ?? ""]
  ) {
    tokens.shift();
    left = binary(operator, left, operation(tokens, strength + 1));
  }
  return left;
};

const binary =
  (operator: Operator, left: Expression, right: Expression): Expression =>
  (focus, scope) =>
    operator(left(focus, scope), right(focus, scope));

const path = (tokens: string[]): Expression => {
  let expression = term(tokens);
  while (tokens.at(0) === ".") {
    tokens.shift();
    const [from, next] = [expression, invocation(tokens)];
    expression = (focus, scope) => next(from(focus, scope), scope);
  }
  return expression;
};

const constants: Readonly<Record<string, Collection>> = {
  true: [true],
  false: [false],
  "%ucum": ["http://unitsofmeasure.org"],
};

const term = (tokens: string[]): Expression => {
  const [first = ""] = tokens;
  const constant = first.startsWith("'")
    ? [first.slice(1, -1)]
    : /^\d/u.test(first)
      ? [Number(first)]
      : constants[first];
  if (constant) {
    tokens.shift();
    return () => constant;
  }
  if (first === "$this") {
    tokens.shift();
    return (focus) => focus;
  }
  if (first !== "(") return invocation(tokens);
  tokens.shift();
  const inner = operation(tokens, 0);
  expectToken(tokens, ")");
  return inner;
};

const expectToken = (tokens: string[], expected: string): void => {
  if (tokens.shift() !== expected)
    throw new Error(`FHIRPath lacks ${expected}`);
};

const invocation = (tokens: string[]): Expression => {
  const name = tokens.shift() ?? "";
  if (!/^[A-Za-z]/u.test(name)) throw new Error(`FHIRPath has no ${name} here`);
  if (tokens.at(0) !== "(") return member(name);
  tokens.shift();
  const make = functions.get(name);
  if (!make) throw new Error(`FHIRPath function not supported: ${name}`);
  const argument = tokens.at(0) === ")" ? undefined : operation(tokens, 0);
  expectToken(tokens, ")");
  return make(argument);
};

const member =
  (name: string): Expression =>
  (focus, scope) =>
    focus.flatMap((node) =>
      node === scope.value && name === scope.type
        ? [node]
        : children(node, name, scope),
    );

/** A primitive that has extensions only is there, without a value. */
const children = (
  node: unknown,
  name: string,
  { value, choices }: Scope,
): Collection => {
  if (typeof node !== "object" || node === null) return [];
  const properties = node as Readonly<Record<string, unknown>>;
  const names = node === value ? (choices.get(name) ?? [name]) : [name];
  return names.flatMap(
    (each) => properties[each] ?? properties[`_${each}`] ?? [],
  );
};

const below = (node: unknown): Collection =>
  typeof node === "object" && node !== null
    ? Object.values(node).flatMap((child: unknown) =>
        [child].flat().flatMap((one) => [one, ...below(one)]),
      )
    : [];

const each = (
  focus: Collection,
  scope: Scope,
  argument: Expression | undefined,
): readonly (boolean | undefined)[] =>
  focus.map((node) => (argument ? truth(argument([node], scope)) : true));

const onText =
  (decide: (text: string, argument: string) => boolean) =>
  (argument?: Expression): Expression =>
  (focus, scope) => {
    const [text] = focus;
    const [other] = argument?.(focus, scope) ?? [];
    return typeof text === "string" && typeof other === "string"
      ? [decide(text, other)]
      : [];
  };

const functions: ReadonlyMap<string, (argument?: Expression) => Expression> =
  new Map<string, (argument?: Expression) => Expression>([
    [
      "exists",
      (argument) => (focus, scope) => [
        each(focus, scope, argument).includes(true),
      ],
    ],
    ["empty", () => (focus) => [focus.length === 0]],
    ["not", () => (focus) => known(not(truth(focus)))],
    [
      "hasValue",
      () => (focus) => [focus.length === 1 && typeof focus[0] !== "object"],
    ],
    ["count", () => (focus) => [focus.length]],
    [
      "where",
      (argument) => (focus, scope) =>
        focus.filter((node) => each([node], scope, argument)[0] === true),
    ],
    [
      "select",
      (argument) => (focus, scope) =>
        focus.flatMap((node) => argument?.([node], scope) ?? []),
    ],
    [
      "all",
      (argument) => (focus, scope) => [
        each(focus, scope, argument).every((holds) => holds === true),
      ],
    ],
    // Names what a debugger would show.
    ["trace", () => (focus) => focus],
    ["descendants", () => (focus) => focus.flatMap(below)],
    ["isDistinct", () => (focus) => [new Set(focus).size === focus.length]],
    ["allFalse", () => (focus) => [!focus.includes(true)]],
    [
      "toString",
      () =>
        ([first, ...more]) =>
          typeof first === "number" && more.length === 0 ? [String(first)] : [],
    ],
    ["startsWith", onText((text, start) => text.startsWith(start))],
    ["contains", onText((text, part) => text.includes(part))],
  ]);
