import { ApiFault } from "./faults.ts";

/** The next part of a list; the token says where it goes on. All of it when no number is given. */
export const page = <T>(
  items: readonly T[],
  {
    maxResults,
    nextToken,
  }: { maxResults?: number | undefined; nextToken?: string | undefined },
) => {
  const start =
    nextToken === undefined
      ? "0"
      : Buffer.from(nextToken, "base64url").toString();
  if (!/^\d+$/.test(start)) {
    throw new ApiFault("InvalidToken", "Invalid Token: 'Invalid token'");
  }
  const from = Number(start);
  const size =
    maxResults === undefined || maxResults === 0
      ? Infinity
      : Math.min(maxResults, 1000);
  const to = from + size;
  return {
    items: items.slice(from, to),
    nextToken:
      to < items.length
        ? Buffer.from(String(to)).toString("base64url")
        : undefined,
  };
};
