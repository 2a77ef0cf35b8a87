import { describe, expect, it } from "vitest";
import { privacy } from "../../functions/api/privacy.ts";
import type { Caller } from "../../functions/core/caller.ts";
import type { Role } from "../../functions/core/settings.ts";
import { VendorRegister, type Vendor } from "../../functions/core/vendor.ts";
import { demo } from "../../organizations/demo.ts";
import { asPatient, aRequest, aServer } from "./server.ts";

const now = () => new Date("2026-03-24T12:00:00Z");
const texter: Vendor = {
  name: "texter",
  services: ["sms"],
  agreements: [
    {
      kind: "baa",
      signed: "2025-01-01",
      expires: "2026-03-31",
      reference: '=BAA "7", signed',
    },
  ],
  dataClasses: ["contact-details"],
  region: "us-east-1",
  subprocessors: ["Carrier A", "Carrier B"],
};
const asStaff = (...roles: Role[]): Caller => ({
  kind: "staff",
  id: "staff-1",
  roles,
  token: "t",
});
const officer = asStaff("privacy-officer");

const asking = async (as: Caller, headers: Record<string, string> = {}) => {
  const server = aServer({ now });
  const handler = privacy({
    ...server,
    vendors: [texter, ...demo.vendors],
    log: Object.assign(() => undefined, { error: () => undefined }),
    authenticate: () => Promise.resolve(as),
  });
  return handler(
    aRequest("GET", "/v1/vendors", {
      as,
      headers: { "X-Purpose-Of-Use": "HOPERAT", ...headers },
    }),
    {},
  );
};

describe("the register of vendors", () => {
  it("says what binds them and for how long still", async () => {
    const { statusCode, body } = await asking(officer);
    expect(statusCode).toBe(200);
    expect(VendorRegister.parse(JSON.parse(body))).toMatchObject({
      day: "2026-03-24",
      items: [
        {
          name: "texter",
          inForce: true,
          due: { kind: "expiry", day: "2026-03-31", daysLeft: 7 },
        },
        { name: "aws", inForce: true, due: { kind: "review" } },
      ],
    });
  });

  it("comes as a table, with no cell that a spreadsheet would run", async () => {
    const { headers, body, isBase64Encoded } = await asking(officer, {
      accept: "text/csv",
    });
    expect(isBase64Encoded).toBe(true);
    expect(headers["content-type"]).toMatch(/^text\/csv/);
    const [, line] = Buffer.from(body, "base64").toString().split("\r\n");
    expect(line).toBe(
      '"texter","sms","contact-details","us-east-1","Carrier A; Carrier B","baa","2025-01-01","2026-03-31","","\'=BAA ""7"", signed","yes","expiry","2026-03-31","7"',
    );
  });

  it.each([
    ["a privacy officer", officer, 200],
    ["a manager", asStaff("manager"), 200],
    ["a nurse", asStaff("nurse"), 403],
    ["the front desk", asStaff("front-desk"), 403],
    ["staff without a role", asStaff(), 403],
    ["a patient", asPatient("01KJQH0CC05C8ZPX17A8T47AHX"), 403],
  ])("%s gets %s", async (_, as, status) => {
    expect((await asking(as)).statusCode).toBe(status);
  });
});
