import * as z from "zod";
import type { Caller } from "../core/caller.ts";
import { NewReview } from "../core/access-review.ts";
import { NewDisclosure } from "../core/disclosure.ts";
import { EmergencyRequest } from "../core/emergency-access.ts";
import { erasureMoves, holdReasons } from "../core/erasure.ts";
import { importedTypes } from "../core/import-types.ts";
import {
  Decision,
  NewPrivacyRequest,
  PrivacyRequest,
  PrivacyRequests,
  PrivacyResult,
  Statement,
} from "../core/privacy-request-body.ts";
import type { Action, ServiceAction } from "../core/permission.ts";
import { VendorRegister } from "../core/vendor.ts";
import { EndRequest } from "../core/session.ts";

export type Method = "GET" | "HEAD" | "POST" | "PUT" | "PATCH" | "DELETE";

export interface Route {
  /** The function that answers. */
  readonly area: "fhir" | "bulk" | "engagement" | "privacy";
  /** What the policies call it. */
  readonly action: Action | ServiceAction;
  /** One sentence for the API's document. */
  readonly summary: string;
  /** Kinds of caller that may come here at all; `anyone` needs no token. Permission on the resource comes after. */
  readonly callers: readonly Caller["kind"][] | "anyone";
  readonly body?: z.ZodType;
  readonly response?: z.ZodType;
  /** Where its path fits, no route answers that has a parameter instead of its literals. */
  readonly alone?: true;
  /** Does not count as activity of the caller's session. */
  readonly passive?: true;
  /** Bodies of any content type come and go, not only JSON. */
  readonly bytes?: true;
  /** Answers plain JSON, though under /fhir. */
  readonly plain?: true;
  readonly success: 200 | 201 | 202 | 204;
  /** Other answers that are no failure. */
  readonly also?: readonly (200 | 201 | 202 | 304)[];
}

export type Routes = Readonly<Record<`${Method} /${string}`, Route>>;

const people = ["patient", "staff", "client"] as const;
const care = ["staff", "client"] as const;

const Device = z.strictObject({
  /** The address that Apple or Google gave the app. */
  token: z
    .string()
    .regex(/^[\w:-]{16,512}$/, "must be a device token of APNs or FCM"),
  platform: z.enum(["APNS", "GCM"]),
});

const Import = z.strictObject({
  /** The system that the resources and their ids come from: the same in each import of its data. */
  source: z
    .string()
    .regex(
      /^[a-z][a-z0-9-]{1,23}$/,
      "must be 2 to 24 lower-case letters, digits or hyphens",
    ),
  /** Its FHIR address: absolute references that begin so are its own. */
  base: z
    .url({ protocol: /^https?$/ })
    .regex(/[^/]$/, "must not end with a slash")
    .max(200)
    .optional(),
  files: z
    .array(
      z.strictObject({
        type: z.enum(importedTypes),
        name: z
          .string()
          .regex(
            /^[\w.-]{1,100}$/,
            "must be a file name of letters, digits, dots, hyphens and underscores",
          ),
      }),
    )
    .min(1)
    .max(500),
});

const ImportStatus = z.object({
  id: z.string(),
  status: z.enum(["waiting", "running", "completed", "failed"]),
  source: z.string(),
  requested: z.iso.datetime(),
  /** By type of resource. */
  counts: z.record(
    z.string(),
    z.object({
      read: z.int(),
      created: z.int(),
      updated: z.int(),
      unchanged: z.int(),
      refused: z.int(),
    }),
  ),
  /** NDJSON of OperationOutcomes, each with file and line. */
  problems: z
    .object({ url: z.string(), expires: z.iso.datetime(), count: z.int() })
    .optional(),
});

const EmergencyAccess = z.object({
  patient: z.string(),
  staff: z.string(),
  from: z.iso.datetime(),
  until: z.iso.datetime(),
  reason: z.string(),
  text: z.string(),
});

/** Instants. */
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

/** The whole HTTP surface: the deployed API, the OpenAPI document, the handlers and the authorization matrix come from it. */
export const routes = {
  "GET /fhir/R4/metadata": {
    area: "fhir",
    action: "describe",
    summary: "What this FHIR server can do (CapabilityStatement)",
    callers: "anyone",
    success: 200,
  },
  "GET /fhir/R4/.well-known/smart-configuration": {
    area: "fhir",
    action: "describe",
    summary: "Where and for what a client may ask for a token (SMART on FHIR)",
    callers: "anyone",
    plain: true,
    success: 200,
  },
  "POST /fhir/R4": {
    area: "fhir",
    action: "bundle",
    summary: "Run a batch or a transaction bundle",
    callers: people,
    success: 200,
  },
  "GET /fhir/R4/{type}": {
    area: "fhir",
    action: "search",
    summary: "Search; prefer POST _search, whose criteria reach no log",
    callers: people,
    success: 200,
  },
  "POST /fhir/R4/{type}/_search": {
    area: "fhir",
    action: "search",
    summary: "Search with the criteria in the body",
    callers: people,
    success: 200,
  },
  "GET /fhir/R4/Patient/{id}/{type}": {
    area: "fhir",
    action: "search",
    summary: "Search in a patient's compartment",
    callers: people,
    success: 200,
  },
  "POST /fhir/R4/Patient/{id}/{type}/_search": {
    area: "fhir",
    action: "search",
    summary: "Search in a patient's compartment with the criteria in the body",
    callers: people,
    success: 200,
  },
  "POST /fhir/R4/{type}": {
    area: "fhir",
    action: "create",
    summary: "Create a resource",
    callers: people,
    success: 201,
    also: [200],
  },
  "GET /fhir/R4/{type}/{id}": {
    area: "fhir",
    action: "read",
    summary: "Read a resource",
    callers: people,
    success: 200,
    also: [304],
  },
  "HEAD /fhir/R4/{type}/{id}": {
    area: "fhir",
    action: "read",
    summary: "Read a resource's version",
    callers: people,
    success: 200,
    also: [304],
  },
  "PUT /fhir/R4/{type}/{id}": {
    area: "fhir",
    action: "update",
    summary: "Update a resource",
    callers: people,
    success: 200,
  },
  "POST /fhir/R4/{type}/$validate": {
    area: "fhir",
    action: "validate",
    summary: "What would be wrong with a resource, without writing it",
    callers: people,
    success: 200,
  },
  "POST /fhir/R4/{type}/{id}/$validate": {
    area: "fhir",
    action: "validate",
    summary: "What would be wrong with an update, without writing it",
    callers: people,
    success: 200,
  },
  "PUT /fhir/R4/{type}": {
    area: "fhir",
    action: "update",
    summary: "Update the one resource that the criteria find, or create it",
    callers: people,
    success: 200,
    also: [201],
  },
  "PATCH /fhir/R4/{type}": {
    area: "fhir",
    action: "update",
    summary: "Patch the one resource that the criteria find (JSON Patch)",
    callers: people,
    success: 200,
  },
  "PATCH /fhir/R4/{type}/{id}": {
    area: "fhir",
    action: "update",
    summary: "Patch a resource (JSON Patch)",
    callers: people,
    success: 200,
  },
  "DELETE /fhir/R4/{type}": {
    area: "fhir",
    action: "delete",
    summary: "Delete the one resource that the criteria find",
    callers: care,
    success: 204,
  },
  "DELETE /fhir/R4/{type}/{id}": {
    area: "fhir",
    action: "delete",
    summary: "Delete a resource",
    callers: care,
    success: 204,
  },
  "GET /fhir/R4/_history": {
    area: "fhir",
    action: "read",
    summary: "Versions of all resources, newest first",
    callers: people,
    success: 200,
  },
  "GET /fhir/R4/{type}/_history": {
    area: "fhir",
    action: "read",
    summary: "Versions of all resources of a type, newest first",
    callers: people,
    success: 200,
  },
  "GET /fhir/R4/{type}/{id}/_history": {
    area: "fhir",
    action: "read",
    summary: "Versions of a resource, newest first",
    callers: people,
    success: 200,
  },
  "GET /fhir/R4/{type}/{id}/_history/{version}": {
    area: "fhir",
    action: "read",
    summary: "Read one version",
    callers: people,
    success: 200,
  },
  "GET /fhir/R4/Appointment/$find": {
    area: "fhir",
    action: "find-times",
    summary: "Free times of a service (parameters in the query)",
    callers: people,
    success: 200,
  },
  "POST /fhir/R4/Appointment/$find": {
    area: "fhir",
    action: "find-times",
    summary: "Free times of a service",
    callers: people,
    success: 200,
  },
  "GET /fhir/R4/Patient/{id}/$everything": {
    area: "fhir",
    action: "read",
    summary:
      "The whole record of a patient, merged ones included (parameters in the query)",
    callers: people,
    success: 200,
  },
  "POST /fhir/R4/Patient/{id}/$everything": {
    area: "fhir",
    action: "read",
    summary: "The whole record of a patient, merged ones included",
    callers: people,
    success: 200,
  },
  "GET /fhir/R4/Patient/{id}/$summary": {
    area: "fhir",
    action: "read",
    summary: "International Patient Summary, as a document",
    callers: people,
    success: 200,
  },
  "POST /fhir/R4/Patient/{id}/$summary": {
    area: "fhir",
    action: "read",
    summary: "International Patient Summary, as a document",
    callers: people,
    success: 200,
  },
  "POST /fhir/R4/Patient/$merge": {
    area: "fhir",
    action: "merge",
    summary: "Make two records of one person one; nothing is moved",
    callers: care,
    success: 200,
  },
  "POST /fhir/R4/Patient/$unmerge": {
    area: "fhir",
    action: "merge",
    summary: "Part a merged record again, exactly",
    callers: care,
    success: 200,
  },
  "POST /fhir/R4/Patient/$match": {
    area: "fhir",
    action: "match",
    summary: "Patients who may be this one, graded and explained",
    callers: care,
    success: 200,
  },
  "POST /fhir/R4/Appointment/$book": {
    area: "fhir",
    action: "book",
    summary: "Book an appointment",
    callers: people,
    success: 201,
  },
  "POST /fhir/R4/Appointment/{id}/$cancel": {
    area: "fhir",
    action: "book",
    summary: "Cancel an appointment and free its time",
    callers: people,
    success: 200,
  },
  "POST /fhir/R4/Appointment/{id}/$reschedule": {
    area: "fhir",
    action: "book",
    summary: "Move an appointment to other slots in one step",
    callers: people,
    success: 200,
  },
  "POST /fhir/R4/Subscription": {
    area: "fhir",
    action: "subscribe",
    summary: "Ask for notifications; wrong criteria are named at once",
    callers: care,
    success: 201,
    also: [200],
  },
  "PUT /fhir/R4/Subscription/{id}": {
    area: "fhir",
    action: "subscribe",
    summary: "Change, end or ask anew for notifications",
    callers: care,
    success: 200,
  },
  "GET /fhir/R4/Subscription/{id}/$signing-secret": {
    area: "fhir",
    action: "read-signing-secret",
    summary:
      "The secret that signs the notifications of the caller's subscription",
    callers: ["client"],
    success: 200,
  },
  "GET /fhir/R4/$export": {
    area: "fhir",
    action: "export",
    summary: "Start a Bulk Data export of everything",
    callers: people,
    success: 202,
  },
  "POST /fhir/R4/$export": {
    area: "fhir",
    action: "export",
    summary: "Start a Bulk Data export of everything (parameters in the body)",
    callers: people,
    success: 202,
  },
  "GET /fhir/R4/Patient/$export": {
    area: "fhir",
    action: "export",
    summary: "Start a Bulk Data export of all patients",
    callers: people,
    success: 202,
  },
  "POST /fhir/R4/Patient/$export": {
    area: "fhir",
    action: "export",
    summary:
      "Start a Bulk Data export of all patients (parameters in the body)",
    callers: people,
    success: 202,
  },
  "GET /fhir/R4/Group/{id}/$export": {
    area: "fhir",
    action: "export",
    summary: "Start a Bulk Data export of the members of a group",
    callers: people,
    success: 202,
  },
  "POST /fhir/R4/Group/{id}/$export": {
    area: "fhir",
    action: "export",
    summary:
      "Start a Bulk Data export of the members of a group (parameters in the body)",
    callers: people,
    success: 202,
  },
  "GET /fhir/R4/$export-status/{id}": {
    area: "bulk",
    action: "follow-export",
    summary: "How far an export is, or the links to its files",
    callers: people,
    plain: true,
    success: 200,
    also: [202],
  },
  "DELETE /fhir/R4/$export-status/{id}": {
    area: "bulk",
    action: "follow-export",
    summary: "Cancel an export and remove its files",
    callers: people,
    success: 202,
  },
  "POST /fhir/R4/Binary": {
    area: "fhir",
    action: "create",
    summary:
      "Keep a file: the bytes themselves under their content type (X-Security-Context names the patient), or a Binary",
    callers: people,
    bytes: true,
    success: 201,
    also: [200],
  },
  "GET /fhir/R4/Binary/{id}": {
    area: "fhir",
    action: "read",
    summary: "The bytes of a file, or its Binary where JSON is accepted",
    callers: people,
    bytes: true,
    success: 200,
    also: [304],
  },
  "PUT /fhir/R4/Binary/{id}": {
    area: "fhir",
    action: "update",
    summary: "Replace a file",
    callers: people,
    bytes: true,
    success: 200,
  },
  "GET /fhir/R4/AuditEvent": {
    area: "fhir",
    action: "audit",
    summary:
      "Who did what, newest first: of a patient, or (without reads) of up to 31 days",
    callers: people,
    alone: true,
    success: 200,
  },
  "POST /fhir/R4/AuditEvent/_search": {
    area: "fhir",
    action: "audit",
    summary: "Who did what, with the criteria in the body",
    callers: people,
    alone: true,
    success: 200,
  },
  "GET /fhir/R4/AuditEvent/{id}": {
    area: "fhir",
    action: "audit",
    summary: "One thing that was done",
    callers: people,
    alone: true,
    success: 200,
  },
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
  "POST /v1/imports": {
    area: "bulk",
    action: "import",
    summary:
      "Announce files of another system (NDJSON, one type each); answers links for their upload",
    callers: care,
    body: Import,
    response: z.object({
      id: z.string(),
      uploads: z.array(
        z.object({
          name: z.string(),
          url: z.string(),
          contentType: z.string(),
          expires: z.iso.datetime(),
        }),
      ),
    }),
    success: 201,
  },
  "POST /v1/imports/{id}/start": {
    area: "bulk",
    action: "import",
    summary: "Import what was uploaded; from now on the files stay as they are",
    callers: care,
    response: ImportStatus,
    success: 202,
  },
  "GET /v1/imports/{id}": {
    area: "bulk",
    action: "import",
    summary: "How far an import is, and what it could not take",
    callers: care,
    response: ImportStatus,
    success: 200,
  },
  "DELETE /v1/imports/{id}": {
    area: "bulk",
    action: "import",
    summary: "Cancel an import and remove its files; what was taken stays",
    callers: care,
    success: 204,
  },
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
    summary: "Keep a record from being erased, for a legal matter",
    callers: ["staff"],
    body: LegalHold,
    response: LegalHold.extend({ by: z.string(), since: z.iso.datetime() }),
    success: 200,
  },
  "GET /v1/patients/{id}/hold": {
    area: "privacy",
    action: "hold",
    summary: "Why a record must not be erased",
    callers: ["staff"],
    response: LegalHold.extend({ by: z.string(), since: z.iso.datetime() }),
    success: 200,
  },
  "DELETE /v1/patients/{id}/hold": {
    area: "privacy",
    action: "hold",
    summary: "Lift a legal hold",
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
    response: z.object({ id: z.string(), confirmed: z.int() }),
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

export type RouteName = keyof typeof routes;
