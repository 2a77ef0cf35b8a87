import { callersOf, type Caller } from "./matrix-callers.ts";
import type { Answered, Clinic, Send } from "./matrix-clinic.ts";
import { lines, type Line } from "./matrix-rows.ts";
import { expected, type Outcome, type Who } from "./matrix-rules.ts";
import { renewed, type SignIns } from "./matrix-tokens.ts";

interface Place {
  readonly line: Line;
  readonly caller: Caller;
}

export interface Cell extends Place {
  readonly wanted: Outcome;
  readonly answer: Answered;
}

export interface Asker {
  readonly send: Send;
  readonly signIns: SignIns;
  readonly clinic: Clinic;
}

/** More only wake more functions. */
const atOnce = 5;

/**
 * Asks every route as every caller. Of the other lines of a route each caller asks one in `oneIn`, another one than the
 * caller before; when not all of them, only who is not refused everywhere.
 */
export const askAll = async (
  { send, signIns, clinic }: Asker,
  oneIn = 1,
): Promise<readonly Cell[]> => {
  const cells = new Map<Place, Cell>();
  const tokens = new Map<string, () => Promise<string | undefined>>();
  const tokenOf = (line: Line, caller: Caller) => {
    if (line.ends === true)
      return caller.token({ origin_jti: `ended ${caller.name}` });
    const token = tokens.get(caller.name) ?? renewed(() => caller.token());
    tokens.set(caller.name, token);
    return token();
  };
  const ask = async (place: Place): Promise<void> => {
    const { line, caller } = place;
    const wanted = expected(caller.who, line);
    const asked = {
      ...line.ask({
        target: clinic.targets[caller.about],
        clinic,
        take: wanted === "allowed" ? clinic.take : clinic.untouched,
      }),
      method: line.name.split(" ")[0] ?? "",
    };
    const token = await tokenOf(line, caller);
    const { purpose } = caller;
    const answer = await send(
      {
        ...asked,
        headers: {
          ...asked.headers,
          ...(purpose !== undefined && { "x-purpose-of-use": purpose }),
        },
      },
      token,
    );
    cells.set(place, { ...place, wanted, answer });
    if (answer.status === 202 && answer.location !== undefined)
      await send(
        {
          method: "DELETE",
          path: `/fhir/R4/$export-status/${answer.location.split("/").at(-1) ?? ""}`,
        },
        token,
      );
  };
  const callers = callersOf(signIns, clinic);
  const all = lines.flatMap((line, row) =>
    callers
      .filter(
        ({ who }, column) =>
          line.name !== lines[row - 1]?.name ||
          oneIn === 1 ||
          (isHeard(who) && (row + column) % oneIn === 0),
      )
      .map((caller) => ({ line, caller })),
  );
  const queue = all.filter(({ line }) => line.last !== true);
  await Promise.all(
    Array.from({ length: atOnce }, async () => {
      for (let next = queue.shift(); next !== undefined; next = queue.shift())
        await ask(next);
    }),
  );
  const last = all
    .filter(({ line }) => line.last === true)
    .toSorted(
      (one, other) =>
        Number(expected(one.caller.who, one.line) === "allowed") -
        Number(expected(other.caller.who, other.line) === "allowed"),
    );
  for (const place of last) await ask(place);
  return all.flatMap((place) => cells.get(place) ?? []);
};

const isHeard = ({ unknown, purpose }: Who): boolean =>
  unknown !== true && purpose !== "unfit";
