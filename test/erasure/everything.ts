import type { Resource } from "@medplum/fhirtypes";
import { declarations } from "../../functions/resources/all.ts";
import type { KnownType } from "../../functions/resources/declaration.ts";
import type { Kept, Records, Stored } from "../../functions/store/records.ts";
import { canary } from "../canary/patient.ts";
import { bySystem } from "../record.ts";
import { examples } from "../resources/examples.ts";

/** Every type that is filed with a patient. */
export const patientTypes = (Object.keys(declarations) as KnownType[]).filter(
  (type) => Array.isArray(declarations[type].home),
);

const tries = 12;

/** One resource of each type that a patient's record can hold, its narrative the canary's; the official examples, made the patient's. */
export const oneOfEach = async (
  records: Records,
  patient: string,
): Promise<readonly Stored<Kept>[]> => {
  const made: Stored<Kept>[] = [];
  for (const type of patientTypes) {
    const candidates = [
      ...(byHand(patient, made)[type] ?? []),
      ...examples
        .filter((one) => one.type === type)
        .map(({ resource }) => resource),
    ];
    for (const resource of candidates.slice(0, tries)) {
      const own = ownedBy(resource, patient);
      const created = await records
        .change(bySystem, (work) =>
          work.reserve(own as Kept).startsWith(patient)
            ? work.create(own as Kept)
            : Promise.resolve(undefined),
        )
        .catch(() => undefined);
      if (created === undefined) continue;
      made.push(created);
      break;
    }
  }
  return made;
};

/** Of the types whose official examples name no patient. */
const byHand = (
  patient: string,
  made: readonly Stored<Kept>[],
): Partial<Record<KnownType, readonly Resource[]>> => {
  const subject = { reference: `Patient/${patient}` };
  const claim = made.find(({ resourceType }) => resourceType === "Claim");
  return {
    ClaimResponse: [
      {
        resourceType: "ClaimResponse",
        status: "active",
        type: { text: "institutional" },
        use: "claim",
        patient: subject,
        created: "2026-01-01",
        insurer: { display: "somebody" },
        outcome: "complete",
      },
    ],
    Task: [
      {
        resourceType: "Task",
        status: "requested",
        intent: "order",
        for: subject,
      },
    ],
    Binary: [
      {
        resourceType: "Binary",
        contentType: "text/plain",
        securityContext: subject,
        data: Buffer.from(canary.text).toString("base64"),
      },
    ],
    Provenance: [
      {
        resourceType: "Provenance",
        target: [subject],
        recorded: "2026-01-01T00:00:00Z",
        agent: [{ who: { display: "somebody" } }],
      },
    ],
    DetectedIssue: [
      { resourceType: "DetectedIssue", status: "final", patient: subject },
    ],
    Invoice: [{ resourceType: "Invoice", status: "issued", subject }],
    PaymentNotice: [
      {
        resourceType: "PaymentNotice",
        status: "active",
        created: "2026-01-01",
        payment: { display: "somebody" },
        recipient: { display: "somebody" },
        amount: { value: 1, currency: "USD" },
        request: { reference: `Claim/${claim?.id ?? ""}` },
      },
    ],
  };
};

const ownedBy = (resource: Resource, patient: string): Resource => {
  const {
    id: _id,
    meta: _meta,
    ...rest
  } = resource as Resource & {
    contained?: unknown;
  };
  const { contained: _contained, ...own } = rest;
  return {
    ...(pointed(own, patient) as Resource),
    ...(resource.resourceType !== "Binary" && {
      text: {
        status: "generated",
        div: `<div xmlns="http://www.w3.org/1999/xhtml">${canary.text}</div>`,
      },
    }),
  };
};

/** References to patients are to this one, others say nothing. */
const pointed = (value: unknown, patient: string): unknown => {
  if (Array.isArray(value)) return value.map((one) => pointed(one, patient));
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).map(([name, member]): [string, unknown] =>
      name === "reference" && typeof member === "string"
        ? member.startsWith("Patient/")
          ? [name, `Patient/${patient}`]
          : member.includes(patient)
            ? [name, member]
            : ["display", "somebody"]
        : name === "identifier"
          ? [name, undefined]
          : [name, pointed(member, patient)],
    ),
  );
};
