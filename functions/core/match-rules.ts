import type { Field } from "./match-fields.ts";

export const grades = ["certain", "probable", "possible", "none"] as const;
export type Grade = (typeof grades)[number];

export interface MatchRule {
  /** `~`: one of its fields is alike only. */
  readonly id: string;
  readonly grade: Exclude<Grade, "none">;
  readonly score: number;
  readonly needs: readonly Field[];
  /** Of these, at most one may be alike instead of the same. */
  readonly fuzzy?: readonly Field[];
  /** It does not hold for two whose birth dates differ. */
  readonly sameAge?: boolean;
}

const name = ["given", "family"] as const;

/**
 * Combinations of fields, as in the draft patient matching framework of CMS. What is certain needs the whole name, so twins
 * are not; what a household or twins share (family, phone, e-mail, address, birth date) is possible at most.
 */
export const matchRules: readonly MatchRule[] = [
  {
    id: "identifier+name+birthdate",
    grade: "certain",
    score: 0.99,
    needs: ["identifier", ...name, "birthdate"],
    fuzzy: [...name, "birthdate"],
  },
  {
    id: "name+birthdate+phone",
    grade: "certain",
    score: 0.97,
    needs: [...name, "birthdate", "phone"],
    fuzzy: [...name, "birthdate", "phone"],
  },
  {
    id: "name+birthdate+email",
    grade: "certain",
    score: 0.97,
    needs: [...name, "birthdate", "email"],
    fuzzy: [...name, "birthdate", "email"],
  },
  {
    id: "name+birthdate+address",
    grade: "certain",
    score: 0.96,
    needs: [...name, "birthdate", "address"],
  },
  {
    id: "identifier+name",
    grade: "probable",
    score: 0.88,
    needs: ["identifier", ...name],
    fuzzy: name,
  },
  {
    id: "identifier+birthdate",
    grade: "probable",
    score: 0.86,
    needs: ["identifier", "birthdate"],
  },
  {
    id: "name+birthdate+address~",
    grade: "probable",
    score: 0.84,
    needs: [...name, "birthdate", "address"],
    fuzzy: [...name, "birthdate", "address"],
  },
  {
    id: "name+birthdate",
    grade: "probable",
    score: 0.82,
    needs: [...name, "birthdate"],
  },
  {
    id: "name+phone+email",
    grade: "probable",
    score: 0.8,
    needs: [...name, "phone", "email"],
    fuzzy: name,
  },
  {
    id: "name+birthdate+gender~",
    grade: "probable",
    score: 0.78,
    needs: [...name, "birthdate", "gender"],
    fuzzy: name,
  },
  ...(["phone", "email", "address"] as const).map(
    (contact) =>
      ({
        id: `given+birthdate+${contact}`,
        grade: "probable",
        score: 0.75,
        needs: ["given", "birthdate", contact],
      }) as const,
  ),
  {
    id: "name+birthdate~",
    grade: "possible",
    score: 0.55,
    needs: [...name, "birthdate"],
    fuzzy: [...name, "birthdate"],
  },
  ...(["phone", "email", "address"] as const).flatMap(
    (contact) =>
      [
        {
          id: `name+${contact}`,
          grade: "possible",
          score: 0.5,
          needs: [...name, contact],
          fuzzy: name,
        },
        {
          id: `family+birthdate+${contact}`,
          grade: "possible",
          score: 0.5,
          needs: ["family", "birthdate", contact],
          fuzzy: ["family"],
        },
      ] as const,
  ),
  ...(["phone", "email"] as const).map(
    (contact) =>
      ({
        id: `birthdate+${contact}`,
        grade: "possible",
        score: 0.4,
        needs: ["birthdate", contact],
      }) as const,
  ),
  {
    id: "phone+email",
    grade: "possible",
    score: 0.4,
    needs: ["phone", "email"],
  },
  { id: "identifier", grade: "possible", score: 0.4, needs: ["identifier"] },
  {
    id: "family+birthdate",
    grade: "possible",
    score: 0.35,
    needs: ["family", "birthdate"],
  },
  {
    id: "name",
    grade: "possible",
    score: 0.3,
    needs: name,
    sameAge: true,
  },
];
