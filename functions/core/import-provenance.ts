import type { Provenance } from "@medplum/fhirtypes";
import { createHash } from "node:crypto";
import type { ImportJob } from "./import-job.ts";

const mostTargets = 90;
const letters = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";

/**
 * Says of a patient's resources where they come from, at most 90 in one. The ids follow from import, slice and patient, so
 * that a slice that is tried again tells it once.
 */
export const provenancesOf = (
  { id, by, requested }: Pick<ImportJob, "id" | "by" | "requested">,
  slice: number,
  patient: string,
  targets: readonly string[],
): readonly (Provenance & { id: string })[] =>
  Array.from(
    { length: Math.ceil(targets.length / mostTargets) },
    (_, part) => ({
      resourceType: "Provenance",
      id: `${patient}-${idFrom(id, `${String(slice)}|${patient}|${String(part)}`)}`,
      target: targets
        .slice(part * mostTargets, (part + 1) * mostTargets)
        .map((reference) => ({ reference })),
      recorded: requested,
      agent: [
        {
          who: {
            identifier: {
              system: "urn:sojourn:caller",
              value: `${by.kind}:${by.id}`,
            },
          },
        },
      ],
      entity: [
        {
          role: "source",
          what: { identifier: { system: "urn:sojourn:import", value: id } },
        },
      ],
    }),
  );

/** A ULID of the import's moment whose chance follows from the words. */
const idFrom = (job: string, words: string): string =>
  job.slice(0, 10) +
  [...createHash("sha256").update(`${job}|${words}`).digest().subarray(0, 16)]
    .map((byte) => letters.charAt(byte % 32))
    .join("");
