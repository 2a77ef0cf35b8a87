import type { Context } from "../../core/caller.ts";
import { Fault } from "../../core/fault.ts";
import { isUlid } from "../../core/ids.ts";
import { endReasons } from "../../core/session.ts";
import type { Reply } from "../../runtime/http.ts";
import type { SignedInPerson } from "../../store/session-items.ts";
import type { Answers, PrivacyDeps } from "./answers.ts";

/** Signing out, when a session ends, and ending the sessions of others. */
export const sessions = (
  deps: Pick<PrivacyDeps, "sessions" | "log">,
): Answers<
  | "GET /v1/session"
  | "POST /v1/session"
  | "DELETE /v1/session"
  | "POST /v1/staff/{id}/end-sessions"
  | "POST /v1/patients/{id}/end-sessions"
> => {
  const { sessions: store, log } = deps;

  const told = async ({ context }: { context: Context }): Promise<Reply> => {
    const standing = await store.look(whoSignedIn(context), true);
    if (typeof standing === "string") throw overtaken();
    return {
      status: 200,
      body: {
        signedIn: instant(standing.started),
        endsAt: instant(standing.idleAt),
        endsAtLatest: instant(standing.expiresAt),
      },
    };
  };

  return {
    "GET /v1/session": told,
    "POST /v1/session": told,
    "DELETE /v1/session": async ({ context }) => {
      await store.end(context, whoSignedIn(context));
      log("SignedOut", { requestId: context.requestId });
      return { status: 204 };
    },
    "POST /v1/staff/{id}/end-sessions": async ({ params, body, context }) => {
      const { id = "" } = params;
      if (!/^[\p{L}\p{M}\p{N}\p{P}\p{S}]{1,128}$/u.test(id))
        throw nobody("There is no such account.");
      const what = endReasons[body.reason];
      const ended = await store.endAll(context, { kind: "staff", id }, what);
      log(what, { requestId: context.requestId, count: ended });
      return { status: 200, body: { ended } };
    },
    "POST /v1/patients/{id}/end-sessions": async ({
      params,
      body,
      context,
    }) => {
      const { id = "" } = params;
      if (!isUlid(id)) throw nobody("There is no such patient.");
      const what = endReasons[body.reason];
      const ended = await store.endAll(context, { kind: "patient", id }, what);
      log(what, { requestId: context.requestId, patient: id, count: ended });
      return { status: 200, body: { ended } };
    },
  };
};

const whoSignedIn = ({ by }: Context): SignedInPerson => {
  if (by.kind === "client" || by.kind === "system" || by.signedIn === undefined)
    throw nobody("Nobody has signed in here.");
  return { ...by, signedIn: by.signedIn };
};

const overtaken = (): Fault =>
  new Fault(
    "SessionEnded",
    401,
    "The session ended at this moment. Sign in again (session-ended).",
  );

const nobody = (detail: string): Fault => new Fault("NotFound", 404, detail);

const instant = (milliseconds: number): string =>
  new Date(milliseconds).toISOString();
