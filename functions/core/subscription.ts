import type { Extension, Subscription } from "@medplum/fhirtypes";

export const idOnly = "application/fhir+json";

/** For whom notifications are sent (`client:ehr`); set by the server when the endpoint has answered. */
export const ownerUrl = "urn:sojourn:subscription-owner";
/** A keyed hash over what the owner asked for: without it, `active` is only a claim. */
export const sealUrl = "urn:sojourn:subscription-seal";
/** What a notification holds (HL7 Subscriptions R5 Backport 1.1.0). */
export const contentUrl =
  "http://hl7.org/fhir/uv/subscriptions-backport/StructureDefinition/backport-payload-content";

const textOf = (
  extension: readonly Extension[] | undefined,
  url: string,
): string | undefined => extension?.find((one) => one.url === url)?.valueString;

export const ownerOf = ({ extension }: Subscription): string | undefined =>
  textOf(extension, ownerUrl);

export const sealOf = ({ extension }: Subscription): string | undefined =>
  textOf(extension, sealUrl);

/** Whether the payload is one that we send: none, or references only. */
export const isPayloadServed = ({
  payload,
  ...channel
}: Subscription["channel"]): boolean => {
  const { _payload: more } = channel as {
    readonly _payload?: { readonly extension?: readonly Extension[] };
  };
  const content = more?.extension?.find(
    ({ url }) => url === contentUrl,
  )?.valueCode;
  return payload === undefined
    ? content === undefined || content === "empty"
    : payload === idOnly && content === "id-only";
};

/** What the seal binds: with any of it changed, the subscription has to ask anew. */
export const sealedPart = (
  { criteria, channel }: Subscription,
  id: string,
  owner: string,
): readonly string[] => [
  id,
  owner,
  criteria,
  channel.endpoint ?? "",
  channel.payload ?? "",
];
