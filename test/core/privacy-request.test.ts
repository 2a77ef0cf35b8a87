import type { Patient } from "@medplum/fhirtypes";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  attention,
  requestTask,
} from "../../functions/core/privacy-request.ts";
import { NewPrivacyRequest } from "../../functions/core/privacy-request-body.ts";
import {
  attachmentName,
  bundleFile,
  contentTypeOf,
  partsOf,
  recordPage,
} from "../../functions/core/record-copy.ts";
import { clockOf } from "../../functions/core/rights.ts";

const day = 86_400_000;
const received = "2026-11-23T15:00:00.000Z";
const clock = clockOf(
  { kind: "amendment" },
  { jurisdictions: ["us-hipaa"], received, zone: "America/New_York" },
);
const task = requestTask(
  { kind: "restriction", details: { toward: "operations", selfPaid: false } },
  { patientId: "p", by: "patient:p", isByPatient: true, received, clock },
);
const due = Date.parse(clock.due);
const rank = ["routine", "urgent", "asap", "stat"];

describe("how pressing a request is", () => {
  const moments = fc.integer({
    min: Date.parse(received),
    max: due + 30 * day,
  });
  const at = (time: number) => attention(task, new Date(time).toISOString());

  it("never falls, and is looked at again before it changes", () => {
    fc.assert(
      fc.property(moments, moments, (one, other) => {
        const [early, late] = one < other ? [one, other] : [other, one];
        expect(rank.indexOf(at(late).priority)).toBeGreaterThanOrEqual(
          rank.indexOf(at(early).priority),
        );
        const next = Date.parse(at(early).next);
        expect(next).toBeGreaterThan(early);
        if (late < next - 1000) {
          expect(at(late).priority).toBe(at(early).priority);
          expect(at(late).overdue).toBe(at(early).overdue);
        }
      }),
    );
  });

  it("is overdue from the second after its last, and then every day", () => {
    expect(at(due).overdue).toBe(false);
    expect(at(due).next).toBe(new Date(due + 1000).toISOString());
    expect(at(due + 1000)).toMatchObject({ overdue: true, priority: "stat" });
    expect(Date.parse(at(due + 1000).next)).toBe(due + 1000 + day);
  });
});

describe("a way to be reached", () => {
  it.each([
    ["email", "somebody@example.org", true],
    ["email", "12 River Street", false],
    ["sms", "+12025550123", true],
    ["phone", "+12025550123", true],
    ["sms", "call my mother", false],
    ["letter", "12 River Street, Albany", true],
    ["portal", "somewhere", false],
    ["portal", undefined, true],
  ])("by %s at %s: %s", (channel, address, isGood) => {
    const details = { channel, ...(address !== undefined && { address }) };
    expect(
      NewPrivacyRequest.safeParse({
        kind: "confidential-communications",
        details,
      }).success,
    ).toBe(isGood);
  });
});

describe("a copy of a record", () => {
  const now = "2026-11-23T15:00:00.000Z";

  it("is in files that a function can answer, and leaves nothing out", () => {
    const entries = Array.from({ length: 90 }, (_, index) => ({
      type: "Observation",
      id: `o${String(index)}`,
      text: JSON.stringify({
        resourceType: "Observation",
        id: `o${String(index)}`,
        note: [{ text: '"\\'.repeat(30_000) }],
      }),
    }));
    const files = partsOf(entries).map((part, index) =>
      bundleFile(part, {
        base: "https://x.example/fhir/R4",
        now,
        number: index + 1,
      }),
    );
    expect(files.length).toBeGreaterThan(2);
    for (const { bytes } of files) expect(bytes.length).toBeLessThan(4_100_000);
    const ids = files.flatMap(({ bytes }) =>
      (
        JSON.parse(bytes.toString()) as {
          entry: { resource: { id: string } }[];
        }
      ).entry.map(({ resource }) => resource.id),
    );
    expect(ids).toEqual(entries.map(({ id }) => id));
  });

  it("of nothing is a Bundle of nothing", () => {
    const [part = []] = partsOf([]);
    const only = bundleFile(part, {
      base: "https://x.example",
      now,
      number: 1,
    });
    expect(JSON.parse(only.bytes.toString())).toMatchObject({
      resourceType: "Bundle",
      entry: [],
    });
  });

  it.each([
    ["application/pdf", "Binary-x.pdf", "application/pdf"],
    ["text/plain; charset=utf-8", "Binary-x.txt", "text/plain"],
    ["IMAGE/PNG", "Binary-x.png", "image/png"],
    ["../../etc/passwd", "Binary-x.bin", "application/octet-stream"],
  ])("names a file of %s %s", (type, name, told) => {
    expect(attachmentName("x", type)).toBe(name);
    expect(contentTypeOf(name)).toBe(told);
  });

  it("has a page that is read and never run", () => {
    const patient: Patient = {
      resourceType: "Patient",
      name: [{ text: '<script>alert("x")</script>' }],
    };
    const { bytes } = recordPage([patient], {
      language: "es",
      organization: "A & B",
      now,
    });
    const page = bytes.toString();
    expect(page).toContain("Su expediente");
    expect(page).toContain("A &amp; B");
    expect(page).not.toContain("<script>");
  });
});
