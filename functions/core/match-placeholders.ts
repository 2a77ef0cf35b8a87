/** What is typed where nothing is known. Such values are as good as absent: they match nobody. */

const noNames = new Set(
  [
    "unknown unk unidentified anonymous unnamed noname nofirstname nolastname none n/a nfn nln tbd",
    "test tester testing testpatient patient dummy sample xxx xxxx zzz",
    "no not first last given family name of the male female",
  ].flatMap((line) => line.split(" ")),
);
/** Whatever follows: `Baby Boy A`, `Newborn of Maria`, `Girl 2`. */
const newborns = new Set(
  "baby babyboy babygirl boy girl newborn infant twin triplet".split(" "),
);

/** The words of a part of a name, folded, or none when they name nobody. */
export const realWords = (words: readonly string[]): readonly string[] => {
  const plain = words.map((word) => word.replace(/\d+$/u, ""));
  return newborns.has(plain[0] ?? "") ||
    plain.every((word) => word === "" || noNames.has(word))
    ? []
    : words;
};

const noMailboxes = new Set(
  [
    "test testing tester testpatient noemail nomail noemailaddress none no na nil null unknown nobody noone",
    "noreply donotreply declined refused decline email mail example sample dummy fake abc asdf aaa xxx x",
  ].flatMap((line) => line.split(" ")),
);
const noDomains = new Set(
  "noemail nomail none test testing invalid unknown declined refused fake".split(
    " ",
  ),
);

/** `email` is folded. */
export const isRealEmail = (email: string): boolean => {
  const [, mailbox = "", domain = ""] = /^([^@]+)@([^@]+)$/u.exec(email) ?? [];
  const plain = mailbox.replace(/\+.*$/u, "").replaceAll(/[._-]|\d+$/gu, "");
  return (
    domain.includes(".") &&
    plain !== "" &&
    !noMailboxes.has(plain) &&
    !noDomains.has(domain.split(".")[0] ?? "")
  );
};

/** `phone` is E.164 or bare digits. North America's 555-01xx is reserved for fiction, 555-1212 is directory assistance. */
export const isRealPhone = (phone: string): boolean => {
  const digits = phone.replaceAll(/\D/gu, "");
  const subscriber = digits.slice(-7);
  const national = digits.slice(-10);
  return (
    digits.length >= 7 &&
    !/^(?:\+?1)?(?:\d{3})?555(?:01\d\d|1212)$/u.test(phone) &&
    !isSame(subscriber) &&
    !isRun(subscriber) &&
    !isRun(national) &&
    !isRun(digits)
  );
};

const noBirthDates = /^(?:0001-01-01|1[89]00-01-01|1901-01-01|9999-)/u;

/** Whole dates only: a year alone is common to thousands. */
export const isRealBirthDate = (date: string): boolean =>
  /^\d{4}-\d{2}-\d{2}$/u.test(date) && !noBirthDates.test(date);

const noValues = new Set(
  "unknown unk none null na nil test pending tbd temp refused declined notavailable".split(
    " ",
  ),
);

/** `isSocial`: a US social security number, some of which are never issued (SSA, POMS RM 10201.035). */
export const isRealIdentifier = (value: string, isSocial: boolean): boolean => {
  const plain = value.toLowerCase().replaceAll(/[^\p{L}\p{N}]/gu, "");
  if (plain === "" || noValues.has(plain) || /^0+$/u.test(plain)) return false;
  if (/^\d{9,}$/u.test(plain) && (isSame(plain) || isRun(plain))) return false;
  return (
    !isSocial ||
    (/^\d{9}$/u.test(plain) && !/^(?:000|666)|^.{3}00|0000$/u.test(plain))
  );
};

const noAddresses =
  /^(?:unknown|none|na|n\/a|test|homeless|transient|general delivery|no fixed (?:address|abode)|no address|undomiciled|unhoused)\b/u;

/** `line` is folded. */
export const isRealAddress = (line: string): boolean =>
  line.length >= 4 && !noAddresses.test(line);

const isSame = (digits: string): boolean => /^(.)\1*$/u.test(digits);

/** Each digit follows the one before, up or down, 9 and 0 being neighbours. */
const isRun = (digits: string): boolean =>
  [1, 9].some((step) =>
    Array.from(digits).every(
      (digit, index) =>
        index === 0 ||
        Number(digit) === (Number(digits[index - 1]) + step) % 10,
    ),
  );
