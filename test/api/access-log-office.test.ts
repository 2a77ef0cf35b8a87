import { expect, test } from "vitest";
import type { Caller } from "../../functions/core/caller.ts";
import type { Role } from "../../functions/core/settings.ts";
import { aPatient } from "../store/builders.ts";
import { aServer } from "./server.ts";

test("who saw what is told to those who oversee it, and not at the front desk", async () => {
  const server = aServer();
  const { id } = await server.make(aPatient());
  const asked = async (role: Role) => {
    const as: Caller = { kind: "staff", id: role, roles: [role], token: "t" };
    const { status, text } = await server.ask(
      "GET",
      `/v1/patients/${id}/access-log`,
      { as },
    );
    return [status, /\(([\w-]+)\)/.exec(text)?.[1]];
  };
  expect((await asked("manager"))[0]).toBe(200);
  expect((await asked("privacy-officer"))[0]).toBe(200);
  expect(await asked("front-desk")).toEqual([403, "route-callers"]);
  expect((await asked("nurse"))[0]).toBe(403);
});
