import type { Context } from "./caller.ts";
import { questionAbout, type Question } from "./permission.ts";
import { grantsOf } from "./scopes.ts";

/**
 * The question whether a caller may learn who did what. `people` are the records of the person it is about, none when nobody
 * in particular is meant; who was granted one patient may ask about that one.
 */
export const auditQuestion = (
  context: Context,
  people: readonly string[],
): Question => {
  const { by } = context;
  const grants = grantsOf(by);
  return questionAbout(context, "read", {
    type: "AuditEvent",
    place: by.kind === "patient" && people.includes(by.id) ? "own" : "another",
    scoped:
      grants === "unrestricted" ||
      grants.some(
        ({ type, actions, criteria, patient }) =>
          ["*", "AuditEvent"].includes(type) &&
          criteria === undefined &&
          (patient === undefined || people.includes(patient)) &&
          actions.includes("r"),
      ),
  });
};
