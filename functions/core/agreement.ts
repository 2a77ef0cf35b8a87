import * as z from "zod";

/** What a vendor may come to know of patients. */
export const dataClasses = [
  "contact-details",
  "appointment",
  "clinical",
  "billing",
  "sensitive",
] as const;
export type DataClass = (typeof dataClasses)[number];

/** What running code knows of a vendor: which data may go there, on which days. Both days are included. */
export const Agreement = z.strictObject({
  vendor: z.string(),
  services: z.array(z.string()),
  from: z.iso.date(),
  until: z.iso.date().nullable(),
  dataClasses: z.array(z.enum(dataClasses)),
});
export type Agreement = z.infer<typeof Agreement>;
