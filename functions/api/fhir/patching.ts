import { applyPatch, Pointer, type Patch } from "rfc6902";
import * as z from "zod";
import { Fault } from "../../core/fault.ts";
import { isUnusual, parseExact } from "../../resources/exact-json.ts";
import { equal } from "../../store/equal.ts";
import type { Kept, Stored } from "../../store/records.ts";
import { numbersAsSymbols, symbolsAsNumbers } from "./patch-numbers.ts";

const pointer = z
  .string()
  .max(512)
  .regex(/^(\/([^~/]|~[01])*)*$/, "must be a JSON Pointer, such as /name/0")
  .refine(
    (path) => !/\/(__proto__|constructor|prototype)(\/|$)/.test(path),
    "names no element",
  );
const value = z.unknown().refine((given) => given !== undefined, "is required");

/** RFC 6902, members of other names ignored as it asks. */
const JsonPatch = z
  .array(
    z.discriminatedUnion("op", [
      z.object({ op: z.literal("add"), path: pointer, value }),
      z.object({ op: z.literal("replace"), path: pointer, value }),
      z.object({ op: z.literal("test"), path: pointer, value }),
      z.object({ op: z.literal("remove"), path: pointer }),
      z.object({ op: z.literal("move"), from: pointer, path: pointer }),
      z.object({ op: z.literal("copy"), from: pointer, path: pointer }),
    ]),
  )
  .min(1)
  .max(200);

const largest = 1024 * 1024;

/** The resource with the patch applied, to be validated by the update. Throws 400 for what is no JSON Patch, 422 for one that does not fit. */
export const patched = <T extends Kept>(
  resource: Stored<T>,
  input: unknown,
): T => {
  const { success, data, error } = JsonPatch.safeParse(input);
  if (!success)
    throw new Fault("InvalidRequest", 400, "The body is no JSON Patch.", {
      code: "structure",
      issues: error.issues.slice(0, 20).map(({ path, message }) => ({
        severity: "error",
        code: "structure",
        details: { text: message },
        expression: [
          `patch${path.map((part) => `[${String(part)}]`).join("")}`,
        ],
      })),
    });
  const result = structuredClone(resource) as T;
  for (const [index, operation] of data.entries()) {
    if (operation.op === "test") {
      if (!holds(result, operation))
        throw unfit(index, "The test does not hold for the present version.");
      continue;
    }
    const [failure] = applyPatch(result, [operation] as Patch);
    if (failure != null)
      throw unfit(index, "The resource has nothing at this path.");
    if (operation.op === "copy") demandSize(JSON.stringify(result), index);
  }
  if (result.resourceType !== resource.resourceType)
    throw new Fault(
      "InvalidRequest",
      422,
      "A patch may not change the type of a resource.",
      { expression: ["resourceType"] },
    );
  const text = JSON.stringify([resource, input]);
  return isUnusual(text) ? (exactly(text) as T) : result;
};

/** The same once more, to keep how numbers are written, which tests do not mind. */
const exactly = (text: string): unknown => {
  const [resource, operations] = numbersAsSymbols(text) as [Kept, Patch];
  for (const [index, operation] of operations.entries()) {
    if (operation.op === "test") continue;
    applyPatch(resource, [operation]);
    if (operation.op === "copy") demandSize(symbolsAsNumbers(resource), index);
  }
  return parseExact(symbolsAsNumbers(resource));
};

/** Copies of copies grow by doubling. */
const demandSize = (text: string, index: number): void => {
  if (text.length > largest)
    throw unfit(index, "The resource would grow too large.");
};

/** The library's own comparison aligns lists, which takes the product of their lengths. */
const holds = (
  resource: unknown,
  { path, value: wanted }: { path: string; value: unknown },
): boolean =>
  equal(
    Pointer.fromJSON(path).evaluate(resource).value,
    // A copy knows the number alone, not how it was written: 1.0 is 1 here.
    structuredClone(wanted),
  );

const unfit = (index: number, text: string): Fault =>
  new Fault("PatchUnfit", 422, text, {
    code: "processing",
    expression: [`patch[${String(index)}]`],
  });
