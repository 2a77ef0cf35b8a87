import { routes, type RouteName } from "../../functions/api/routes.ts";
import type { Route } from "../../functions/api/routes/route.ts";
import type { Asked, Clinic, Target } from "./matrix-clinic.ts";
import type { ClassName } from "./matrix-classes.ts";
import { fhirRows } from "./matrix-fhir-rows.ts";
import { operationRows } from "./matrix-operation-rows.ts";
import { privacyRows } from "./matrix-privacy-rows.ts";
import type { Ruled } from "./matrix-rules.ts";

export interface Asking {
  readonly target: Target;
  readonly clinic: Clinic;
  readonly take: Clinic["take"];
}

/** A request of a route, the same for every caller, on the record that the caller is asked about. */
export interface Row extends Omit<Ruled, "route"> {
  readonly ask: (asking: Asking) => Omit<Asked, "method">;
  /** Statuses that tell that permission was given; a write that would change what others ask for fails on its version. */
  readonly proof: readonly number[];
  /** What of the record an answer must then hold. */
  readonly shows?: ClassName;
  /** Asked when all else was, one after the other, whoever may come last: it takes away what is asked for. */
  readonly last?: true;
  /** Every request has a sign-in of its own. */
  readonly ends?: true;
}

export type Rows = Readonly<Partial<Record<RouteName, readonly Row[]>>>;

export interface Line extends Row {
  readonly name: RouteName;
  readonly route: Route;
}

const rows: Rows = { ...fhirRows, ...operationRows, ...privacyRows };

/** Requests for every route. Throws for a route that nobody wrote one for. */
export const lines: readonly Line[] = (
  Object.keys(routes) as RouteName[]
).flatMap((name) => {
  const [first, ...more] = rows[name] ?? [];
  if (first === undefined)
    throw new Error(`the authorization matrix has no request for ${name}`);
  return [first, ...more].map((row) => ({ ...row, name, route: routes[name] }));
});
