import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { initSync, schemaToJson } from "@cedar-policy/cedar-wasm/web";
import { expect, test } from "vitest";
import { routes } from "../../functions/api/routes.ts";
import type { Routes } from "../../functions/api/routes/route.ts";
import type { Caller, Context } from "../../functions/core/caller.ts";
import { roles } from "../../functions/core/settings.ts";
import {
  serviceActions,
  serviceQuestion,
} from "../../functions/core/permission.ts";
import { purposeOf } from "../../functions/core/purpose.ts";
import { createPolicies } from "../../functions/policy/engine.ts";
import { cedarBytes } from "../../functions/policy/files.ts";

const root = join(import.meta.dirname, "../..");
const text = (file: string): string => readFileSync(join(root, file), "utf8");

/** Each kind of caller with all that it can have. */
const callers: Readonly<Record<string, Caller>> = {
  patient: { kind: "patient", id: "p", token: "t" },
  staff: { kind: "staff", id: "s", roles, token: "t" },
  client: { kind: "client", id: "c", scopes: ["system/*.cruds"], token: "t" },
};
const contextOf = (by: Caller): Context => ({
  by,
  purpose: purposeOf(by, undefined),
  requestId: "r",
  freshSignIn: true,
});
const decide = createPolicies(["us-hipaa"]);
const all: Routes = routes;

test.each(Object.entries(all))(
  "%s is open to whom it names, and to nobody else",
  async (_name, { action, callers: named }) => {
    if (named === "anyone") return;
    for (const [kind, by] of Object.entries(callers)) {
      const policy = await decide(serviceQuestion(contextOf(by), action));
      expect([kind, policy === undefined]).toEqual([
        kind,
        (named as readonly string[]).includes(kind),
      ]);
    }
  },
);

test("staff without a role come nowhere but to the directory's description and their own session", async () => {
  const nobody: Caller = { kind: "staff", id: "s", roles: [], token: "t" };
  const open = await Promise.all(
    Object.values(all).map(async ({ action }) =>
      (await decide(serviceQuestion(contextOf(nobody), action))) === undefined
        ? [action]
        : [],
    ),
  );
  expect([...new Set(open.flat())].toSorted()).toMatchSnapshot();
});

test("the schema knows the actions that the code knows", () => {
  initSync({ module: cedarBytes() });
  const answer = schemaToJson(text("policies/schema.cedarschema"));
  if (answer.type === "failure") throw new Error(answer.errors[0]?.message);
  expect(Object.keys(answer.json[""]?.actions ?? {}).toSorted()).toEqual(
    [
      "read",
      "search",
      "create",
      "update",
      "delete",
      "declassify",
      ...serviceActions,
    ].toSorted(),
  );
});

test("every task and event consumer has its policy, and none is left of what is gone", () => {
  const files = ["api", "tasks", "events", "store", "core"].flatMap((room) =>
    readdirSync(join(root, "functions", room), { recursive: true })
      .map(String)
      .filter((name) => name.endsWith(".ts"))
      .map((name) => text(`functions/${room}/${name}`)),
  );
  const acting = new Set(
    files.flatMap((code) =>
      Array.from(
        code.matchAll(
          /kind: "system",\s+id: "([\w-]+)"|as[A-Z]\w*\(\s*"([\w-]+)"/gu,
        ),
        ([, one, other]) => one ?? other ?? "",
      ),
    ),
  );
  const permitted = new Set(
    Array.from(
      text("policies/tasks.cedar").matchAll(/System::"([\w-]+)"/gu),
      ([, name = ""]) => name,
    ),
  );
  expect([...permitted].filter((name) => !acting.has(name))).toEqual([]);
  expect([...acting].filter((name) => !permitted.has(name)).toSorted()).toEqual(
    signFactsOnly,
  );
});

/** They ask nothing of the record: their name stands in facts. */
const signFactsOnly = ["erasure-certify", "erasure-check", "erasure-sweep"];
