import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { Caller } from "../../functions/core/caller.ts";
import {
  allowed,
  grantsOf,
  inCognito,
  intersect,
  parseScope,
  spellScope,
  type Grant,
} from "../../functions/core/scopes.ts";
import type { KnownType } from "../../functions/resources/declaration.ts";

const actions = ["create", "read", "update", "delete", "search"] as const;
const types = [
  "Patient",
  "Task",
  "Slot",
] as const satisfies readonly KnownType[];
const contexts = ["patient", "user", "system"] as const;

const letters = fc
  .subarray(["c", "r", "u", "d", "s"], { minLength: 1 })
  .map((some) => some.join(""));
const criteria = fc.array(
  fc.tuple(
    fc.constantFrom("_id", "status", "code:not", "_lastUpdated"),
    fc.string({ minLength: 1, unit: "grapheme" }),
  ),
  { minLength: 1, maxLength: 3 },
);
const aGrant = (...some: readonly Grant["context"][]): fc.Arbitrary<Grant> =>
  fc
    .record({ context: fc.constantFrom(...some), actions: letters })
    .chain((grant) =>
      fc.oneof(
        fc
          .constantFrom<Grant["type"]>(...types, "*")
          .map((type) => ({ ...grant, type })),
        fc
          .record({ type: fc.constantFrom(...types), criteria })
          .map((more) => ({ ...grant, ...more })),
      ),
    );
const scopes = (...some: readonly Grant["context"][]) =>
  fc.array(aGrant(...some).map(spellScope), { maxLength: 4 });

const aClient = (held: readonly string[]): Caller => ({
  kind: "client",
  id: "ehr",
  scopes: held,
  token: "t",
});
const aNurse = (held: readonly string[], launch?: string): Caller => ({
  kind: "staff",
  id: "n",
  roles: ["nurse"],
  token: "t",
  scopes: held,
  ...(launch !== undefined && { launch }),
});

/** What a resource must answer to, in words: `false`, `true`, or alternatives that narrow. */
const decision = (
  caller: Caller,
  action: (typeof actions)[number],
  type: KnownType,
  patient: string | undefined = "p",
) => allowed(grantsOf(caller), action, { type, patient });
const all = (caller: Caller, patient?: string) =>
  actions.flatMap((action) =>
    types.map((type) => decision(caller, action, type, patient)),
  );

type Decision = ReturnType<typeof allowed>;
/** No wider: what the one permits, the other permits on at least the same resources. */
const isWithin = (one: Decision, other: Decision): boolean => {
  if (one === false || other === true) return true;
  if (one === true || other === false) return false;
  const texts = (criteriaOf: readonly (readonly [string, string])[]) =>
    criteriaOf.map((pair) => pair.join("="));
  return one.every((narrow) =>
    other.some((wide) =>
      texts(wide).every((text) => texts(narrow).includes(text)),
    ),
  );
};

describe("a scope", () => {
  test("is read as it was spelled, in letters that Cognito takes", () => {
    fc.assert(
      fc.property(aGrant(...contexts), (grant) => {
        const [, name = ""] =
          /^(?:patient|user|system)\/(.*)$/su.exec(spellScope(grant)) ?? [];
        expect(name).toMatch(/^[\x21\x23-\x2E\x30-\x5B\x5D-\x7E]+$/u);
        expect(parseScope(spellScope(grant))).toEqual(grant);
      }),
    );
  });

  test("is the same scope when it comes back from Cognito", () => {
    fc.assert(
      fc.property(aGrant(...contexts), ({ criteria: some, ...grant }) => {
        const plain = some?.map(([name]) => `${name}=http://x/y|z`).join("&");
        const scope = `${spellScope(grant)}${plain === undefined ? "" : `?${plain}`}`;
        const { name, whole } = inCognito(scope);
        expect(name).not.toContain("/");
        expect(parseScope(whole)).toEqual(parseScope(scope));
      }),
    );
  });

  test("may carry its criteria plain or percent-encoded", () => {
    const grant = {
      context: "patient",
      type: "Observation",
      actions: "rs",
      criteria: [
        ["category", "http://terminology.hl7.org/x|vital-signs"],
        ["status:not", "final"],
      ],
    };
    for (const query of [
      "category=http://terminology.hl7.org/x|vital-signs&status:not=final",
      "category=http:%2F%2Fterminology.hl7.org%2Fx%7Cvital-signs&status%3Anot=final",
    ])
      expect(parseScope(`patient/Observation.rs?${query}`)).toEqual(grant);
  });

  test.each([
    ["read", "rs"],
    ["write", "cud"],
    ["*", "cruds"],
  ])("of version one, .%s, is .%s of version two", (one, two) => {
    for (const context of contexts)
      for (const type of [...types, "*"])
        expect(parseScope(`${context}/${type}.${one}`)).toEqual(
          parseScope(`${context}/${type}.${two}`),
        );
  });

  test.each([
    "",
    "openid",
    "patient",
    "patient/",
    "patient/Patient",
    "patient/Patient.",
    "patient/Patient.sr",
    "patient/Patient.rr",
    "patient/Patient.rx",
    "patient/Patient.READ",
    "patient/Patient.readwrite",
    "Patient/Patient.rs",
    "practitioner/Patient.rs",
    "patient/Nonsense.rs",
    "patient/constructor.rs",
    "patient/Patient.rs patient/Task.rs",
    "patient/Patient.rs\n",
    " patient/Patient.rs",
    "patient/*.rs?status=final",
    "patient/Observation.rs?",
    "patient/Observation.rs?status",
    "patient/Observation.rs?status=",
    "patient/Observation.rs?=final",
    "patient/Observation.rs?status=final&",
    "patient/Observation.rs?status=%",
    "patient/Observation.rs?%=final",
    "patient/Observation.rs?_count=1",
    "patient/Observation.rs?_include=Observation:subject",
    "patient/Observation.rs?_filter=x",
    "patient/Observation.rs?subject.name=x",
    "patient/Observation.rs?subject:Patient.name=x",
    "patient/Observation.rs?_has:Observation:patient:code=x",
  ])("%j grants nothing", (scope) => {
    expect(parseScope(scope)).toBeUndefined();
    expect(all(aNurse([scope], "p"))).not.toContain(true);
  });

  test("made of anything at all breaks nothing", () => {
    fc.assert(
      fc.property(fc.string({ unit: "binary" }), (text) => {
        expect(parseScope(text)).toBeUndefined();
        expect(
          parseScope(`system/Task.rs?status=${text}`)?.type ?? "Task",
        ).toBe("Task");
      }),
    );
  });
});

describe("narrowing", () => {
  test("never gives more than the grant, nor more than was asked for", () => {
    fc.assert(
      fc.property(
        scopes("system"),
        fc.array(aGrant("system").map(spellScope), { minLength: 1 }),
        (granted, asked) => {
          const narrowed = all(aClient(intersect(granted, asked)));
          const [of, by] = [all(aClient(granted)), all(aClient(asked))];
          narrowed.forEach((one, index) => {
            expect(isWithin(one, of[index] ?? false)).toBe(true);
            expect(isWithin(one, by[index] ?? false)).toBe(true);
            if (of[index] === true && by[index] === true)
              expect(one).toBe(true);
            if (of[index] !== false && by[index] !== false)
              expect(one).not.toBe(false);
          });
        },
      ),
    );
  });

  test("asks both of two criteria", () => {
    expect(
      intersect(
        ["system/Observation.cruds?category=vital-signs"],
        ["system/Observation.read?status=final", "system/*.c"],
      ),
    ).toEqual([
      "system/Observation.rs?category=vital-signs&status=final",
      "system/Observation.c?category=vital-signs",
    ]);
  });

  test("by no data scope leaves the grant; by nonsense or another context it leaves nothing", () => {
    const granted = ["system/*.cruds"];
    for (const asked of [[], ["openid", ""], ["aws.cognito.signin.user.admin"]])
      expect(intersect(granted, asked)).toEqual(granted);
    for (const asked of [
      "system/Patient.sr",
      "system/Patient",
      "user/*.cruds",
      "patient/*.rs",
    ])
      expect(intersect(granted, [asked])).toEqual([]);
  });
});

describe("what a caller is granted", () => {
  test("grows with its scopes, never shrinks", () => {
    fc.assert(
      fc.property(
        scopes(...contexts),
        aGrant(...contexts).map(spellScope),
        (held, more) => {
          for (const make of [
            aClient,
            (some: readonly string[]) => aNurse(some, "p"),
          ]) {
            const wider = all(make([...held, more]));
            all(make(held)).forEach((one, index) => {
              expect(isWithin(one, wider[index] ?? false)).toBe(true);
            });
          }
        },
      ),
    );
  });

  test("has no limit in our own apps and in our own code", () => {
    const person = { id: "p", token: "t" } as const;
    expect(grantsOf({ kind: "patient", ...person })).toBe("unrestricted");
    expect(grantsOf({ kind: "staff", roles: [], ...person })).toBe(
      "unrestricted",
    );
    expect(grantsOf({ kind: "system", id: "task" })).toBe("unrestricted");
    expect(new Set(all({ kind: "system", id: "task" }))).toEqual(
      new Set([true]),
    );
  });

  test("is nothing for scopes of another kind of caller", () => {
    const none = new Set([false]);
    expect(new Set(all(aClient(["user/*.cruds", "patient/*.cruds"])))).toEqual(
      none,
    );
    expect(new Set(all(aNurse(["system/*.cruds"], "p")))).toEqual(none);
    expect(new Set(all(aNurse([], "p")))).toEqual(none);
  });

  test("as a patient's scopes, ends at the patient of the launch", () => {
    const nurse = aNurse(["patient/*.rs"], "p");
    expect(decision(nurse, "read", "Task", "p")).toBe(true);
    expect(decision(nurse, "read", "Task", "other")).toBe(false);
    expect(
      new Set(all(aNurse(["patient/*.cruds"]), "p")),
      "without a launch",
    ).toEqual(new Set([false]));
    const patient = {
      kind: "patient",
      id: "p",
      token: "t",
      scopes: ["patient/*.rs"],
    } as const;
    expect(decision(patient, "read", "Task", "p")).toBe(true);
    expect(decision(patient, "read", "Task", "other")).toBe(false);
    expect(
      decision({ ...patient, launch: "child" }, "read", "Task", "child"),
    ).toBe(true);
    expect(decision({ ...patient, launch: "child" }, "read", "Task", "p")).toBe(
      false,
    );
  });

  test("as a patient's scopes, reaches of the directory what anybody may see", () => {
    const grants = grantsOf(aNurse(["patient/*.rs"], "p"));
    const reads = (type: KnownType) => allowed(grants, "read", { type });
    expect(reads("Practitioner")).toBe(true);
    expect(reads("Task")).toBe(false);
    expect(reads("Group")).toBe(false);
    expect(
      allowed(grantsOf(aNurse(["user/Task.rs"])), "read", { type: "Task" }),
    ).toBe(true);
  });

  test("is narrowed by criteria only where nothing wider speaks", () => {
    const narrow = "user/Task.rs?status=requested";
    expect(decision(aNurse([narrow]), "read", "Task")).toEqual([
      [["status", "requested"]],
    ]);
    expect(decision(aNurse([narrow, "user/*.r"]), "read", "Task")).toBe(true);
    expect(decision(aNurse([narrow, "user/*.r"]), "search", "Task")).toEqual([
      [["status", "requested"]],
    ]);
    expect(decision(aNurse([narrow]), "update", "Task")).toBe(false);
  });
});
