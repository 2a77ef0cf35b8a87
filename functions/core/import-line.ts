import type {
  OperationOutcome,
  OperationOutcomeIssue,
} from "@medplum/fhirtypes";
import { Fault } from "./fault.ts";

/** Where a line stands: for people, and for programs. */
export interface Place {
  readonly file: string;
  /** From 1. */
  readonly line: number;
}

/** Why a line was not taken. It holds no value of the line. */
export const problemAt = (
  { file, line }: Place,
  issues: readonly OperationOutcomeIssue[],
): OperationOutcome => ({
  resourceType: "OperationOutcome",
  extension: [
    { url: "urn:sojourn:import-file", valueString: file },
    { url: "urn:sojourn:import-line", valueInteger: line },
  ],
  issue: issues.map((issue) => ({
    ...issue,
    diagnostics: `${file}, line ${String(line)}`,
  })),
});

/** A resource of another system, as far as a line of a file is one. */
export interface Foreign {
  readonly resourceType: string;
  readonly id: string;
}

/** The resource in a line's value. Throws 400 when it is none of the file's type that has an id. */
export const foreignIn = (value: unknown, type: string): Foreign => {
  const { resourceType, id } = (
    typeof value === "object" ? (value ?? {}) : {}
  ) as { readonly resourceType?: unknown; readonly id?: unknown };
  if (typeof resourceType !== "string")
    throw refused("structure", "The line is not a resource.", "resourceType");
  if (resourceType !== type)
    throw refused(
      "invalid",
      `The file was announced as one of type ${type}.`,
      "resourceType",
    );
  if (typeof id !== "string" || !/^[A-Za-z0-9.-]{1,64}$/u.test(id))
    throw refused(
      "required",
      "A resource needs the id that it has at its source.",
      `${type}.id`,
    );
  return value as Foreign;
};

export const refused = (
  code: OperationOutcomeIssue["code"],
  text: string,
  expression?: string,
): Fault =>
  new Fault("LineRefused", 400, text, {
    code,
    ...(expression !== undefined && { expression: [expression] }),
  });
