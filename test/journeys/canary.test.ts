import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { clinic } from "../../simulator/pre-visit-clinic.ts";
import { bookingTime, visitTime } from "../../simulator/pre-visit-scenarios.ts";

/** Every value of this patient is unmistakable, so finding one anywhere is a leak. */
const canary = {
  resourceType: "Patient" as const,
  name: [{ family: "Quetzalcanary", given: ["Xanthippe"] }],
  gender: "female" as const,
  birthDate: "1937-11-29",
  telecom: [
    {
      system: "phone" as const,
      use: "mobile" as const,
      value: "+12025550188",
      rank: 1,
    },
    {
      system: "email" as const,
      value: "xanthippe.quetzal@canary.example",
      rank: 2,
    },
  ],
  address: [
    {
      line: ["7733 Canarybird Alley"],
      city: "Quetzalville",
      postalCode: "98765",
    },
  ],
  identifier: [
    { system: "https://sojourn.example/mrn", value: "MRN-CANARY-4711" },
  ],
};
const wrote = "My canarysecret hurts";
const values = [
  ...[
    "Quetzal",
    "Xanthippe",
    "1937-11-29",
    "2025550188",
    "canary.example",
    "Canarybird",
    "98765",
    "CANARY-4711",
    "canarysecret",
  ],
  ...[
    "Riverside",
    "Mill Lane",
    "portal.sojourn.example",
    "Eat and drink nothing",
  ],
];

let written: string[] = [];

beforeEach(() => {
  written = [];
  vi.stubEnv("POWERTOOLS_LOG_LEVEL", "DEBUG");
  vi.stubEnv("POWERTOOLS_METRICS_DISABLED", "false");
  for (const stream of [process.stdout, process.stderr]) {
    vi.spyOn(stream, "write").mockImplementation((chunk) => {
      written.push(String(chunk));
      return true;
    });
  }
});
afterEach(() => {
  vi.restoreAllMocks();
  vi.unstubAllEnvs();
});

describe("a patient's values", () => {
  it("are in no log, event, execution or error of a journey", async () => {
    const stage = await clinic({
      start: bookingTime,
      provider: (message, attempt) => {
        if (attempt === 2)
          throw new Error(`cannot reach ${JSON.stringify(message)}`);
        return attempt === 3
          ? { outcome: "refused", reason: "invalid-address", permanent: true }
          : undefined;
      },
    });
    const { id } = await stage.admit(canary);
    await stage.book(id, visitTime);
    await stage.until("2026-03-02T16:00:00Z");
    await stage.text("+12025550188", wrote);
    await stage.text("+12025550188", "C");
    await stage.text("+12025559999", wrote);
    await stage.until("2026-03-03T16:00:00Z");
    await stage.text("+12025550188", "stop");
    await stage.end();

    const everything = JSON.stringify([
      written,
      stage.logged,
      stage.events,
      stage.inputs,
      stage.outputs,
      stage.executions(),
    ]);
    expect(stage.handed.length).toBeGreaterThan(3);
    expect(written.join("")).toContain("MessageFailed");
    expect(everything).toContain(id);
    for (const value of values)
      expect(everything.includes(value), value).toBe(false);
  });

  it("would be found if they were there", () => {
    expect(
      values.some((value) => JSON.stringify([canary, wrote]).includes(value)),
    ).toBe(true);
  });
});
