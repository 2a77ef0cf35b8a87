import { agreementOf, dayIn, endingOf } from "../../core/vendors.ts";
import type { Vendor, VendorRegister } from "../../core/vendor.ts";
import type { Answers, PrivacyDeps } from "./answers.ts";

/** The register of vendors: who gets what data, what binds them, and for how many days still. */
export const vendors = ({
  organization,
  vendors: register,
  now,
}: PrivacyDeps): Answers<"GET /v1/vendors"> => ({
  "GET /v1/vendors": ({ header }) => {
    const today = dayIn(organization.timeZone, now());
    const items = register.map((vendor) => entryOf(vendor, today));
    return Promise.resolve(
      wantsCsv(header("accept"))
        ? {
            status: 200,
            headers: {
              "content-type": "text/csv; charset=utf-8; header=present",
              "content-disposition": 'attachment; filename="vendors.csv"',
            },
            body: Buffer.from(csv(items)),
          }
        : {
            status: 200,
            body: { day: today, items } satisfies VendorRegister,
          },
    );
  },
});

type Entry = VendorRegister["items"][number];

const entryOf = (vendor: Vendor, today: string): Entry => {
  const { day: due, daysLeft, kind } = endingOf(vendor, today);
  const { from, until } = agreementOf(vendor);
  return {
    ...vendor,
    inForce: from <= today && (until === null || today <= until),
    due: { kind, day: due, daysLeft },
  };
};

const wantsCsv = (accept = ""): boolean =>
  /\btext\/csv\b/iu.test(accept) && !/\bapplication\/json\b/iu.test(accept);

/** RFC 4180: one line for each agreement of a vendor. */
const csv = (items: readonly Entry[]): string =>
  [
    [
      ...["vendor", "services", "data classes", "region", "subprocessors"],
      ...["agreement", "from", "until", "review", "reference or reason"],
      ...["in force", "due", "on", "days left"],
    ],
    ...items.flatMap((item) =>
      item.agreements.map((agreement) => [
        ...[item.name, item.services.join(" "), item.dataClasses.join(" ")],
        ...[item.region, item.subprocessors.join("; "), agreement.kind],
        ...("signed" in agreement
          ? [agreement.signed, agreement.expires ?? "", agreement.review ?? ""]
          : [agreement.decided, "", agreement.review]),
        "reference" in agreement ? agreement.reference : agreement.reason,
        ...[item.inForce ? "yes" : "no", item.due.kind, item.due.day],
        String(item.due.daysLeft),
      ]),
    ),
  ]
    .map((cells) => `${cells.map(quoted).join(",")}\r\n`)
    .join("");

/** A spreadsheet takes a cell that begins so for a formula. */
const quoted = (cell: string): string =>
  `"${(/^[=+@\t]|^-\D/u.test(cell) ? `'${cell}` : cell).replaceAll('"', '""')}"`;
