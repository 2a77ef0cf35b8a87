import type {
  AuditEvent,
  AuditEventAgent,
  AuditEventEntity,
  Coding,
  Organization,
  Patient,
  Reference,
} from "@medplum/fhirtypes";
import { isKnown } from "../../resources/all.ts";
import type { Fact } from "../../store/facts.ts";

/**
 * A fact in the shape of IHE's Basic Audit Log Patterns (BALP 1.1): what was done, by whom, through which server, to which
 * resources, about which one patient, under which request.
 */
export const auditEvent = (fact: Fact, organization: string): AuditEvent => ({
  resourceType: "AuditEvent",
  id: auditId(fact),
  meta: { versionId: "1", lastUpdated: fact.at },
  type: typeOf(fact),
  ...subtypesOf(fact),
  action: actionOf(fact),
  recorded: fact.at,
  outcome: fact.outcome === "done" ? "0" : "8",
  agent: [requestor(fact), server(organization)],
  source: {
    site: organization,
    observer: us(organization),
    type: [
      {
        system: "http://terminology.hl7.org/CodeSystem/security-source-type",
        code: "4",
        display: "Application Server",
      },
    ],
  },
  entity: [...patientOf(fact), ...resourcesOf(fact), transaction(fact)],
});

/** The address of a fact. */
export const auditId = ({ id, patient }: Fact): string =>
  patient === undefined ? id : `${patient}-${id}`;

const dicom = "http://dicom.nema.org/resources/ontology/DCM";
const interaction = "http://hl7.org/fhir/restful-interaction";

/** C, R, U, D or E (executed: a decision, a refusal, or a transaction of several kinds). */
export const actionOf = ({
  kind,
  changes,
}: Fact): NonNullable<AuditEvent["action"]> => {
  if (kind === "read" || isTrailRead(changes)) return "R";
  if (kind !== "change") return "E";
  const [first = "E", ...others] = new Set(
    changes.map(({ version, what }) =>
      what.endsWith("Deleted") ? "D" : version === 1 ? "C" : "U",
    ),
  );
  return others.length === 0 ? first : "E";
};

const words = {
  C: "create",
  R: "read",
  U: "update",
  D: "delete",
  E: "transaction",
} as const;

const typeOf = ({ kind, changes }: Fact): Coding =>
  kind === "refusal" || changes.some(({ what }) => what in alerts)
    ? { system: dicom, code: "110113", display: "Security Alert" }
    : kind === "admin" && isTrailRead(changes)
      ? { system: dicom, code: "110101", display: "Audit Log Used" }
      : kind === "decision" || kind === "admin"
        ? { system: dicom, code: "110100", display: "Application Activity" }
        : {
            system: "http://terminology.hl7.org/CodeSystem/audit-event-type",
            code: "rest",
            display: "RESTful Operation",
          };

/** Events that DICOM has a code for (PS3.16, CID 403). */
const alerts: Readonly<Record<string, Coding>> = {
  EmergencyAccessOpened: {
    system: dicom,
    code: "110127",
    display: "Emergency Override Started",
  },
  EmergencyAccessEnded: {
    system: dicom,
    code: "110138",
    display: "Emergency Override Stopped",
  },
};

/** The interaction, then the names of the events. */
const subtypesOf = (fact: Fact): Pick<AuditEvent, "subtype"> => {
  const subtype = [
    ...(fact.kind === "read" || fact.kind === "change"
      ? [{ system: interaction, code: words[actionOf(fact)] }]
      : []),
    ...fact.changes.flatMap(({ what }) => alerts[what] ?? []),
    ...[...new Set(fact.changes.map(({ what }) => what))].map((code) => ({
      system: "urn:sojourn:event",
      code,
    })),
  ];
  return subtype.length > 0 ? { subtype } : {};
};

const requestor = ({ by, purpose }: Fact): AuditEventAgent => ({
  type: {
    coding: [
      by.startsWith("patient:") || by.startsWith("staff:")
        ? {
            system:
              "http://terminology.hl7.org/CodeSystem/v3-ParticipationType",
            code: "IRCP",
            display: "information recipient",
          }
        : { system: dicom, code: "110153", display: "Source Role ID" },
    ],
  },
  who: agentOf(by),
  requestor: true,
  purposeOfUse: [
    {
      coding: [
        {
          system: "http://terminology.hl7.org/CodeSystem/v3-ActReason",
          code: purpose,
        },
      ],
    },
  ],
});

const server = (organization: string): AuditEventAgent => ({
  type: {
    coding: [{ system: dicom, code: "110152", display: "Destination Role ID" }],
  },
  who: us(organization),
  requestor: false,
});

/** `staff:r.diaz` has an account, not a resource. */
const agentOf = (by: string): Reference<Patient> => {
  const [kind = "", ...id] = by.split(":");
  const value = id.join(":");
  return kind === "patient"
    ? { reference: `Patient/${value}`, type: "Patient" }
    : { identifier: { system: `urn:sojourn:${kind}`, value } };
};

const us = (organization: string): Reference<Organization> => ({
  identifier: { system: "urn:sojourn:organization", value: organization },
});

const entityType = "http://terminology.hl7.org/CodeSystem/audit-entity-type";
const objectRole = "http://terminology.hl7.org/CodeSystem/object-role";

/** At most one, as the patterns ask. */
const patientOf = ({ patient, changes }: Fact): AuditEventEntity[] => {
  const about =
    patient ?? changes.find(({ type, id }) => isTrail(type) && id !== "")?.id;
  return about === undefined
    ? []
    : [
        {
          what: { reference: `Patient/${about}` },
          type: { system: entityType, code: "1", display: "Person" },
          role: { system: objectRole, code: "1", display: "Patient" },
        },
      ];
};

const resourcesOf = ({ changes }: Fact): AuditEventEntity[] =>
  changes
    .filter(({ type }) => !isTrail(type))
    .map(({ type, id, version }) => ({
      what: isKnown(type)
        ? { reference: `${type}/${id}/_history/${String(version)}` }
        : { identifier: { system: `urn:sojourn:${type}`, value: id } },
      type: { system: entityType, code: "2", display: "System Object" },
      role: { system: objectRole, code: "4", display: "Domain Resource" },
    }));

const isTrailRead = (changes: Fact["changes"]): boolean =>
  changes.some(({ type }) => isTrail(type));

/** A trail that was read is named by whom it is about. */
const isTrail = (type: string): boolean => type === "AuditEvent";

const transaction = ({ requestId }: Fact): AuditEventEntity => ({
  what: { identifier: { value: requestId } },
  type: {
    system: "https://profiles.ihe.net/ITI/BALP/CodeSystem/BasicAuditEntityType",
    code: "XrequestId",
  },
});
