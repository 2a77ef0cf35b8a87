import type { AttributeValue } from "@aws-sdk/client-dynamodb";
import { marshall, unmarshall } from "@aws-sdk/util-dynamodb";
import fc from "fast-check";
import { expect, test } from "vitest";
import { attributesOf, itemOf } from "../../functions/store/attributes.ts";
import type { Item, Value } from "../../functions/store/table.ts";

const { value } = fc.letrec<{ value: Value }>((again) => ({
  value: fc.oneof(
    { maxDepth: 3 },
    fc.string({ unit: "binary" }),
    fc.maxSafeInteger(),
    fc.double({ noNaN: true, noDefaultInfinity: true, min: -1e9, max: 1e9 }),
    fc.boolean(),
    fc.uint8Array({ maxLength: 40 }),
    fc.array(again("value"), { maxLength: 4 }),
    fc.dictionary(fc.string(), again("value"), { maxKeys: 4 }),
  ),
}));
const items = fc
  .tuple(
    fc.dictionary(fc.string(), fc.option(value, { nil: undefined })),
    fc.string(),
    fc.string(),
  )
  .map(([more, pk, sk]): Item => ({ ...more, pk, sk }));

test("an item is written as the SDK writes it", () => {
  fc.assert(
    fc.property(items, (item) => {
      expect(attributesOf(item)).toEqual(
        marshall(item, { removeUndefinedValues: true }),
      );
    }),
  );
});

test("an item is read as the SDK reads it", () => {
  fc.assert(
    fc.property(items, (item) => {
      const attributes = attributesOf(item);
      expect(itemOf(attributes)).toEqual(unmarshall(attributes));
    }),
  );
});

test.each<AttributeValue>([
  { NULL: true },
  { SS: ["a"] },
  { NS: ["1"] },
  { BS: [Uint8Array.of(1)] },
])("an attribute that the record does not have is refused: %j", (odd) => {
  expect(() => itemOf({ pk: { S: "P" }, sk: { S: "S" }, odd })).toThrow(
    "an attribute is of a kind that the record does not have",
  );
});
