import { Fault } from "../core/fault.ts";

/** The patient was erased, and everything with the key. */
export const isErased = (error: unknown): boolean =>
  error instanceof Fault && error.status === 410;

export const unlessErased = (error: unknown): undefined => {
  if (!isErased(error)) throw error;
};
