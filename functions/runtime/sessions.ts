import type { Caller, Context } from "../core/caller.ts";
import { Fault, type FaultOptions } from "../core/fault.ts";
import type { SessionRefusal } from "../core/session.ts";
import type { Sessions } from "../store/sessions.ts";
import type { AreaDeps } from "./http.ts";

/** Who calls; a token that is refused leaves a fact, and who presented it is not believed. */
export const identified = async (
  authorization: string | undefined,
  { authenticate, sessions }: Pick<AreaDeps, "authenticate" | "sessions">,
  requestId: string,
): Promise<Caller> => {
  try {
    return await authenticate(authorization);
  } catch (error) {
    if (
      authorization !== undefined &&
      error instanceof Fault &&
      error.status < 500
    )
      await sessions?.noteRefusal(
        { by: nobody, purpose: "HOPERAT", requestId },
        "TokenRefused",
      );
    throw error;
  }
};

const nobody: Caller = { kind: "system", id: "sign-in" };

/**
 * The context of a person's request while the sign-in stands; a system has no sessions. Throws SessionIdle, SessionExpired,
 * SessionEnded (401), after the refusal is recorded.
 */
export const admitted = async (
  context: Context,
  sessions: Sessions | undefined,
  passive: boolean,
): Promise<Context> => {
  const { by } = context;
  if (by.kind === "client" || by.kind === "system") return context;
  const { signedIn } = by;
  if (signedIn === undefined) return context;
  if (sessions === undefined)
    throw new Error("nobody knows whether this sign-in still stands");
  const standing = await sessions.look({ ...by, signedIn }, passive);
  if (typeof standing === "object")
    return { ...context, freshSignIn: standing.isFresh };
  const { name, detail, code } = refusals[standing];
  await sessions.noteRefusal(context, name);
  throw new Fault(name, 401, detail, { code });
};

const refusals: Readonly<
  Record<
    SessionRefusal,
    {
      readonly name: string;
      readonly detail: string;
      readonly code: NonNullable<FaultOptions["code"]>;
    }
  >
> = {
  ended: {
    name: "SessionEnded",
    detail: "You were signed out. Sign in again (session-ended).",
    code: "login",
  },
  expired: {
    name: "SessionExpired",
    detail:
      "You signed in too long ago to go on. Sign in again (session-expired).",
    code: "expired",
  },
  idle: {
    name: "SessionIdle",
    detail:
      "You were signed out because nothing happened for a while. Sign in again (session-idle).",
    code: "expired",
  },
};
