import type { OperationOutcomeIssue } from "@medplum/fhirtypes";
import type { Rule } from "./rules.ts";
import type { Shape } from "./shape.ts";

export type Node = Readonly<Record<string, unknown>>;

export const isNode = (value: unknown): value is Node =>
  typeof value === "object" && value !== null && !Array.isArray(value);

/** Where the walk is; becomes text only when there is something to say. */
export interface At {
  readonly up?: At;
  readonly name: string;
  readonly index?: number;
}

/** One walk over a resource: what it knows and what it gathers. */
export interface Walk {
  readonly shapes: ReadonlyMap<string, Shape>;
  /** Whether the type may be contained. */
  readonly holds: (type: string) => boolean;
  readonly issues: OperationOutcomeIssue[];
  /** Evaluated after the walk, because they presume structure. */
  readonly invariants: {
    readonly rule: Rule;
    readonly value: Node;
    readonly at: At;
  }[];
  /** Contained resources by id. */
  readonly contained: Map<string, At>;
  /** References within the resource: which resource refers, and to which id. */
  readonly local: {
    readonly from: Node;
    readonly to: string;
    readonly at: At;
  }[];
}

/** The object that the walk looks into. */
export interface Place {
  readonly at: At;
  /** The resource, contained or not, that it is part of. */
  readonly resource: Node;
  readonly depth: number;
}

const maxIssues = 50;

const pathOf = ({ up, name, index }: At): string =>
  `${up ? `${pathOf(up)}.` : ""}${name}${index === undefined ? "" : `[${String(index)}]`}`;

export const report = (
  { issues }: Walk,
  at: At,
  [code, text]: readonly [OperationOutcomeIssue["code"], string],
): void => {
  if (issues.length < maxIssues)
    issues.push({
      severity: "error",
      code,
      details: { text },
      expression: [pathOf(at)],
    });
};

export const isFull = ({ issues }: Walk): boolean => issues.length >= maxIssues;
