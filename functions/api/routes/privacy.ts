import * as z from "zod";
import { NewReview } from "../../core/access-review.ts";
import { NewDisclosure } from "../../core/disclosure.ts";
import { EmergencyRequest } from "../../core/emergency-access.ts";
import { erasureMoves, holdReasons } from "../../core/erasure.ts";
import {
  Decision,
  NewPrivacyRequest,
  NewReview as NewRightsReview,
  PrivacyRequest,
  PrivacyRequests,
  PrivacyResult,
  Statement,
  Withdrawal,
} from "../../core/privacy-request-body.ts";
import { EndRequest } from "../../core/session.ts";
import { VendorRegister } from "../../core/vendor.ts";
import type { Routes } from "./route.ts";

const EmergencyAccess = z.object({
  patient: z.string(),
  staff: z.string(),
  from: z.iso.datetime(),
  until: z.iso.datetime(),
  reason: z.string(),
  text: z.string(),
});

const Session = z.object({
  signedIn: z.iso.datetime(),
  /** Unless there is activity before. */
  endsAt: z.iso.datetime(),
  endsAtLatest: z.iso.datetime(),
});

const EndedSessions = z.object({ ended: z.int() });

const AccessRow = z.object({
  at: z.iso.datetime(),
  who: z.object({
    kind: z.enum(["patient", "proxy", "staff", "client", "system"]),
    id: z.string(),
    name: z.string(),
    role: z.string().optional(),
  }),
  did: z.string(),
  what: z.array(z.string()),
  why: z.string(),
  emergency: z.boolean(),
});

const ReviewRow = z.object({
  staff: z.string(),
  roles: z.array(z.string()),
  /** Absent when nobody of that name may sign in any more. */
  enabled: z.boolean().optional(),
  since: z.iso.datetime().optional(),
  lastActive: z.iso.datetime().optional(),
  patients: z.int(),
  reads: z.int(),
  changes: z.int(),
  exports: z.int(),
  emergencies: z.int(),
  refusals: z.int(),
  decision: z
    .object({ decision: z.string(), by: z.string(), at: z.iso.datetime() })
    .optional(),
});

const Disclosed = z.object({
  id: z.string(),
  at: z.iso.datetime({ offset: true }),
  recipient: z.object({ name: z.string(), address: z.string().optional() }),
  what: z.string(),
  why: z.string(),
  citation: z.string(),
  automatic: z.boolean(),
  consent: z.string().optional(),
  /** Goes along with what is disclosed of a Part 2 program's records. */
  notice: z.string().optional(),
});

const LegalHold = z.strictObject({
  reason: z.enum(holdReasons),
  /** The matter, and who asked for the hold. */
  text: z.string().min(1).max(2000),
});

const PlacedHold = LegalHold.extend({
  id: z.string(),
  by: z.string(),
  since: z.iso.datetime(),
});

const Erasure = z.object({
  patient: z.string(),
  request: z.string(),
  status: z.enum(Object.keys(erasureMoves) as (keyof typeof erasureMoves)[]),
  requested: z.iso.datetime(),
  shredded: z.iso.datetime().optional(),
  certified: z.iso.datetime().optional(),
  /** What stood against it. */
  obstacle: z
    .union([
      z.object({
        name: z.literal("legal-hold"),
        reason: z.enum(holdReasons),
        since: z.iso.datetime(),
      }),
      z.object({
        name: z.literal("retention-duty"),
        until: z.iso.date(),
        rule: z.string(),
        source: z.string(),
      }),
    ])
    .optional(),
});

export const privacyRoutes = {
  "GET /v1/session": {
    area: "privacy",
    action: "use-session",
    summary: "When the caller's session ends; asking keeps it alive no longer",
    callers: ["patient", "staff"],
    passive: true,
    response: Session,
    success: 200,
  },
  "POST /v1/session": {
    area: "privacy",
    action: "use-session",
    summary: "Keep the caller's session alive: somebody is still there",
    callers: ["patient", "staff"],
    response: Session,
    success: 200,
  },
  "DELETE /v1/session": {
    area: "privacy",
    action: "end-session",
    summary: "Sign out: no token of this sign-in is taken any more",
    callers: ["patient", "staff"],
    passive: true,
    success: 204,
  },
  "POST /v1/staff/{id}/end-sessions": {
    area: "privacy",
    action: "revoke-sessions",
    summary: "Sign a member of staff out everywhere, at once",
    callers: ["staff"],
    body: EndRequest,
    response: EndedSessions,
    success: 200,
  },
  "POST /v1/patients/{id}/end-sessions": {
    area: "privacy",
    action: "revoke-sessions",
    summary: "Sign a patient, or whoever acts for one, out everywhere, at once",
    callers: ["staff"],
    body: EndRequest,
    response: EndedSessions,
    success: 200,
  },
  "POST /v1/emergency-access": {
    area: "privacy",
    action: "break-glass",
    summary:
      "Open a patient's record in an emergency, for a while; it is reviewed",
    callers: ["staff"],
    body: EmergencyRequest,
    response: EmergencyAccess,
    success: 201,
  },
  "GET /v1/emergency-access": {
    area: "privacy",
    action: "review-access",
    summary: "Emergency accesses that are open now",
    callers: ["staff"],
    response: z.object({ items: z.array(EmergencyAccess) }),
    success: 200,
  },
  "POST /v1/disclosures": {
    area: "privacy",
    action: "record-disclosure",
    summary: "Write down that data of a patient went to somebody outside",
    callers: ["staff"],
    body: NewDisclosure,
    response: Disclosed,
    success: 201,
  },
  "GET /v1/patients/{id}/disclosures": {
    area: "privacy",
    action: "account-disclosures",
    summary:
      "An accounting of disclosures, six years back (45 CFR 164.528); since narrows it",
    callers: ["patient", "staff"],
    response: z.object({
      from: z.iso.datetime(),
      to: z.iso.datetime(),
      items: z.array(Disclosed),
    }),
    success: 200,
  },
  "GET /v1/patients/{id}/access-log": {
    area: "privacy",
    action: "list-access",
    summary:
      "Who saw or changed what in a patient's record and why, newest first",
    callers: ["patient", "staff"],
    response: z.object({
      items: z.array(AccessRow),
      next: z.string().optional(),
    }),
    success: 200,
  },
  "GET /v1/access-reviews/current": {
    area: "privacy",
    action: "review-access",
    summary:
      "Who may sign in as staff, and what they did in the last 90 days; CSV where that is accepted",
    callers: ["staff"],
    response: z.object({
      from: z.iso.date(),
      to: z.iso.date(),
      /** Days of which nothing is known. */
      missing: z.array(z.iso.date()),
      items: z.array(ReviewRow),
    }),
    success: 200,
  },
  "POST /v1/access-reviews": {
    area: "privacy",
    action: "review-access",
    summary: "Decide whose access is kept, changed or removed",
    callers: ["staff"],
    body: NewReview,
    success: 204,
  },
  "DELETE /v1/emergency-access/{id}": {
    area: "privacy",
    action: "end-emergency",
    summary: "End one's own emergency access to a patient's record early",
    callers: ["staff"],
    success: 204,
  },
  "POST /v1/privacy-requests": {
    area: "privacy",
    action: "request-right",
    summary:
      "Use a privacy right: access, portability, amendment, restriction, confidential communications, accounting, erasure",
    callers: ["patient", "staff"],
    body: NewPrivacyRequest,
    response: PrivacyRequest,
    success: 201,
  },
  "GET /v1/privacy-requests": {
    area: "privacy",
    action: "request-right",
    summary: "A patient's privacy requests, by when each is answered, and how",
    callers: ["patient", "staff"],
    response: PrivacyRequests,
    success: 200,
  },
  "GET /v1/privacy-requests/{id}": {
    area: "privacy",
    action: "request-right",
    summary: "How far a privacy request is",
    callers: ["patient", "staff"],
    response: PrivacyRequest,
    success: 200,
  },
  "POST /v1/privacy-requests/{id}/decision": {
    area: "privacy",
    action: "decide-right",
    summary:
      "Accept or deny a privacy request, or put its answer off once, with the reasons that the law allows",
    callers: ["staff"],
    body: Decision,
    response: PrivacyRequest,
    success: 200,
  },
  "POST /v1/privacy-requests/{id}/statement": {
    area: "privacy",
    action: "request-right",
    summary: "Disagree with a denied amendment; the statement stays with it",
    callers: ["patient", "staff"],
    body: Statement,
    response: PrivacyRequest,
    success: 200,
  },
  "POST /v1/privacy-requests/{id}/withdrawal": {
    area: "privacy",
    action: "request-right",
    summary: "Take an open privacy request back; twice is harmless",
    callers: ["patient", "staff"],
    body: Withdrawal,
    response: PrivacyRequest,
    success: 200,
  },
  "POST /v1/privacy-requests/{id}/review": {
    area: "privacy",
    action: "request-right",
    summary:
      "Have a denial looked at again by somebody who had no part in it: a request of its own, whose outcome binds",
    callers: ["patient", "staff"],
    body: NewRightsReview,
    response: PrivacyRequest,
    success: 201,
  },
  "GET /v1/privacy-requests/{id}/result": {
    area: "privacy",
    action: "receive-answer",
    summary: "The files that answer a privacy request, for whom it is about",
    callers: ["patient"],
    response: PrivacyResult,
    success: 200,
  },
  "GET /v1/privacy-requests/{id}/result/{file}": {
    area: "privacy",
    action: "receive-answer",
    summary: "One of the files that answer a privacy request",
    callers: ["patient"],
    bytes: true,
    success: 200,
  },
  "PUT /v1/patients/{id}/hold": {
    area: "privacy",
    action: "hold",
    summary:
      "Keep a record from being erased, for a legal matter; each person's hold for each reason stands by itself",
    callers: ["staff"],
    body: LegalHold,
    response: PlacedHold,
    success: 200,
  },
  "GET /v1/patients/{id}/hold": {
    area: "privacy",
    action: "hold",
    summary: "Why a record must not be erased: each hold, the oldest first",
    callers: ["staff"],
    response: z.object({ holds: z.array(PlacedHold) }),
    success: 200,
  },
  "DELETE /v1/patients/{id}/hold": {
    area: "privacy",
    action: "hold",
    summary:
      "Lift a legal hold; where there are several, the one named by ?hold=",
    callers: ["staff"],
    success: 204,
  },
  "POST /v1/patients/{id}/erasure": {
    area: "privacy",
    action: "erase",
    summary:
      "Erase a person, all records of whom are shredded; 409 names what stands against it",
    callers: ["staff"],
    response: Erasure,
    success: 202,
  },
  "GET /v1/patients/{id}/erasure": {
    area: "privacy",
    action: "decide-right",
    summary: "How far an erasure is, or what stood against it",
    callers: ["staff"],
    response: Erasure,
    success: 200,
  },
  "GET /v1/patients/{id}/erasure/certificate": {
    area: "privacy",
    action: "decide-right",
    summary:
      "The signed certificate of an erasure, as npm run erasure:verify takes it",
    callers: ["staff"],
    response: z.object({ certificate: z.unknown(), signature: z.string() }),
    success: 200,
  },
  "GET /v1/disposals/{id}": {
    area: "privacy",
    action: "decide-right",
    summary:
      "Whose record need not be kept any longer, as a month's review (2026-03) found",
    callers: ["staff"],
    response: z.object({
      id: z.string(),
      status: z.enum(["listing", "listed"]),
      count: z.int(),
      patients: z.array(z.string()),
    }),
    success: 200,
  },
  "POST /v1/disposals/{id}/confirmation": {
    area: "privacy",
    action: "erase",
    summary: "Have records of the list erased",
    callers: ["staff"],
    body: z.strictObject({
      patients: z.array(z.string().max(64)).min(1).max(100),
    }),
    response: z.object({
      id: z.string(),
      confirmed: z.int(),
      /** Whose record was used since the list was made, or has to be kept otherwise: these stay. */
      kept: z.array(z.string()),
    }),
    success: 202,
  },
  "GET /v1/vendors": {
    area: "privacy",
    action: "list-vendors",
    summary:
      "Who gets which data of patients, and what binds them; also as text/csv",
    callers: ["staff"],
    response: VendorRegister,
    success: 200,
  },
} as const satisfies Routes;
