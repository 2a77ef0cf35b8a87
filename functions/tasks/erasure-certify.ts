import * as z from "zod";
import {
  certificateFile,
  certificateOf,
  certificateText,
} from "../core/erasure-certificate.ts";
import { documentationDuties } from "../core/retention.ts";
import { lateAccounts, type Accounts } from "../outbound/accounts.ts";
import type { Deps } from "../runtime/dependencies.ts";
import { environment } from "../runtime/environment.ts";
import { live } from "../runtime/live.ts";
import { task } from "../runtime/task.ts";
import type { RootSigner } from "../store/archive.ts";
import { asErasure, erasureOf, ErasureInput } from "./erasure-input.ts";

const Output = z.object({ isCertified: z.boolean() });

type CertifyDeps = Pick<
  Deps,
  "erasures" | "erasing" | "documents" | "organization" | "now" | "log"
> & {
  readonly accounts: Accounts;
  readonly signer: Pick<RootSigner, "key" | "sign">;
  /** Days for which a destroyed key can be had from a restore. */
  readonly keyRecoveryDays: number;
};

/** Monthly backups of the record are kept for a year. */
const recordBackupDays = 365;

/** Looks at every store again; signs a certificate when nothing is left, and only then. */
export const erasureCertify = (deps: CertifyDeps) =>
  task(ErasureInput, Output, async ({ execution, patient, request }) => {
    const { documents, signer, now, log } = deps;
    const [store, stores] = await Promise.all([
      deps.erasures(),
      deps.erasing(),
    ]);
    const erasure = await erasureOf(store, { patient, request });
    if (erasure.status === "certified") return { isCertified: true };
    const { set = [], shredded = "" } = erasure;
    const left = await stores.leftovers(set);
    const accounts = await Promise.all(set.map(deps.accounts.exists));
    if (Object.keys(left).length > 0 || accounts.includes(true)) {
      log("ErasureIncomplete", {
        patient,
        execution,
        count: Object.values(left).reduce((sum, count) => sum + count, 0),
      });
      return { isCertified: false };
    }
    const { accounts: known = 0, ...held } = erasure.held ?? {};
    const seen = now().toISOString();
    const certificate = certificateOf(
      {
        organization: deps.organization.slug,
        request,
        requested: erasure.requested,
        patients: set.map((id) => ({ id, shredded })),
        held,
        facts: await stores.facts(set),
        hadAccount: known > 0,
        seen,
        key: signer.key,
      },
      { keys: deps.keyRecoveryDays, records: recordBackupDays },
      documentationDuties(),
    );
    const signature = await signer.sign(certificateText(certificate));
    const key = `erasure-certificates/${request}.json`;
    await documents.put(
      key,
      Buffer.from(certificateFile(certificate, signature)),
      "application/json",
    );
    await store.move(asErasure("erasure-certify", execution), erasure, {
      status: "certified",
      certified: seen,
      certificate: key,
    });
    log("ErasureCertified", { patient, execution });
    return { isCertified: true };
  });

export const handler = live(erasureCertify, {
  accounts: () => lateAccounts(environment("PATIENT_POOL_ID")),
  signer: () => {
    const key = environment("CERTIFICATES_KEY_ID");
    return {
      key,
      sign: async (text: string) => {
        const { kmsRootSigner } = await import("../store/root-signer.ts");
        return kmsRootSigner(key).sign(text);
      },
    };
  },
  keyRecoveryDays: () => environment("KEY_RECOVERY_DAYS"),
});
