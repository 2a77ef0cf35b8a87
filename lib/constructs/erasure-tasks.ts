import type { IUserPool } from "aws-cdk-lib/aws-cognito";
import type { IKey } from "aws-cdk-lib/aws-kms";
import { OrganizationStack } from "../organization-stack.ts";
import { openBucket, openVersions, type Files } from "./bucket.ts";
import type { PatientRecord } from "./patient-record.ts";
import type { ServiceFunction } from "./service-function.ts";

export interface ErasureStores {
  readonly record: PatientRecord;
  readonly files: Files;
  /** Where patients' sign-ins are. */
  readonly patients: IUserPool;
  /** Signs certificates. */
  readonly certificates: IKey;
}

type Access = "read" | "write";

/** What each task of the erasure reaches beside the record; other tasks nothing. */
const needs: Readonly<
  Record<
    string,
    {
      /** Among them the ledger, and certificates. */
      readonly documents?: true;
      /** Earlier versions of objects: to be counted, or to be removed. */
      readonly versions?: Access;
      readonly accounts?: Access;
      readonly keys?: true;
      readonly signs?: true;
    }
  >
> = {
  "erasure-shred": {
    documents: true,
    versions: "read",
    accounts: "write",
    keys: true,
  },
  "erasure-sweep": { versions: "write" },
  "erasure-certify": {
    documents: true,
    versions: "read",
    accounts: "read",
    signs: true,
  },
};

/** Gives a task of the erasure what it needs, and no other task anything. */
export const equipErasure = (
  task: string,
  to: ServiceFunction,
  { record, files, patients, certificates }: ErasureStores,
): void => {
  const { documents, versions, accounts, keys, signs } = needs[task] ?? {};
  if (keys) to.use(record.keys, "write");
  if (documents) openBucket(files.documents, { to, access: "write" });
  if (versions !== undefined)
    for (const bucket of [files.documents, files.exchange])
      openVersions(bucket, { to, access: versions });
  if (accounts !== undefined)
    to.know({ PATIENT_POOL_ID: patients.userPoolId }).allow(
      [
        "cognito-idp:AdminGetUser",
        ...(accounts === "write" ? ["cognito-idp:AdminDeleteUser"] : []),
      ],
      [patients.userPoolArn],
    );
  if (signs)
    to.know({
      CERTIFICATES_KEY_ID: certificates.keyId,
      KEY_RECOVERY_DAYS: String(
        OrganizationStack.of(to).organization.retention.keyRecoveryDays,
      ),
    }).allow(["kms:Sign"], [certificates.keyArn]);
};
