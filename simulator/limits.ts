// https://docs.aws.amazon.com/step-functions/latest/dg/service-quotas.html, read 2026-11
export const limits = {
  dataBytes: 262_144,
  variableBytes: 262_144,
  allVariablesBytes: 10 * 1024 * 1024,
  definitionBytes: 1024 * 1024,
  historyEvents: 25_000,
  executionMs: 365 * 24 * 60 * 60 * 1000,
  nameLength: 80,
  seconds: 99_999_999,
  inlineMapConcurrency: 40,
} as const;

/** Whether the UTF-8 form of the text is longer than that many bytes. */
export const exceeds = (text: string, bytes: number): boolean =>
  text.length > bytes ||
  (text.length * 3 > bytes && Buffer.byteLength(text) > bytes);
