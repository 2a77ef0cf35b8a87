import type { Communication } from "@medplum/fhirtypes";
import { providerSystem } from "../functions/core/communication.ts";
import type { System } from "./system.ts";
import { until } from "./until.ts";

export interface Awaited {
  readonly phone: string;
  readonly patientId: string;
  /** Counted from 1; texts that were refused do not count. */
  readonly nth: number;
}

/**
 * Acts once the phone has its nth text and the record knows that it was sent; meanwhile time runs as on the wall. `done`
 * rejects when the action failed, or never came to pass.
 */
export const whenTexted = (
  { fhir, handset, clock }: Pick<System, "fhir" | "handset" | "clock">,
  { phone, patientId, nth }: Awaited,
  act: () => Promise<void>,
): { readonly done: () => Promise<void> } => {
  let begun: Promise<void> | undefined;
  const begin = async (messageId: string) => {
    clock.hold();
    try {
      await until(`the record to know of text ${nth}`, async () => {
        const criteria = {
          patient: `Patient/${patientId}`,
          identifier: `${providerSystem("sms")}|${messageId}`,
        };
        const [sent] = await fhir.search<Communication>(
          "Communication",
          criteria,
        );
        return sent;
      });
      await act();
    } finally {
      clock.release();
    }
  };
  const end = handset.carrier.watch(() => {
    const texts = handset.carrier
      .messages()
      .filter(
        ({ address, direction, channel }) =>
          address === phone && direction === "to-patient" && channel === "sms",
      );
    const chosen = texts[nth - 1];
    if (!chosen || begun) return;
    begun = begin(chosen.id);
    // Whoever waits with `done` hears of a failure.
    begun.catch(() => undefined);
  });
  return {
    done: () => {
      end();
      return begun ?? Promise.reject(new Error(`text ${nth} never came`));
    },
  };
};
