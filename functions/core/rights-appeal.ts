import type { Task } from "@medplum/fhirtypes";
import type { AppealRule } from "../../packs/rights/rights-pack.ts";
import {
  askedOf,
  detailsOf,
  isDenied,
  isWithdrawn,
  reasonIn,
  requestTask,
  reviewedBy,
  type Arrival,
} from "./privacy-request.ts";
import { refusedBy } from "./rights-refusal.ts";
import {
  dayOfReceipt,
  endOfTerm,
  rightsPacks,
  type Asked,
  type Receipt,
  type RightsClock,
} from "./rights.ts";

const rules = rightsPacks.flatMap(({ jurisdiction, effective, appeals = [] }) =>
  appeals.map((appeal) => ({
    ...appeal,
    jurisdiction,
    from: appeal.from ?? effective.from,
  })),
);

/** What the laws give against a denial, when it is asked for now; undefined where none gives anything. */
export const appealOf = (
  { kind }: Asked,
  ground: string | undefined,
  receipt: Receipt,
): readonly AppealRule[] | undefined => {
  const day = dayOfReceipt(receipt).toString();
  const open = rules.filter(
    ({ jurisdiction, from, kinds, grounds, exempt }) =>
      receipt.jurisdictions.includes(jurisdiction) &&
      (exempt === undefined || !receipt.jurisdictions.includes(exempt)) &&
      from <= day &&
      kinds.includes(kind) &&
      (grounds === undefined || grounds.some((one) => one === ground)),
  );
  return open.length === 0 ? undefined : open;
};

export const appealsNamed = (names: readonly string[]): readonly AppealRule[] =>
  rules.filter(({ name }) => names.includes(name));

/**
 * A review of a denied request: a request like it, with a clock of its own, which somebody else decides. `earlier`: all that
 * was asked before. Throws 409.
 */
export const reviewTask = (
  first: Task & { readonly id: string },
  arrival: Omit<Arrival, "clock"> & { readonly verified: string | undefined },
  {
    earlier,
    ...place
  }: Omit<Receipt, "received"> & { readonly earlier: readonly Task[] },
): Task => {
  if (!isDenied(first))
    throw refusedBy("review-of-denial", 409, "Only a denial is reviewed.");
  if (
    reviewedBy(first) !== undefined ||
    earlier.some((task) => reviewedBy(task) === first.id && !isWithdrawn(task))
  )
    throw refusedBy(
      "review-once",
      409,
      "A denial is reviewed once; what came of it binds.",
    );
  const asked = askedOf(first);
  const receipt = { ...place, received: arrival.received };
  const appeals = appealOf(asked, reasonIn(first), receipt);
  if (appeals === undefined)
    throw refusedBy(
      "review-not-given",
      409,
      "No law that applies here has this denial reviewed. The letter about it says where to complain.",
    );
  const [due = ""] = appeals
    .map(({ answerWithin }) => endOfTerm(answerWithin, receipt))
    .toSorted();
  const clock: RightsClock = {
    due,
    rules: appeals.map(({ name }) => name),
    strictest: [],
  };
  const { verified } = arrival;
  return {
    ...requestTask(
      { kind: asked.kind, details: detailsOf(first), verified },
      { ...arrival, clock },
    ),
    basedOn: [{ reference: `Task/${first.id}` }],
  };
};
