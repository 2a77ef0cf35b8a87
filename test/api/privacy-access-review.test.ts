import { describe, expect, it } from "vitest";
import type { Member } from "../../functions/core/access-review.ts";
import type { Caller } from "../../functions/core/caller.ts";
import { canonical } from "../../functions/core/fact-chain.ts";
import { archiveFacts } from "../../functions/events/archive-facts.ts";
import { sumUpActivity } from "../../functions/events/sum-up-activity.ts";
import { marshall } from "@aws-sdk/util-dynamodb";
import { memoryArchive } from "../memory-archive.ts";
import { aPatient } from "../store/builders.ts";
import { aServer, asPatient, nurse } from "./server.ts";

type Handler = (event: unknown, context: unknown) => Promise<unknown>;

interface Review {
  readonly from: string;
  readonly to: string;
  readonly missing: readonly string[];
  readonly items: readonly {
    readonly staff: string;
    readonly patients: number;
    readonly decision?: { readonly decision: string; readonly by: string };
  }[];
}

const officer: Caller = {
  kind: "staff",
  id: "officer-1",
  roles: ["privacy-officer"],
  token: "t",
};
const member = (staff: string): Member => ({
  staff,
  roles: ["nurse"],
  enabled: true,
});
const dayLength = 86_400_000;
const tick = {
  Records: [{ eventSource: "aws:sqs", messageId: "1", body: "{}" }],
};

const clinic = () => {
  const clock = { now: Date.parse("2026-03-02T15:00:00.000Z") };
  const now = () => new Date(clock.now);
  const server = aServer({ now, staff: [member("nurse-1"), member("idle")] });
  const archive = memoryArchive();
  const log = Object.assign(() => undefined, { error: () => undefined });
  const archiving = archiveFacts({ archive, now }) as Handler;
  const summingUp = sumUpActivity({ ...server, archive, log }) as Handler;
  /** What the stream would have brought of these patients. */
  const archived = async (...patients: readonly string[]): Promise<void> => {
    for (const id of patients) {
      const { items } = await server.table.query({
        pk: `PATIENT#${id}`,
        prefix: "F#",
      });
      await archiving(
        {
          Records: items.map((item, index) => ({
            eventSource: "aws:dynamodb",
            dynamodb: {
              SequenceNumber: String(index),
              NewImage: marshall(item, { removeUndefinedValues: true }),
            },
          })),
        },
        {},
      );
    }
  };
  const night = (): Promise<unknown> => summingUp(tick, {});
  const review = (as: Caller = officer, query = {}, headers = {}) =>
    server.ask<Review>("GET", "/v1/access-reviews/current", {
      as,
      query,
      headers,
    });
  const decide = (decisions: readonly object[], as: Caller = officer) =>
    server.ask("POST", "/v1/access-reviews", { as, body: { decisions } });
  return { clock, server, archive, archived, night, review, decide };
};

describe("the review of staff's access", () => {
  it("tells what everybody did, from the archive, also who did nothing", async () => {
    const { clock, server, archived, night, review } = clinic();
    const one = await server.make(aPatient());
    const two = await server.make(aPatient());
    for (const { id } of [one, one, two])
      await server.ask("GET", `/Patient/${id}`, { as: nurse });
    await archived(one.id, two.id);
    // The stream may bring everything twice.
    await archived(two.id, one.id);
    clock.now += dayLength;
    await night();
    const { status, body } = await review();
    expect(status).toBe(200);
    expect(body).toMatchObject({ from: "2025-12-03", to: "2026-03-02" });
    expect(body.items).toEqual([
      { ...member("idle"), ...none },
      {
        ...member("nurse-1"),
        ...none,
        patients: 2,
        reads: 3,
        changes: 2,
        lastActive: expect.stringMatching(/^2026-03-02/) as string,
      },
    ]);
    expect(body.missing).not.toContain("2026-03-02");
    expect(body.missing).toContain("2025-12-03");
  });

  it("counts a day once, however often it is summed up, and makes up for missed nights", async () => {
    const { clock, server, archived, night, review } = clinic();
    const { id } = await server.make(aPatient());
    await archived(id);
    clock.now += 5 * dayLength;
    await night();
    await night();
    const { body } = await review(officer, { days: "7" });
    expect(body.items.find(({ staff }) => staff === "nurse-1")).toMatchObject({
      changes: 1,
    });
    expect(body.missing).toEqual([]);
  });

  it("passes over what is no fact", async () => {
    const { clock, archive, night, review } = clinic();
    const key = `facts/2026/03/02/15/${"0".repeat(64)}.ndjson`;
    const fact = { sk: "F#1", at: "2026-03-02T15:00:00Z", by: "staff:x" };
    const lines = ["{", canonical(fact), "null", ""];
    await archive.add(key, lines.join("\n"), "application/x-ndjson");
    clock.now += dayLength;
    await night();
    expect((await review()).body.items.map(({ staff }) => staff)).toEqual([
      "idle",
      "nurse-1",
    ]);
  });

  it("keeps no patient's id in what it sums up", async () => {
    const { clock, server, archived, night } = clinic();
    const { id } = await server.make(aPatient());
    await archived(id);
    clock.now += dayLength;
    await night();
    const { items } = await server.table.query({ pk: "ACTIVITY#2026-03-02" });
    expect(items).toHaveLength(2);
    expect(JSON.stringify(items)).not.toContain(id);
    for (const { expires } of items) expect(expires).toBeGreaterThan(0);
  });

  it("is a table for auditors who ask for one", async () => {
    const { review } = clinic();
    const { status, headers, bytes } = await review(
      officer,
      {},
      { Accept: "text/csv" },
    );
    expect(status).toBe(200);
    expect(headers["content-type"]).toBe("text/csv; charset=utf-8");
    expect(bytes.toString()).toMatch(/^"staff","roles",.*\r\n"idle","nurse"/);
  });

  it("is decided, with a fact, and shows the last decision", async () => {
    const { server, review, decide } = clinic();
    expect(
      (
        await decide([
          { staff: "nurse-1", decision: "change" },
          { staff: "idle", decision: "remove" },
        ])
      ).status,
    ).toBe(204);
    await decide([{ staff: "nurse-1", decision: "keep" }]);
    const { body } = await review();
    expect(
      body.items.map(({ staff, decision }) => [staff, decision?.decision]),
    ).toEqual([
      ["idle", "remove"],
      ["nurse-1", "keep"],
    ]);
    expect(body.items[0]?.decision?.by).toBe("officer-1");
    const trail = await server.ask("GET", "/AuditEvent", {
      as: officer,
      query: { date: "2026-03-02" },
    });
    expect(trail.text).toContain("AccessRemovalDecided");
    expect(trail.text).toContain("AccessKept");
  });

  it("of oneself is refused, as is a decision twice or of no kind", async () => {
    const { decide } = clinic();
    const statusOf = async (...decisions: readonly object[]) =>
      (await decide(decisions)).status;
    expect(await statusOf({ staff: "officer-1", decision: "keep" })).toBe(422);
    expect(
      await statusOf(
        { staff: "idle", decision: "keep" },
        { staff: "idle", decision: "remove" },
      ),
    ).toBe(400);
    expect(await statusOf({ staff: "idle", decision: "promote" })).toBe(400);
    expect(await statusOf()).toBe(400);
  });

  it.each([{ days: "0" }, { days: "367" }, { days: "x" }])(
    "asked with %j is refused",
    async (query) => {
      const { review } = clinic();
      expect((await review(officer, query)).status).toBe(400);
    },
  );

  it("is for privacy officers and managers", async () => {
    const { server, review, decide } = clinic();
    const desk: Caller = { ...officer, id: "d", roles: ["front-desk"] };
    const decisions = [{ staff: "idle", decision: "keep" }];
    expect((await review({ ...desk, roles: ["manager"] })).status).toBe(200);
    expect((await review(desk)).status).toBe(403);
    expect((await decide(decisions, desk)).status).toBe(403);
    const patient = await server.make(aPatient());
    expect((await review(asPatient(patient.id))).status).toBe(403);
  });
});

const none = {
  patients: 0,
  reads: 0,
  changes: 0,
  exports: 0,
  emergencies: 0,
  refusals: 0,
};
