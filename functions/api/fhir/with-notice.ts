import type { Caller } from "../../core/caller.ts";
import { isPart2, redisclosureNotice } from "../../core/redisclosure.ts";
import type { Reply } from "../../runtime/http.ts";

/** What leaves for another system and is of a Part 2 program says so. */
export const withNotice = (by: Caller, reply: Reply): Reply => {
  const { body, ...rest } = reply;
  if (by.kind !== "client" || reply.status >= 400) return reply;
  if (
    reply.json === undefined &&
    (body === undefined || body instanceof Uint8Array)
  )
    return reply;
  const json = reply.json ?? JSON.stringify(body);
  return {
    ...rest,
    json,
    ...(isPart2(json) && {
      headers: {
        ...reply.headers,
        "x-redisclosure-notice": redisclosureNotice,
      },
    }),
  };
};
