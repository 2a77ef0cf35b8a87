import type { Coding, Resource, Task } from "@medplum/fhirtypes";
import {
  requestKinds,
  type RequestKind,
} from "../../packs/rights/rights-pack.ts";

export const requestSystem = "urn:sojourn:privacy-request";
export const securitySystem = "urn:sojourn:security";

/** Only the operations of rights change what carries it: see policies/base.cedar. */
export const requestLabel = "privacy-request";

/** What carries it is between the patient and the clinic, not for who acts for the patient: see policies/base.cedar. */
export const patientOnly: Coding = {
  system: securitySystem,
  code: "patient-only",
};

/** The label, where a resource has it: what tells of the resource gets it too. */
export const patientOnlyOf = ({ meta }: Pick<Resource, "meta">): Coding[] =>
  meta?.security?.some(
    ({ system, code }) =>
      system === patientOnly.system && code === patientOnly.code,
  ) === true
    ? [patientOnly]
    : [];

/** Which right a Task is a request under; undefined for any other Task. */
export const kindOf = ({ code, meta }: Task): RequestKind | undefined =>
  meta?.security?.some(
    (label) => label.system === securitySystem && label.code === requestLabel,
  ) === true
    ? requestKinds.find((kind) =>
        code?.coding?.some(
          (coding) => coding.system === requestSystem && coding.code === kind,
        ),
      )
    : undefined;
