import { describe, expect, it } from "vitest";
import { barChart } from "../../bench/chart.ts";
import { chartOf, missed, page } from "../../bench/report.ts";
import type { Results } from "../../bench/results.ts";
import { compared, median, quantile } from "../../bench/statistics.ts";

const comparison = (ratio: number) =>
  compared({ ours: [ratio, ratio, ratio], bare: [1, 1, 1] });

const operation = (name: string, ratio: number) => ({
  name,
  comparison: comparison(ratio),
  first: { commands: ["BatchGetItem(2)", "PutItem"], units: 3 },
  warm: { commands: ["BatchGetItem(2)", "PutItem"], units: 3 },
});

const results = (
  ratio: number,
  bytes: number,
  journeysASecond: number,
): Results => ({
  machine: {
    date: "2026-11-22",
    node: "24.0.0",
    cores: 2,
    processor: "Any",
    memoryGb: 8,
    platform: "linux x64",
    load: 0.5,
  },
  operations: [operation("GET Patient/{id}", ratio)],
  large: [operation("Patient/{id}/$everything of 1,000", ratio)],
  growth: {
    sizes: [1000, 100_000].map((size, index) => ({
      size,
      operations: [operation("GET Patient/{id}", ratio ** index)],
    })),
  },
  bundles: {
    baseBytes: 214_000,
    entries: ["tasks/one", "tasks/other"].map((name) => ({
      name,
      bytes,
      heaviest: [{ name: "zod", bytes: 100_000 }],
      lazy: [{ name: "functions/outbound/sms.ts", bytes: 13_000 }],
      imported: comparison(ratio),
      processor: comparison(ratio),
    })),
  },
  cold: {
    samples: 3,
    importing: 90,
    firstCall: 60,
    secondCall: 5,
    bareImporting: 50,
    bareFirstCall: 30,
  },
  permission: {
    asked: 2_000,
    remembered: 500_000,
    read: 2,
    permission: 0.1 * ratio,
    cold: 70 * ratio,
  },
  journeys: {
    journeys: 10,
    whole: journeysASecond,
    engine: journeysASecond,
    processor: { whole: journeysASecond, engine: journeysASecond },
    commits: 13,
    transitions: 36,
    where: [{ name: "functions/store", share: 0.4 }],
  },
});

describe("the page", () => {
  it("says of each goal whether it is met", () => {
    expect(missed(results(1.2, 500_000, 2000))).toEqual([]);
    expect(page(results(1.2, 500_000, 2000), "x.svg")).not.toContain("missed");
    expect(missed(results(2.1, 700_000, 20))).toEqual([
      "GET Patient/{id}: 2.10 x, goal 1.50 x",
      "Patient/{id}/$everything of 1,000: 2.10 x, goal 2.00 x",
      "GET Patient/{id} grows with the patients: 2.10 x, goal 1.50 x",
      "tasks/one: 700 KB, goal 600 KB",
      "tasks/other: 700 KB, goal 600 KB",
      "importing tasks/one: 2.10 x, goal 2.00 x",
      "importing tasks/other: 2.10 x, goal 2.00 x",
      "permission of a warm read, of its whole time: 10.5 % (210 µs of 2.00 ms), goal 10 %",
      "the first decision of a fresh process: 147 ms, goal 100 ms",
      "engine alone: 20 journeys a second, goal 1000",
      "whole journey: 20 journeys a second, goal 1000",
    ]);
  });

  it("names a chunk once, with all that can load it", () => {
    const text = page(results(1, 1, 1), "x.svg");
    expect(text.match(/functions\/outbound\/sms\.ts/g)).toHaveLength(1);
    expect(text).toContain("every function");
  });

  it("has rows as wide as their heads", () => {
    const rows = page(results(1.2, 500_000, 2000), "x.svg")
      .split("\n\n")
      .filter((part) => part.startsWith("|"));
    expect(rows.length).toBeGreaterThan(5);
    for (const part of rows)
      expect(
        new Set(
          part
            .trimEnd()
            .split("\n")
            .map((row) => row.split("|").length),
        ).size,
        part,
      ).toBe(1);
  });
});

describe("the chart", () => {
  it("draws a bar for each ratio, longer for more, and escapes labels", () => {
    const chart = barChart("a & b", [
      { label: "<one>", value: 1, goal: 2 },
      { label: "two", value: 2, goal: 2 },
    ]);
    const widths = [...chart.matchAll(/<rect[^>]* width="([\d.]+)"/g)].map(
      ([, width]) => Number(width),
    );
    expect((widths[1] ?? 0) / (widths[0] ?? 1)).toBeCloseTo(2, 1);
    expect(chart).toContain("&lt;one>");
    expect(chart).toContain("a &amp; b");
    expect(chartOf(results(1, 1, 1)).match(/<rect/g)).toHaveLength(4);
  });
});

describe("statistics", () => {
  it("interpolates between samples", () => {
    expect(median([3, 1, 2])).toBe(2);
    expect(median([4, 1, 2, 3])).toBe(2.5);
    expect(quantile([1, 2, 3, 4, 5], 0.95)).toBeCloseTo(4.8);
  });

  it("compares pair by pair, so that a slow minute of the machine counts on both sides", () => {
    const { ofPairs, ofMedians } = compared({
      ours: [2, 20, 200],
      bare: [1, 10, 100],
    });
    expect(ofPairs).toBe(2);
    expect(ofMedians).toBe(2);
  });
});
