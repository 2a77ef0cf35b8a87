import type { Role } from "./organization.ts";
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

/** Somebody who signs in. */
export type Person = Extract<Caller, { kind: "patient" | "staff" }>;

/** v3 PurposeOfUse codes that we act under. */
export type Purpose = "TREAT" | "HPAYMT" | "HOPERAT" | "PATRQT" | "ETREAT";

/** What every read and change is recorded under. */
export interface Context {
  readonly by: Caller;
  readonly purpose: Purpose;
  readonly requestId: string;
  /** The person signed in, second factor included, within the last five minutes. */
  readonly freshSignIn?: boolean;
  /** An operation that may do, within its own rules, what its caller may not do by plain create and update. */
  readonly operation?: "booking" | "device" | "import";
}
