import * as z from "zod";
import type { Routes } from "./route.ts";

const Device = z.strictObject({
  /** The address that Apple or Google gave the app. */
  token: z
    .string()
    .regex(/^[\w:-]{16,512}$/, "must be a device token of APNs or FCM"),
  platform: z.enum(["APNS", "GCM"]),
});

export const engagementRoutes = {
  "GET /v1/openapi.json": {
    area: "engagement",
    action: "describe",
    summary: "This API as an OpenAPI 3 document",
    callers: "anyone",
    success: 200,
  },
  "POST /v1/devices": {
    area: "engagement",
    action: "register-device",
    summary: "Register the caller's device for push messages",
    callers: ["patient"],
    body: Device,
    success: 204,
  },
} as const satisfies Routes;
