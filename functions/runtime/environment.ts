import * as z from "zod";
import { purposes } from "../core/caller.ts";
import { OrganizationSettings } from "../core/settings.ts";

const list = z.string().transform((text) => text.split(",").filter(Boolean));
const json = <T extends z.ZodType>(schema: T) =>
  z
    .string()
    .transform((text): unknown => JSON.parse(text))
    .pipe(schema);

/** What a function finds in its environment; each reads only what it uses, so a missing variable is found at first use. */
const variables = {
  RECORDS_TABLE: z.string().min(1),
  KEYS_TABLE: z.string().min(1),
  DOCUMENTS_BUCKET: z.string().min(1),
  EXCHANGE_BUCKET: z.string().min(1),
  ARCHIVE_BUCKET: z.string().min(1),
  ROOTS_KEY_ID: z.string().min(1),
  DATA_KEY_ID: z.string().min(1),
  ORGANIZATION: json(OrganizationSettings),
  JURISDICTIONS: list,
  /** Deflated; functions/runtime/vendor-register.ts reads it. */
  VENDORS: z.string().min(1),
  PATIENT_POOL_ID: z.string().min(1),
  PATIENT_CLIENT_IDS: list,
  STAFF_POOL_ID: z.string().min(1),
  STAFF_CLIENT_IDS: list,
  SIGN_IN_URL: z.url(),
  CLINIC_CLIENTS: json(
    z.record(
      z.string(),
      z.object({
        name: z.string(),
        scopes: z.array(z.string()),
        location: z.string().optional(),
        purposes: z.array(z.enum(purposes)).optional(),
      }),
    ),
  ),
  /** JSON; functions/core/disclosure.ts reads it. */
  RECIPIENTS: z.string().min(1),
  CLIENT_SCOPES: json(z.record(z.string(), z.array(z.string()))),
  CERTIFICATES_KEY_ID: z.string().min(1),
  KEY_RECOVERY_DAYS: z.coerce.number().int().min(1),
  NOTIFICATIONS_QUEUE: z.string().min(1),
  NOTIFICATIONS_DEAD_LETTERS: z.string().min(1),
  EVENT_BUS: z.string().min(1),
  JOURNEYS: json(z.record(z.string(), z.string())),
  SMS_ORIGINATION: z.string().min(1),
  SMS_CONFIGURATION_SET: z.string().min(1),
  EMAIL_FROM: z.string().min(1),
  EMAIL_CONFIGURATION_SET: z.string().min(1),
  PUSH_APPLICATION_ID: z.string().min(1),
} as const;

export type Variable = keyof typeof variables;

/** The value of a variable, checked; the error names the variable and never its value. */
export const environment = <V extends Variable>(
  name: V,
  source: NodeJS.ProcessEnv = process.env,
): z.output<(typeof variables)[V]> => {
  const { success, data } = variables[name].safeParse(source[name]);
  if (!success)
    throw new Error(`environment variable ${name} is missing or malformed`);
  return data as z.output<(typeof variables)[V]>;
};
