import { reviewCsv, reviewRows } from "../../core/access-review.ts";
import { Fault } from "../../core/fault.ts";
import type { StaffAccounts } from "../../outbound/staff-accounts.ts";
import type { Request } from "../../runtime/http.ts";
import type { Answers, PrivacyDeps } from "./answers.ts";

export interface ReviewDeps {
  readonly staffAccounts: StaffAccounts;
}

const dayLength = 86_400_000;

/** Recertification of staff's access: who may sign in, what they did with it, what was decided (45 CFR 164.308(a)(4)). */
export const accessReview = ({
  activity,
  staffAccounts,
  log,
  now,
}: PrivacyDeps & ReviewDeps): Answers<
  "GET /v1/access-reviews/current" | "POST /v1/access-reviews"
> => ({
  "GET /v1/access-reviews/current": async (request) => {
    const days = daysBefore(now(), spanOf(request));
    const store = await activity();
    const [{ activities, missing }, members, decided] = await Promise.all([
      store.of(days),
      staffAccounts.members(),
      store.decisions(),
    ]);
    const rows = reviewRows(activities, members, decided);
    return request.header("accept")?.includes("text/csv") === true
      ? {
          status: 200,
          headers: {
            "content-type": "text/csv; charset=utf-8",
            "content-disposition": 'attachment; filename="access-review.csv"',
          },
          body: Buffer.from(reviewCsv(rows)),
        }
      : {
          status: 200,
          body: { from: days[0], to: days.at(-1), missing, items: rows },
        };
  },
  "POST /v1/access-reviews": async ({ body, context }) => {
    if (body.decisions.some(({ staff }) => staff === context.by.id))
      throw new Fault(
        "OwnAccess",
        422,
        "Nobody decides about their own access.",
        { expression: ["decisions"] },
      );
    const store = await activity();
    await store.decide(context, body.decisions);
    log("AccessReviewed", {
      requestId: context.requestId,
      count: body.decisions.length,
    });
    return { status: 204 };
  },
});

/** The days before today, UTC, oldest first: today is not over. */
const daysBefore = (now: Date, count: number): readonly string[] =>
  Array.from({ length: count }, (_, index) =>
    new Date(now.getTime() - (count - index) * dayLength)
      .toISOString()
      .slice(0, 10),
  );

const spanOf = ({ query }: Pick<Request, "query">): number => {
  const asked = query.find(([name]) => name === "days")?.[1] ?? "90";
  if (!/^[1-9]\d{0,2}$/.test(asked) || Number(asked) > 366)
    throw new Fault("InvalidParameter", 400, "days is from 1 to 366.", {
      expression: ["days"],
    });
  return Number(asked);
};
