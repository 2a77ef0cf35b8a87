import type { Consent, ConsentProvision } from "@medplum/fhirtypes";
import type { ConsentQuestion } from "../../functions/core/consent.ts";

/** A provision of the generator's small language, in which it is plain what holds. */
export interface Plain {
  readonly type: "permit" | "deny";
  readonly actor?: "nora" | "nurse" | "otto";
  readonly purpose?: "TREAT" | "HPAYMT" | "ETREAT";
  readonly class?: "Observation" | "Condition";
  readonly label?: "HIV" | "ETH";
  readonly months?: readonly [number, number];
  readonly mystery?: true;
  readonly inner: readonly Plain[];
}

export interface PlainConsent {
  readonly status: Consent["status"];
  readonly provision: Plain;
}

/**
 * The answer by brute force: in every world, that is with every guess at what cannot be evaluated, each Consent says what its
 * innermost provision says; it denies if it does in any world, and permits if it does in all.
 */
export const naive = (
  consents: readonly PlainConsent[],
  question: ConsentQuestion,
): "permitted" | "denied" | "silent" => {
  const verdicts = consents
    .filter(({ status }) => status === "active")
    .map(({ provision }) => {
      const mysteries = all(provision).filter(({ mystery }) => mystery);
      const worlds = Array.from({ length: 2 ** mysteries.length }, (_, guess) =>
        said(provision, question, (one) =>
          Boolean(guess & (1 << mysteries.indexOf(one))),
        ),
      );
      if (worlds.includes("deny")) return "deny";
      return worlds.every((world) => world === "permit") ? "permit" : undefined;
    });
  if (verdicts.includes("deny")) return "denied";
  return verdicts.includes("permit") ? "permitted" : "silent";
};

const all = (provision: Plain): readonly Plain[] => [
  provision,
  ...provision.inner.flatMap(all),
];

const said = (
  provision: Plain,
  question: ConsentQuestion,
  guess: (provision: Plain) => boolean,
): "permit" | "deny" | undefined => {
  if (!holds(provision, question)) return undefined;
  if (provision.mystery && !guess(provision)) return undefined;
  const inner = provision.inner.map((one) => said(one, question, guess));
  if (inner.includes("deny")) return "deny";
  if (inner.includes("permit")) return "permit";
  // Addiction is opened by its name only.
  return provision.type === "permit" &&
    question.labels.includes("ETH") &&
    provision.label !== "ETH"
    ? undefined
    : provision.type;
};

const holds = (provision: Plain, question: ConsentQuestion): boolean => {
  const { actor, purpose, label, months } = provision;
  if (
    actor !== undefined &&
    !question.recipients.some((one) => one.split(":")[1] === actor)
  )
    return false;
  if (purpose !== undefined) {
    const asked = question.purpose;
    const isWithin = purpose === "TREAT" && asked === "ETREAT";
    if (asked !== purpose && !isWithin) return false;
  }
  if (provision.class !== undefined && provision.class !== question.type)
    return false;
  if (label !== undefined) {
    if (!question.labels.includes(label)) return false;
    if (provision.type === "permit" && question.labels.length > 1) return false;
  }
  const month = new Date(question.now).getUTCMonth() + 1;
  return months === undefined || (months[0] <= month && month <= months[1]);
};

/** The same as FHIR has it. */
export const asFhir = (plain: Plain): ConsentProvision => ({
  type: plain.type,
  ...(plain.actor !== undefined && {
    actor: [
      {
        role: { coding: [{ code: "IRCP" }] },
        reference: {
          identifier: {
            system: `urn:sojourn:${plain.actor === "nurse" ? "role" : "staff"}`,
            value: plain.actor,
          },
        },
      },
    ],
  }),
  ...(plain.purpose !== undefined && {
    purpose: [
      {
        system: "http://terminology.hl7.org/CodeSystem/v3-ActReason",
        code: plain.purpose,
      },
    ],
  }),
  ...(plain.class !== undefined && {
    class: [
      { system: "http://hl7.org/fhir/resource-types", code: plain.class },
    ],
  }),
  ...(plain.label !== undefined && { securityLabel: [{ code: plain.label }] }),
  ...(plain.months !== undefined && {
    period: {
      start: `2026-${String(plain.months[0]).padStart(2, "0")}`,
      end: `2026-${String(plain.months[1]).padStart(2, "0")}`,
    },
  }),
  ...(plain.mystery && { dataPeriod: { start: "2020" } }),
  ...(plain.inner.length > 0 && { provision: plain.inner.map(asFhir) }),
});
