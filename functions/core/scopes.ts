/** SMART v2 `system/` scopes: what a clinic system is granted, narrowed by what its token asks for. */
export const intersect = (
  granted: readonly string[],
  asked: readonly string[],
): readonly string[] => {
  const narrowing = asked.flatMap(parse);
  // A token without any system scope was issued without asking for less, so the grant stands as it is.
  if (!asked.some((scope) => scope.startsWith("system/"))) return granted;
  return granted.flatMap(parse).flatMap((one) =>
    narrowing.flatMap((other) => {
      const type = one.type === "*" ? other.type : one.type;
      const letters = order
        .filter(
          (letter) =>
            one.letters.includes(letter) && other.letters.includes(letter),
        )
        .join("");
      return (other.type === "*" || other.type === type) && letters !== ""
        ? [`system/${type}.${letters}`]
        : [];
    }),
  );
};

const order = ["c", "r", "u", "d", "s"];
const versionOne: Readonly<Record<string, string>> = {
  read: "rs",
  write: "cud",
  "*": "cruds",
};

const parse = (scope: string): readonly { type: string; letters: string }[] => {
  const [, type, permissions] =
    /^system\/([A-Za-z]+|\*)\.(read|write|\*|c?r?u?d?s?)$/.exec(scope) ?? [];
  if (type === undefined || permissions === undefined || permissions === "")
    return [];
  return [{ type, letters: versionOne[permissions] ?? permissions }];
};
