import { describe, expect, it } from "vitest";
import { anAmendment, privacyClinic } from "./privacy-clinic.ts";

describe("the deadline of a request", () => {
  it("presses the more the nearer its day is, and every day once it is overdue", async () => {
    const stage = await privacyClinic();
    const id = await stage.request("amendment", await anAmendment(stage));
    const due = (await stage.look(id)).restriction?.period?.end ?? "";
    expect(due).toBe("2027-01-23T04:59:59.000Z");
    const priorityAt = async (time: string) => {
      await stage.until(time);
      return (await stage.look(id)).priority;
    };
    expect(await priorityAt("2026-12-01T00:00:00Z")).toBe("routine");
    expect(await priorityAt("2026-12-24T12:00:00Z")).toBe("urgent");
    expect(await priorityAt("2027-01-16T12:00:00Z")).toBe("asap");
    expect(await priorityAt("2027-01-22T12:00:00Z")).toBe("stat");
    const overdue = () =>
      stage.logged.filter(({ fact }) => fact === "PrivacyRequestOverdue")
        .length;
    expect(overdue()).toBe(0);
    await stage.until("2027-01-23T05:10:00Z");
    expect(overdue()).toBe(1);
    await stage.until("2027-01-30T06:00:00Z");
    expect(overdue()).toBe(8);
    const asked = (await stage.of("Task")).filter(
      ({ code }) => code?.coding?.[0]?.code === "privacy-request-overdue",
    );
    expect(asked).toHaveLength(1);
    expect(asked[0]).toMatchObject({ priority: "stat", status: "requested" });
    expect(
      (await stage.decide(id, { decision: "extend", reason: "complex" }))
        .status,
    ).toBe(409);
    await stage.decide(id, {
      decision: "deny",
      reason: "accurate-and-complete",
    });
    expect(await stage.end()).toEqual(["SUCCEEDED"]);
  });

  it("may be put off once, in time, with the reason told", async () => {
    const stage = await privacyClinic();
    const id = await stage.request("amendment", await anAmendment(stage));
    await stage.until("2026-12-20T00:00:00Z");
    const { body } = await stage.decide(id, {
      decision: "extend",
      reason: "off-site",
    });
    expect(body.due).toBe("2027-02-22T04:59:59.000Z");
    const again = await stage.decide(id, {
      decision: "extend",
      reason: "complex",
    });
    expect(again.status).toBe(409);
    expect(again.text).toContain("extended-once");
    await stage.until("2026-12-20T01:00:00Z");
    expect((await stage.letters())[1]).toContain("by February 21, 2027");
    await stage.until("2027-02-10T00:00:00Z");
    expect(stage.logged.map(({ fact }) => fact)).not.toContain(
      "PrivacyRequestOverdue",
    );
    await stage.decide(id, { decision: "deny", reason: "not-created-here" });
    expect(await stage.end()).toEqual(["SUCCEEDED"]);
  });
});
