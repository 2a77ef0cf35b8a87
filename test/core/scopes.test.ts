import fc from "fast-check";
import { expect, test } from "vitest";
import { refusal, type Action } from "../../functions/core/permission.ts";
import { intersect } from "../../functions/core/scopes.ts";
import type { KnownType } from "../../functions/resources/declaration.ts";

const letters = fc
  .subarray(["c", "r", "u", "d", "s"], { minLength: 1 })
  .map((some) => some.join(""));
const types = [
  "Patient",
  "Task",
  "Slot",
] as const satisfies readonly KnownType[];
const scope = fc
  .tuple(fc.constantFrom(...types, "*"), letters)
  .map(([type, some]) => `system/${type}.${some}`);
const actions: readonly Action[] = [
  "create",
  "read",
  "update",
  "delete",
  "search",
];

const allowed = (
  scopes: readonly string[],
  action: Action,
  type: KnownType,
): boolean =>
  refusal(
    {
      by: { kind: "client", id: "ehr", scopes, token: "t" },
      purpose: "TREAT",
      requestId: "r",
    },
    action,
    { type, patient: "p" },
  ) === undefined;

test("a narrowed grant permits exactly what both the grant and the token permit", () => {
  fc.assert(
    fc.property(
      fc.array(scope, { minLength: 1, maxLength: 4 }),
      fc.array(scope, { minLength: 1, maxLength: 4 }),
      (granted, asked) => {
        const narrowed = intersect(granted, asked);
        for (const action of actions)
          for (const type of types)
            expect([action, type, allowed(narrowed, action, type)]).toEqual([
              action,
              type,
              allowed(granted, action, type) && allowed(asked, action, type),
            ]);
      },
    ),
  );
});

test("a token that asks for nothing of the kind has the whole grant; one that asks for nonsense has nothing", () => {
  const granted = ["system/*.cruds"];
  expect(intersect(granted, [])).toEqual(granted);
  expect(intersect(granted, ["openid", ""])).toEqual(granted);
  expect(intersect(granted, ["system/Patient.sr"])).toEqual([]);
  expect(intersect(granted, ["system/Patient"])).toEqual([]);
});

test("scopes of SMART v1 are read as those of v2", () => {
  const granted = ["system/Patient.cruds"];
  expect(intersect(granted, ["system/Patient.read"])).toEqual([
    "system/Patient.rs",
  ]);
  expect(intersect(granted, ["system/*.write"])).toEqual([
    "system/Patient.cud",
  ]);
  expect(intersect(granted, ["system/*.*"])).toEqual(["system/Patient.cruds"]);
});
