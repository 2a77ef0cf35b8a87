import { Fault } from "../../core/fault.ts";
import type { Answers, PrivacyDeps } from "./answers.ts";

/** Legal holds: while one is on a record, nobody erases it. */
export const legalHolds = ({
  holds,
  log,
}: Pick<PrivacyDeps, "holds" | "log">): Answers<
  | "PUT /v1/patients/{id}/hold"
  | "GET /v1/patients/{id}/hold"
  | "DELETE /v1/patients/{id}/hold"
> => ({
  "PUT /v1/patients/{id}/hold": async ({
    params: { id = "" },
    body,
    context,
  }) => {
    const hold = await (await holds()).place(context, id, body);
    log("HoldPlaced", { requestId: context.requestId, reason: body.reason });
    return { status: 200, body: hold };
  },
  "GET /v1/patients/{id}/hold": async ({ params: { id = "" } }) => {
    const hold = await (await holds()).find(id);
    if (hold === undefined)
      throw new Fault("NotFound", 404, "No legal hold is on this record.");
    return { status: 200, body: hold };
  },
  "DELETE /v1/patients/{id}/hold": async ({ params: { id = "" }, context }) => {
    await (await holds()).lift(context, id);
    log("HoldLifted", { requestId: context.requestId });
    return { status: 204 };
  },
});
