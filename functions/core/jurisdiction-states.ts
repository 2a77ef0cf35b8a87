/** The states among an organization's jurisdictions: `us-ca` is `CA`. */
export const statesOf = (jurisdictions: readonly string[]): readonly string[] =>
  jurisdictions.flatMap((name) => {
    const [, state] = /^us-([a-z]{2})$/u.exec(name) ?? [];
    return state === undefined ? [] : [state.toUpperCase()];
  });
