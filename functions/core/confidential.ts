import type {
  Consent,
  ContactPoint,
  Patient,
  RelatedPerson,
} from "@medplum/fhirtypes";
import { addressesOf, type Address } from "./addresses.ts";
import { channelSystem, codesIn } from "./consent-criteria.ts";
import {
  categorySystem,
  confidentialCategory,
  isByPatient,
} from "./consent.ts";
import { isDuring } from "./period.ts";
import { patientOnly } from "./request-kind.ts";

/** By phone and letter people reach the patient; the others are ours. */
export type Means = "sms" | "email" | "push" | "portal" | "phone" | "letter";

/** On the provision: a ContactPoint that it is about. */
const contactUrl = "urn:sojourn:contact-point";

/**
 * An accepted request to be reached only by this means, and only at this address if one is named (45 CFR 164.522(b)). Whoever
 * asks anew sets the earlier Consent inactive: an address has to suit all that are active.
 */
export const onlyBy = (
  patientId: string,
  { means, address }: { readonly means: Means; readonly address?: string },
  at: string,
): Consent => ({
  resourceType: "Consent",
  meta: { security: [patientOnly] },
  status: "active",
  scope: {
    coding: [
      {
        system: "http://terminology.hl7.org/CodeSystem/consentscope",
        code: "patient-privacy",
      },
    ],
  },
  category: [
    { coding: [{ system: categorySystem, code: confidentialCategory }] },
  ],
  patient: { reference: `Patient/${patientId}` },
  performer: [{ reference: `Patient/${patientId}` }],
  dateTime: at,
  policyRule: {
    coding: [{ system: "urn:sojourn:policy", code: confidentialCategory }],
  },
  provision: {
    type: "permit",
    code: [{ coding: [{ system: channelSystem, code: means }] }],
    ...(address !== undefined && {
      extension: [
        {
          url: contactUrl,
          valueContactPoint: { system: systems[means], value: address },
        },
      ],
    }),
  },
});

const systems: Readonly<Record<Means, NonNullable<ContactPoint["system"]>>> = {
  sms: "phone",
  phone: "phone",
  email: "email",
  push: "other",
  portal: "other",
  letter: "other",
};

interface Situation {
  readonly consents: readonly Consent[];
  readonly now: string;
  readonly zone: string;
  readonly organizationPhone: string;
}

/** Who may be reached, and where, when there is a request for confidential communications. */
interface Confidential {
  /** The patient, unless all that is asked was asked by somebody who acts for them. */
  readonly isPatientOnly: boolean;
  /** Addresses that requests name, whether or not the record has them. */
  readonly named: readonly Address[];
  /** Whether every request lets this address be used. */
  allows(address: Address): boolean;
}

/** What the active requests for confidential communications ask for; undefined when there is none. What we do not understand of one allows nothing. */
export const confidentialOf = ({
  consents,
  now,
  zone,
  organizationPhone,
}: Situation): Confidential | undefined => {
  const active = consents.filter(
    (consent) =>
      consent.status === "active" &&
      isRequest(consent) &&
      isDuring(consent.provision?.period ?? {}, now, zone) !== false,
  );
  if (active.length === 0) return undefined;
  const requests = active.map((consent) =>
    readRequest(consent, now, organizationPhone),
  );
  return {
    isPatientOnly: active.some(isByPatient),
    named: requests.flatMap(({ isOnly, named }) => (isOnly ? named : [])),
    allows: (address) => requests.every(({ allows }) => allows(address)),
  };
};

/** Whether the requests, if there are any, let somebody be answered at the address that they wrote from. */
export const mayAnswer = (situation: Situation, address: Address): boolean =>
  confidentialOf(situation)?.allows(address) !== false;

/** The addresses at which somebody may be reached under the requests, the person's own first. */
export const confidentialAddresses = (
  { allows, named }: Confidential,
  person: Patient | RelatedPerson,
  { now, organizationPhone }: Pick<Situation, "now" | "organizationPhone">,
): readonly Address[] => {
  const own = addressesOf(person, now, organizationPhone);
  return [
    ...own,
    ...named.filter((one) => !own.some((other) => isSame(one, other))),
  ].filter(allows);
};

const isRequest = (consent: Consent): boolean =>
  consent.category.some(({ coding = [] }) =>
    codesIn(coding, categorySystem).includes(confidentialCategory),
  );

interface Request {
  readonly isOnly: boolean;
  readonly named: readonly Address[];
  readonly allows: (address: Address) => boolean;
}

const readRequest = (
  { provision = {}, modifierExtension, implicitRules }: Consent,
  now: string,
  organizationPhone: string,
): Request => {
  const { type, code = [], extension = [] } = provision;
  const codings = code.flatMap(({ coding = [{}] }) => coding);
  const channels = codesIn(codings, channelSystem);
  const telecom = extension.flatMap(
    ({ url, valueContactPoint }) =>
      (url === contactUrl ? valueContactPoint : undefined) ?? [],
  );
  const isUnderstood =
    modifierExtension === undefined &&
    implicitRules === undefined &&
    Object.keys(provision).every((name) => understood.includes(name)) &&
    channels.length === codings.length &&
    channels.length + telecom.length > 0;
  const isOnly = type !== "deny";
  const named = addressesOf(
    { resourceType: "Patient", telecom: telecom.map(withoutEnds) },
    now,
    organizationPhone,
  ).filter(({ value }) => value !== "");
  const isMeant = (address: Address): boolean =>
    (channels.length === 0 || channels.includes(address.channel)) &&
    (telecom.length === 0 || named.some((one) => isSame(one, address)));
  return {
    isOnly,
    named: isUnderstood
      ? named.filter(
          ({ channel }) => channels.length === 0 || channels.includes(channel),
        )
      : [],
    allows: (address) => isUnderstood && isMeant(address) === isOnly,
  };
};

const understood: readonly string[] = [
  "id",
  "extension",
  "type",
  "period",
  "code",
];

/** How the address is filed does not matter: the patient named it. */
const withoutEnds = ({
  system,
  value,
  extension,
}: ContactPoint): ContactPoint => ({
  ...(system !== undefined && { system }),
  ...(value !== undefined && { value }),
  ...(extension !== undefined && { extension }),
});

const isSame = (one: Address, other: Address): boolean =>
  one.channel === other.channel && one.value === other.value;
