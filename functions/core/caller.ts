import type { Role } from "./settings.ts";
import type { SignedIn } from "./session.ts";

/** Who asks. Ids only: a caller is written into every fact. */
export type Caller =
  | ({
      readonly kind: "patient";
      readonly id: string;
      readonly token: string;
    } & Narrowed &
      Arrived)
  | ({
      readonly kind: "staff";
      readonly id: string;
      readonly roles: readonly Role[];
      readonly token: string;
    } & Narrowed &
      Arrived)
  | {
      readonly kind: "client";
      readonly id: string;
      readonly scopes: readonly string[];
      /** ISO 3166-2 of where it keeps what it reads, such as `US-CA`. */
      readonly location?: string;
      /** What it may ask for data for; treatment when absent. */
      readonly purposes?: readonly Purpose[];
      readonly token: string;
    }
  /** A task, an event handler: our own code acting for the organization. */
  | { readonly kind: "system"; readonly id: string };

/** What the app through which a person comes may do of what the person may. */
interface Narrowed {
  /** SMART scopes; absent when the person signed in to our own app. */
  readonly scopes?: readonly string[];
  /** The patient whom the app was launched for. */
  readonly launch?: string;
}

interface Arrived {
  /** The sign-in that the token is of; absent where nobody came through the API. */
  readonly signedIn?: SignedIn;
}

/** A caller as a job keeps it: without the sign-in, which may end before the job does. */
export const asKept = (caller: Caller) => {
  if (caller.kind === "client" || caller.kind === "system")
    return { ...caller };
  const { signedIn: _signedIn, ...kept } = caller;
  return kept;
};

/** Somebody who signs in. */
export type Person = Extract<Caller, { kind: "patient" | "staff" }>;

/** v3 PurposeOfUse codes that we act under. */
export const purposes = [
  "TREAT",
  "HPAYMT",
  "HOPERAT",
  "PATRQT",
  "ETREAT",
  "HMARKT",
  "HRESCH",
] as const;
export type Purpose = (typeof purposes)[number];

/** What every read and change is recorded under. */
export interface Context {
  readonly by: Caller;
  readonly purpose: Purpose;
  readonly requestId: string;
  /** The person signed in, second factor included, within the last five minutes. */
  readonly freshSignIn?: boolean;
  /** An operation that may do, within its own rules, what its caller may not do by plain create and update. */
  readonly operation?: "booking" | "device" | "import" | "right";
}
