import { describe, expect, it } from "vitest";
import type { Caller } from "../../functions/core/caller.ts";
import { bySystem } from "../record.ts";
import { frontDesk, officer, privacyClinic } from "./privacy-clinic.ts";

describe("a request that the person takes back", () => {
  const erasure = async () => {
    const stage = await privacyClinic();
    const id = await stage.request("erasure", {});
    await stage.until("2026-11-25T15:00:00Z");
    return { stage, id };
  };

  it("ends at once, is confirmed once, and stays so", async () => {
    const { stage, id } = await erasure();
    const { status, body } = await stage.withdraw(id);
    expect([status, body.status]).toEqual([200, "withdrawn"]);
    expect((await stage.withdraw(id)).status).toBe(200);
    await stage.until("2026-11-25T15:01:00Z");
    expect(await stage.end()).toEqual(["SUCCEEDED"]);
    const task = await stage.look(id);
    expect(task.status).toBe("cancelled");
    expect((await stage.letters()).map((one) => one.split(":")[0])).toEqual([
      "acknowledged",
      "withdrawn",
    ]);
    const { facts } = await stage.records.audit(bySystem, {
      from: Date.parse("2026-11-01"),
      to: Date.parse("2027-12-01"),
      keeps: ({ changes }) =>
        changes.some(({ what }) => what === "PrivacyRequestWithdrawn"),
      count: 50,
    });
    expect(facts.map(({ by }) => by)).toEqual([`patient:${stage.patient}`]);
    const late = await stage.decide(
      id,
      { decision: "accept" },
      officer(stage.clock.now()),
    );
    expect(late.status).toBe(409);
    // Asked anew, it begins anew.
    await stage.request("erasure", {});
    await stage.decide(
      (await stage.of("Task")).find(({ status: now }) => now === "requested")
        ?.id ?? "",
      { decision: "deny", reason: "no-such-right" },
    );
    await stage.end();
  });

  it("before it was acknowledged is only confirmed", async () => {
    const stage = await privacyClinic();
    const id = await stage.request("restriction", { toward: "operations" });
    await stage.withdraw(id);
    expect(await stage.end()).toEqual(["SUCCEEDED"]);
    expect((await stage.letters()).map((one) => one.split(":")[0])).toEqual([
      "withdrawn",
    ]);
  });

  it("presses nobody any more, however overdue it was", async () => {
    const { stage, id } = await erasure();
    await stage.until("2027-02-01T15:00:00Z");
    const overdue = async () =>
      (await stage.of("Task")).find(
        ({ code }) => code?.coding?.[0]?.code === "privacy-request-overdue",
      )?.status;
    expect(await overdue()).toBe("requested");
    await stage.withdraw(id);
    await stage.end();
    expect(await overdue()).toBe("completed");
  });

  it("through staff does so with proof of who asked, and has the letter printed", async () => {
    const { stage, id } = await erasure();
    const unproven = await stage.withdraw(id, frontDesk);
    expect(unproven.status).toBe(422);
    expect(unproven.text).toContain("how they made sure who asks");
    expect((await stage.look(id)).status).toBe("received");
    const { status } = await stage.withdraw(id, frontDesk, {
      verified: "called-back",
    });
    expect(status).toBe(200);
    await stage.end();
  });

  it("stays decided once it is decided", async () => {
    const { stage, id } = await erasure();
    await stage.decide(id, { decision: "deny", reason: "no-such-right" });
    const { status, text } = await stage.withdraw(id);
    expect(status).toBe(409);
    expect(text).toContain("what was decided cannot be withdrawn");
    await stage.end();
    expect((await stage.look(id)).status).toBe("rejected");
  });

  it("is somebody else's to leave alone", async () => {
    const { stage, id } = await erasure();
    const stranger = { ...stage.own, id: "01J00000000000000000000000" };
    expect((await stage.withdraw(id, stranger as Caller)).status).toBe(403);
    await stage.withdraw(id);
    await stage.end();
  });
});
