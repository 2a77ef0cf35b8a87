import { deflateRawSync } from "node:zlib";
import type { Organization } from "../functions/core/organization.ts";
import { type Vendor } from "../functions/core/vendor.ts";
import { dataClasses } from "../functions/core/agreement.ts";
import {
  agreementFor,
  agreementOf,
  classesOf,
  dayIn,
  endingOf,
  warningOf,
  type VendorRefusal,
} from "../functions/core/vendors.ts";

/** Characters that the environment of a function, 4 KB in all, leaves for the register. */
const largestRegister = 1500;

/** The register for the environment: deflated, as base64. Throws when it does not fit. */
export const packedRegister = (vendors: readonly Vendor[]): string => {
  const packed = deflateRawSync(JSON.stringify(vendors)).toString("base64");
  if (packed.length > largestRegister)
    throw new Error(
      `the register of vendors takes ${String(packed.length)} characters of ${String(largestRegister)}: shorten references, reasons and subprocessors`,
    );
  return packed;
};

/**
 * What people should know of an organization's vendors on a day. Throws, with what to do about it, when the organization
 * uses a service whose vendor no agreement binds.
 */
export const checkVendors = (
  { settings: { slug, channels, timeZone }, vendors }: Organization,
  at: Date,
): readonly string[] => {
  const today = dayIn(timeZone, at);
  const agreements = vendors.map(agreementOf);
  const uses = [
    { service: "cloud", classes: dataClasses, or: "" },
    ...channels
      .filter((channel) => channel !== "portal")
      .map((channel) => ({
        service: channel,
        classes: classesOf("appointment"),
        or: `, or take ${channel} out of its settings.channels`,
      })),
  ];
  const wrong = uses.flatMap(({ service, classes, or }) => {
    const found = agreementFor(agreements, service, classes, today);
    if ("ok" in found) return [];
    const { refused, vendor = "nobody" } = found;
    return [
      `  ${service} (${vendor}): ${explained[refused]} on ${today}. Correct its vendors${or}.`,
    ];
  });
  if (wrong.length > 0)
    throw new Error(
      `organization ${slug}: data of patients would go to whom no agreement binds\n${wrong.join("\n")}`,
    );
  return vendors
    .map((vendor) => endingOf(vendor, today))
    .flatMap((ending) => {
      const { vendor, day, kind, daysLeft } = ending;
      if (warningOf(ending) === undefined) return [];
      const what =
        kind === "expiry"
          ? "The agreement ends"
          : "The agreement is due for review";
      return [
        `${what} on ${day} (${String(daysLeft)} days): vendor ${vendor} of organization ${slug}.`,
      ];
    });
};

const explained: Readonly<Record<VendorRefusal, string>> = {
  "vendor-agreement-missing": "no agreement is in force",
  "vendor-agreement-expired": "the agreement is no longer in force",
  "vendor-data-class": "the agreement does not cover all the data",
};
