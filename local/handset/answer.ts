/** What a send API answers; `undefined` as a whole stands for a connection that breaks before the answer. */
export interface Answer {
  readonly status: number;
  readonly body: unknown;
}

export const awsError = (
  status: number,
  type: string,
  message: string,
  more: object = {},
): Answer => ({
  status,
  body: { __type: type, Message: message, message, ...more },
});
