import { usMinors } from "../../packs/minors/us.ts";

const { violence: _fromBirth, ...kinds } = usMinors.kinds;

/** Security labels by which something may, from some age on, stay between a minor and the clinic. */
export const sensitiveLabels: readonly string[] = [
  ...new Set(Object.values(kinds).flat()),
];
