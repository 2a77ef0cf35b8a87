/** All that we may ask of S3. Keys are opaque: never a name, never a value of a resource. */
export interface Bucket {
  put(key: string, body: Uint8Array, contentType: string): Promise<void>;
  /** Undefined when there is no such object. */
  get(key: string, range?: ByteRange): Promise<Uint8Array | undefined>;
  /** All objects whose keys begin so, in order of their keys. */
  list(prefix: string): Promise<readonly Listed[]>;
  /** What is not there is no error. */
  remove(keys: readonly string[]): Promise<void>;
  /** A link for whoever holds it, valid for so many seconds; the browser saves the file under the name. */
  downloadLink(key: string, seconds: number, fileName: string): Promise<string>;
  /** A link that takes one PUT with exactly this content type. */
  uploadLink(
    key: string,
    seconds: number,
    contentType: string,
  ): Promise<string>;
  /** Writes a file of any length piece by piece; it appears whole at `end` and not before. */
  append(key: string, contentType: string): Promise<Appending>;
}

/** Offsets in bytes, the end excluded; an end past the last byte means the last byte. */
export interface ByteRange {
  readonly from: number;
  readonly to: number;
}

export interface Listed {
  readonly key: string;
  readonly bytes: number;
}

export interface Appending {
  write(part: Uint8Array): Promise<void>;
  end(): Promise<void>;
  /** Leaves nothing behind. */
  abort(): Promise<void>;
}

/** A bucket whose client is loaded with the first question. */
export const loadedLate = (load: () => Promise<Bucket>): Bucket => {
  let loading: Promise<Bucket> | undefined;
  const bucket = (): Promise<Bucket> => (loading ??= load());
  return {
    put: async (...given) => (await bucket()).put(...given),
    get: async (...given) => (await bucket()).get(...given),
    list: async (...given) => (await bucket()).list(...given),
    remove: async (...given) => (await bucket()).remove(...given),
    downloadLink: async (...given) => (await bucket()).downloadLink(...given),
    uploadLink: async (...given) => (await bucket()).uploadLink(...given),
    append: async (...given) => (await bucket()).append(...given),
  };
};
