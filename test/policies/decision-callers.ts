import type { Caller, Context } from "../../functions/core/caller.ts";
import type { Scope, Who, World } from "./decision-world.ts";

/** The patient whom it is about, and the account of somebody else. */
export interface Ids {
  readonly patient: string;
  readonly user: string;
}

export const contextOf = (
  { who, purpose, operation }: Pick<World, "who" | "purpose"> & Partial<World>,
  ids: Ids,
): Context => ({
  by: callerOf(who, ids),
  purpose,
  requestId: "r",
  ...(operation !== undefined && { operation }),
});

const callerOf = (who: Who, { patient, user }: Ids): Caller => {
  const token = "t";
  switch (who.kind) {
    case "self":
    case "user":
      return {
        kind: "patient",
        id: who.kind === "self" ? patient : user,
        token,
        ...scopesOf(who.scopes),
      };
    case "staff":
      return {
        kind: "staff",
        id: who.name,
        roles: who.roles,
        token,
        ...scopesOf(who.scopes),
        ...(who.isLaunched && { launch: patient }),
      };
    case "client":
      return {
        kind: "client",
        id: who.name,
        scopes: scopesOf(who.scopes).scopes ?? [],
        location: who.location,
        purposes: who.purposes,
        token,
      };
    case "system":
      return { kind: "system", id: who.name };
  }
};

const scopesOf = (scopes: readonly Scope[] | undefined) =>
  scopes === undefined
    ? {}
    : {
        scopes: scopes.map(
          ({ context, type, letters }) => `${context}/${type}.${letters}`,
        ),
      };
