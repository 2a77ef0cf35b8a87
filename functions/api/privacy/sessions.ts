import type * as z from "zod";
import type { Context } from "../../core/caller.ts";
import { Fault } from "../../core/fault.ts";
import { endReasons, type EndRequest } from "../../core/session.ts";
import type { Reply, Request } from "../../runtime/http.ts";
import type { Account } from "../../store/keys.ts";
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

  const ended =
    (kind: Account["kind"]) =>
    async ({
      params: { id = "" },
      body: { reason },
      context,
    }: Pick<
      Request<z.infer<typeof EndRequest>>,
      "params" | "body" | "context"
    >): Promise<Reply> => {
      if (!/^[\p{L}\p{M}\p{N}\p{P}\p{S}]{1,128}$/u.test(id))
        throw nobody("There is no such account.");
      const what = endReasons[reason];
      const count = await store.endAll(context, { kind, id }, what);
      log(what, { requestId: context.requestId, count });
      return { status: 200, body: { ended: count } };
    };

  return {
    "GET /v1/session": told,
    "POST /v1/session": told,
    "DELETE /v1/session": async ({ context }) => {
      await store.end(context, whoSignedIn(context));
      log("SignedOut", { requestId: context.requestId });
      return { status: 204 };
    },
    "POST /v1/staff/{id}/end-sessions": ended("staff"),
    "POST /v1/patients/{id}/end-sessions": ended("patient"),
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
