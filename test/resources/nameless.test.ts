import { describe, expect, it } from "vitest";
import { parseExact } from "../../functions/resources/exact-json.ts";
import { nameless } from "../../functions/resources/nameless.ts";

const [jane, joe, local] = [
  "01KJQH0EAG0000000000000001",
  "01KJQH0EAG0000000000000002",
  "01KJQH0EAG0000000000000003",
];
const told = (reference: string) => ({
  reference,
  display: "Jane Doe",
  identifier: { value: "MRN 1" },
});

describe("what a resource tells of another patient", () => {
  it.each([
    [`Patient/${jane}`, true],
    [`Patient/${jane}/_history/3`, true],
    [`RelatedPerson/${jane}-${local}`, true],
    [`Patient/${joe}`, false],
    [`RelatedPerson/${joe}-${local}`, false],
    [`Condition/${jane}-${local}`, false],
    [`Practitioner/${jane}`, false],
    [`Slot/${jane}-20260306T1500-00000005`, false],
    ["https://elsewhere.example/Patient/1", false],
    ["#contained", false],
  ])("at %s is its id alone: %s", (reference, isBare) => {
    const group = { member: [{ entity: told(reference), inactive: false }] };
    expect(nameless(group, joe)).toEqual(
      isBare ? { member: [{ entity: { reference }, inactive: false }] } : group,
    );
  });

  it("goes from a resource that is nobody's too, and numbers stay as they are written", () => {
    const text = `{"dose":{"value":1.50,"of":{"reference":"Patient/${jane}","display":"Jane Doe"}},"sum":2.0}`;
    expect(JSON.stringify(nameless(parseExact(text), undefined))).toBe(
      text.replace(`,"display":"Jane Doe"`, ""),
    );
  });

  it("is all that goes: who names nobody is the very same", () => {
    const one = { subject: told(`Patient/${joe}`), note: [{ text: "x" }] };
    expect(nameless(one, joe)).toBe(one);
  });
});
