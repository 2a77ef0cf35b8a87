import { readFile } from "node:fs/promises";
import type { IncomingMessage, ServerResponse } from "node:http";
import * as z from "zod";
import type { Answer } from "./answer.ts";
import type { Carrier } from "./carrier.ts";

/** A page of another site cannot talk to the handset through the reader's browser. */
export const fromHere = ({ headers }: IncomingMessage) =>
  /^(localhost|127\.0\.0\.1|\[::1\])(:\d+)?$/.test(headers.host ?? "") &&
  (headers.origin === undefined ||
    headers.origin === `http://${headers.host ?? ""}`);

export const readJson = async (request: IncomingMessage): Promise<unknown> => {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  return JSON.parse(Buffer.concat(chunks).toString() || "{}");
};

export const sendAnswer = (
  response: ServerResponse,
  { status, body }: Answer,
) => {
  response.writeHead(status, { "content-type": "application/x-amz-json-1.0" });
  response.end(JSON.stringify(body));
};

export const failure = (error: unknown): Answer =>
  error instanceof z.ZodError
    ? { status: 400, body: { message: z.prettifyError(error) } }
    : {
        status: 400,
        body: {
          message: error instanceof Error ? error.message : String(error),
        },
      };

export const sendPage = async (response: ServerResponse) => {
  response.writeHead(200, {
    "content-type": "text/html; charset=utf-8",
    "content-security-policy": policy,
  });
  response.end(await readFile(new URL("page.html", import.meta.url)));
};

const policy =
  "default-src 'none'; style-src 'unsafe-inline'; script-src 'unsafe-inline'; connect-src 'self'; img-src data:";

export const streamChanges = (
  world: Carrier,
  request: IncomingMessage,
  response: ServerResponse,
) => {
  response.writeHead(200, {
    "content-type": "text/event-stream",
    "cache-control": "no-store",
  });
  const show = () =>
    response.write(
      `data: ${JSON.stringify({ messages: world.messages().slice(-1000), contacts: world.contacts(), optedOut: [...world.optedOut] })}\n\n`,
    );
  show();
  request.on("close", world.watch(show));
};
