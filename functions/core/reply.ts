/** What a patient's text message means. */
export type Reply =
  "confirm" | "cancel" | "reschedule" | "stop" | "start" | "help" | "other";

/**
 * The words that opt out conclusively (47 CFR 64.1200(a)(10), in force since 2025-04-11) and what carriers add to them. CANCEL
 * is one of them: a visit is cancelled by X or NO only.
 */
const words: Readonly<Record<Exclude<Reply, "other">, readonly string[]>> = {
  stop: [
    ...[
      "STOP",
      "STOPALL",
      "STOP ALL",
      "QUIT",
      "END",
      "REVOKE",
      "OPT OUT",
      "OPTOUT",
      "CANCEL",
      "UNSUBSCRIBE",
      "ARRET",
      "REMOVE",
      "TD",
    ],
    ...["PARAR", "BAJA", "ALTO", "DETENER"],
  ],
  start: ["START", "UNSTOP", "OPT IN", "OPTIN", "SUBSCRIBE", "ALTA"],
  help: ["HELP", "INFO", "AYUDA"],
  confirm: [
    "C",
    "Y",
    "YES",
    "CONFIRM",
    "CONFIRMED",
    "OK",
    "SI",
    "S",
    "CONFIRMO",
    "CONFIRMAR",
  ],
  cancel: ["X", "N", "NO"],
  reschedule: ["R", "RESCHEDULE", "CHANGE", "CAMBIAR", "CAMBIO"],
};

const meanings = new Map(
  Object.entries(words).flatMap(([reply, spellings]) =>
    spellings.map(
      (spelling) => [spelling, reply as Exclude<Reply, "other">] as const,
    ),
  ),
);

/** Only a message that is nothing but a known word has a meaning; whatever else it says is read by a person. */
export const understand = (text: string): Reply =>
  meanings.get(canonical(text)) ??
  (/^STOP\b/.test(canonical(text)) ? "stop" : "other");

/** What the service has already acted on and answered when it names one of its own keywords; undefined leaves both to us. */
export const answeredByService = (
  messageKeyword: string,
): "stop" | "start" | "help" | undefined => {
  const meaning = understand(messageKeyword);
  return meaning === "stop" || meaning === "start" || meaning === "help"
    ? meaning
    : undefined;
};

const canonical = (text: string): string =>
  text
    .normalize("NFKD")
    .replace(/\p{M}/gu, "")
    .toUpperCase()
    .replace(/[^\p{L}\p{N}]+/gu, " ")
    .trim();
