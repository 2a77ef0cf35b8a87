import { fenced } from "./markdown.ts";

export interface State {
  readonly Type: string;
  readonly Comment?: string;
  readonly Next?: string;
  readonly Default?: string;
  readonly Timestamp?: string;
  readonly Choices?: readonly {
    readonly Condition: string;
    readonly Next: string;
  }[];
  readonly Catch?: readonly { readonly Next: string }[];
}

export interface Definition {
  readonly Comment: string;
  readonly StartAt: string;
  readonly States: Readonly<Record<string, State>>;
}

const shapes: Readonly<Record<string, readonly [string, string]>> = {
  Task: ["[", "]"],
  Choice: ["{", "}"],
  Wait: ["([", "])"],
  Pass: ["[", "]"],
  Succeed: ["((", "))"],
  Fail: ["((", "))"],
};

const escaped = (text: string): string =>
  text
    .replaceAll('"', "#quot;")
    .replaceAll("<", "#lt;")
    .replaceAll(">", "#gt;");

export const bare = (expression: string): string =>
  expression.replace(/^\{%\s*|\s*%\}$/g, "");

/** A workflow as a chart: boxes act, diamonds ask, rounded boxes wait; a dotted arrow is what happens when an act keeps failing. */
export const flowchart = ({ StartAt, States }: Definition): string => {
  const ids = new Map(
    Object.keys(States).map((name, index) => [name, `s${index + 1}`]),
  );
  const idOf = (name: string): string => {
    const id = ids.get(name);
    if (id === undefined) throw new Error(`no state is called ${name}`);
    return id;
  };
  const node = ([name, { Type }]: readonly [string, State]): string => {
    const [open, close] = shapes[Type] ?? ["[", "]"];
    return `  ${idOf(name)}${open}"${escaped(name)}"${close}`;
  };
  const arrows = ([name, state]: readonly [string, State]): string[] => [
    ...(state.Choices ?? []).map(
      ({ Condition, Next }) =>
        `  ${idOf(name)} -->|"${escaped(bare(Condition))}"| ${idOf(Next)}`,
    ),
    ...(state.Default === undefined
      ? []
      : [`  ${idOf(name)} -->|otherwise| ${idOf(state.Default)}`]),
    ...(state.Next === undefined
      ? []
      : [`  ${idOf(name)} --> ${idOf(state.Next)}`]),
    ...(state.Catch ?? []).map(
      ({ Next }) => `  ${idOf(name)} -.-> ${idOf(Next)}`,
    ),
  ];
  const states = Object.entries(States);
  return fenced(
    "mermaid",
    [
      "flowchart TD",
      `  start((" ")) --> ${idOf(StartAt)}`,
      ...states.map(node),
      ...states.flatMap(arrows),
    ].join("\n"),
  );
};
