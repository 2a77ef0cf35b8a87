import type { Listed } from "./bucket.ts";

/** All that we may ask of the archive: what was added stays as it is. */
export interface Archive {
  /** False when something of this name is there already; that stays. */
  add(key: string, body: string, contentType: string): Promise<boolean>;
  /** The present version, or the one that is named; undefined when there is none. */
  get(key: string, version?: string): Promise<Archived | undefined>;
  /** Everything whose name begins so, in order of the names; behind one of them, if that is given. */
  list(prefix: string, after?: string): AsyncIterable<Listed>;
}

export interface Archived {
  readonly body: Uint8Array;
  /** Absent where there are no versions, such as in a copy. */
  readonly version?: string;
}

/** Puts the organization's name to what it knows: KMS, whose private key nobody has. */
export interface RootSigner {
  readonly key: string;
  /** ECDSA on P-256 over the text's SHA-256, DER. */
  sign(text: string): Promise<Uint8Array>;
  /** PEM. */
  publicKey(): Promise<string>;
}

/** An archive whose client is loaded with the first question. */
export const lateArchive = (load: () => Promise<Archive>): Archive => {
  let loading: Promise<Archive> | undefined;
  const archive = (): Promise<Archive> => (loading ??= load());
  return {
    add: async (...given) => (await archive()).add(...given),
    get: async (...given) => (await archive()).get(...given),
    list: async function* (...given) {
      yield* (await archive()).list(...given);
    },
  };
};
