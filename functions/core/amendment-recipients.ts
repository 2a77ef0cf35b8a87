import type { NewDisclosure } from "./disclosure.ts";
import { isUlid, timeOf } from "./ids.ts";

type Disclosed = Pick<
  NewDisclosure,
  "at" | "recipient" | "resources" | "withheldUntil"
> & { readonly types?: readonly string[] };

/** Who got something: by name and address, with the day of the last time. */
export interface Informed {
  readonly name: string;
  readonly address: string | undefined;
  readonly last: string;
}

/**
 * To whom a resource (`Type/id`) was disclosed before it was amended, or may have been (45 CFR 164.526(c)(3)(ii); GDPR Art.
 * 19). A disclosure that names no resources may have held it. Whoever the patient may not know of yet is not among them: the
 * list is in the patient's record.
 */
export const recipientsOf = (
  resource: string,
  disclosures: readonly Disclosed[],
  now: string,
): readonly Informed[] => {
  const [type = "", id = ""] = resource.split("/");
  const created = createdAt(id);
  const last = new Map<string, Informed>();
  for (const {
    at,
    recipient,
    resources,
    types,
    withheldUntil,
  } of disclosures) {
    const time = Date.parse(at);
    const mayHold =
      types?.includes(type) ??
      (resources.length === 0 || resources.includes(resource));
    const isHidden =
      withheldUntil !== undefined &&
      Date.parse(withheldUntil) > Date.parse(now);
    if (!mayHold || isHidden || time < created || time > Date.parse(now))
      continue;
    const key = JSON.stringify([recipient.name, recipient.address]);
    const known = last.get(key);
    if (known === undefined || Date.parse(known.last) < time)
      last.set(key, {
        name: recipient.name,
        address: recipient.address,
        last: new Date(time).toISOString().slice(0, 10),
      });
  }
  return [...last.values()].toSorted((one, other) =>
    one.name.localeCompare(other.name, "en"),
  );
};

/** An id holds the time of creation; of what came from elsewhere nothing is known, and everything counts. */
const createdAt = (id: string): number => {
  const local = id.split("-").at(-1) ?? "";
  return isUlid(local) ? timeOf(local) : 0;
};
