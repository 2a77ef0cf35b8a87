/** What a literal reference points to: type and id where it has them. */
export interface Target {
  readonly type: string | undefined;
  readonly id: string | undefined;
  readonly absolute: boolean;
}

const pattern =
  /^(?<base>https?:\/\/\S+\/)?(?<type>[A-Z][A-Za-z]+)\/(?<id>[A-Za-z0-9\-.]{1,64})(?:\/_history\/[A-Za-z0-9\-.]{1,64})?$/u;

export const targetOf = (reference: string): Target => {
  const { base, type, id } = pattern.exec(reference)?.groups ?? {};
  return { type, id, absolute: base !== undefined };
};
