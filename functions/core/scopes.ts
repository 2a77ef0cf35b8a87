import { isKnown } from "../resources/all.ts";
import type { KnownType } from "../resources/declaration.ts";
import type { Caller } from "./caller.ts";

/** Search parameters, by name and value, that must all hold. */
export type Criteria = readonly (readonly [string, string])[];

/** What is kept, and what is told of it. */
export type ScopedType = KnownType | "AuditEvent";

/** What one SMART on FHIR v2 scope grants. */
export interface Grant {
  readonly context: "patient" | "user" | "system";
  readonly type: ScopedType | "*";
  /** Of `cruds`, in this order. */
  readonly actions: string;
  /** Granular: only resources that these find. */
  readonly criteria?: Criteria;
  /** The only patient whose compartment it reaches. */
  readonly patient?: string;
}

const letters = {
  create: "c",
  read: "r",
  update: "u",
  delete: "d",
  search: "s",
  declassify: "u",
} as const;

const versionOne: Readonly<Record<string, string>> = {
  read: "rs",
  write: "cud",
  "*": "cruds",
};

const pattern =
  /^(?<context>patient|user|system)\/(?<type>[A-Za-z]+|\*)\.(?:(?<v1>read|write|\*)|(?<v2>(?=[cruds])c?r?u?d?s?))(?:\?(?<query>.*))?$/u;

/** The grant that a scope spells, v1 or v2; none where it is no such scope, or narrows what it does not name. */
export const parseScope = (scope: string): Grant | undefined => {
  const {
    context,
    type = "",
    v1 = "",
    v2,
    query,
  } = pattern.exec(scope)?.groups ?? {};
  const actions = v2 ?? versionOne[v1];
  if (actions === undefined || !isKnownOrAll(type)) return undefined;
  const grant = { context: context as Grant["context"], type, actions };
  if (query === undefined) return grant;
  const criteria = criteriaOf(query);
  return type === "*" || criteria === undefined
    ? undefined
    : { ...grant, criteria };
};

const isKnownOrAll = (type: string): type is Grant["type"] =>
  type === "*" || type === "AuditEvent" || isKnown(type);

/** A parameter that one resource alone can answer: no chain, no `_has`, nothing about the answer as a whole. */
const parameterName =
  /^(?:_(?:id|lastUpdated|profile|security|source|tag)|[a-z][A-Za-z-]*)(?::[A-Za-z]+)?$/u;

const criteriaOf = (query: string): Criteria | undefined => {
  const pairs = query.split("&").map((pair) => {
    const [name = "", ...rest] = pair.split("=");
    return [decoded(name), decoded(rest.join("="))] as const;
  });
  return pairs.every(
    ([name, value]) => parameterName.test(name) && value !== "",
  )
    ? pairs
    : undefined;
};

const decoded = (text: string): string => {
  try {
    return decodeURIComponent(text);
  } catch {
    return "";
  }
};

/** The one spelling of a grant: v2, and with characters of which Cognito can make a scope's name. */
export const spellScope = ({
  context,
  type,
  actions,
  criteria,
}: Grant): string => {
  const query = criteria?.map((pair) => pair.map(encoded).join("=")).join("&");
  return `${context}/${type}.${actions}${query === undefined ? "" : `?${query}`}`;
};

const encoded = (text: string): string =>
  encodeURIComponent(text).replaceAll(/%(?:3A|7C|2C|24)/gu, decodeURIComponent);

/** A scope as a client asks Cognito for it: the resource server before the slash, and a name, which has none. */
export const inCognito = (scope: string) => {
  const [server = "", ...rest] = scope.split("/");
  const name = rest.join("%2F");
  return { server, name, whole: `${server}/${name}` };
};

/** A scope of SMART for data, well-formed or not. */
export const isDataScope = (scope: string): boolean =>
  /^(?:patient|user|system)\//u.test(scope);

/** What a registered client is granted, narrowed by the scopes of its token; a token without any was issued without asking for less. */
export const intersect = (
  granted: readonly string[],
  asked: readonly string[],
): readonly string[] => {
  if (!asked.some(isDataScope)) return granted;
  const narrowing = grantsIn(asked);
  return grantsIn(granted).flatMap((one) =>
    narrowing.flatMap((other) => common(one, other)).map(spellScope),
  );
};

const grantsIn = (scopes: readonly string[]): readonly Grant[] =>
  scopes.flatMap((scope) => parseScope(scope) ?? []);

const common = (one: Grant, other: Grant): readonly Grant[] => {
  const type = one.type === "*" ? other.type : one.type;
  const actions = Array.from("cruds")
    .filter(
      (each) => one.actions.includes(each) && other.actions.includes(each),
    )
    .join("");
  if (
    one.context !== other.context ||
    (other.type !== "*" && other.type !== type) ||
    actions === ""
  )
    return [];
  const criteria = [...(one.criteria ?? []), ...(other.criteria ?? [])];
  return [
    {
      context: one.context,
      type,
      actions,
      ...(criteria.length > 0 && { criteria }),
    },
  ];
};

/**
 * What the scopes of a caller leave of its rights; they never add to them. Staff have a patient's scopes only with the
 * patient of the launch, a patient has them for the own record unless the launch names another.
 */
export const grantsOf = (caller: Caller): readonly Grant[] | "unrestricted" => {
  if (caller.kind === "system") return "unrestricted";
  if (caller.kind === "client")
    return grantsIn(caller.scopes).filter(
      ({ context }) => context === "system",
    );
  const {
    kind,
    id,
    scopes,
    launch = kind === "patient" ? id : undefined,
  } = caller;
  if (scopes === undefined) return "unrestricted";
  return grantsIn(scopes).flatMap((grant) => {
    if (grant.context === "user") return [grant];
    return grant.context === "patient" && launch !== undefined
      ? [{ ...grant, patient: launch }]
      : [];
  });
};

/** What belongs to no patient and every patient may see; a patient's scopes reach it too. */
export const publicDirectory: readonly KnownType[] = [
  "HealthcareService",
  "Location",
  "Organization",
  "Practitioner",
  "PractitionerRole",
  "Questionnaire",
  "Schedule",
  "Slot",
];

/** Whether the grants permit the action there; a list permits it on a resource that answers to one of its members. */
export const allowed = (
  grants: ReturnType<typeof grantsOf>,
  action: keyof typeof letters,
  {
    type,
    patient,
  }: { readonly type: ScopedType; readonly patient?: string | undefined },
): boolean | readonly Criteria[] => {
  if (grants === "unrestricted") return true;
  const speaking = grants.filter(
    (grant) =>
      (grant.type === "*" || grant.type === type) &&
      grant.actions.includes(letters[action]) &&
      (grant.patient === undefined ||
        grant.patient === patient ||
        (patient === undefined &&
          (publicDirectory as readonly string[]).includes(type))),
  );
  const narrow = speaking.flatMap(({ criteria }) =>
    criteria === undefined ? [] : [criteria],
  );
  return narrow.length === 0 || narrow.length < speaking.length
    ? speaking.length > 0
    : narrow;
};
