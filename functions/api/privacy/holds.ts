import { Fault } from "../../core/fault.ts";
import type { Answers, PrivacyDeps } from "./answers.ts";

/** Legal holds: while any is on a record, nobody erases it. */
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
    const found = await (await holds()).find(id);
    if (found.length === 0)
      throw new Fault("NotFound", 404, "No legal hold is on this record.");
    return { status: 200, body: { holds: found } };
  },
  "DELETE /v1/patients/{id}/hold": async ({
    params: { id = "" },
    query,
    context,
  }) => {
    const named = query.find(([name]) => name === "hold")?.[1];
    await (await holds()).lift(context, id, named);
    log("HoldLifted", { requestId: context.requestId });
    return { status: 204 };
  },
});
