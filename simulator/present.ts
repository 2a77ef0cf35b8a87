/** A value that is there by construction. */
export const present = <T>(value: T | undefined): T => {
  if (value === undefined)
    throw new Error("A value that must exist is missing");
  return value;
};
