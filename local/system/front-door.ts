import { Agent, createServer, request } from "node:http";
import { listen } from "../listen.ts";

export interface FrontDoor {
  /** The API under the path of its stage, as a custom domain would show it. */
  readonly url: string;
  readonly close: () => Promise<void>;
}

/**
 * The emulator serves an API under a path of its own and does not say by which scheme it was reached, so the links that
 * the API makes lead nowhere. Behind this door they lead here: the path is the stage's, the scheme is told.
 */
export const openFrontDoor = async (
  api: string,
  port: number,
): Promise<FrontDoor> => {
  const target = new URL(api);
  const [, stage = ""] = /\/([^/]+)$/u.exec(target.pathname) ?? [];
  const before = target.pathname.slice(0, -stage.length - 1);
  // A connection of its own for each request: none is just being closed at the other end.
  const agent = new Agent({ keepAlive: false });
  const server = createServer((incoming, outgoing) => {
    const forwarded = request(
      {
        ...{ agent, host: target.hostname, port: target.port },
        method: incoming.method,
        path: `${before}${incoming.url ?? "/"}`,
        headers: { ...incoming.headers, "x-forwarded-proto": "http" },
      },
      (answer) => {
        outgoing.writeHead(answer.statusCode ?? 502, answer.headers);
        answer.pipe(outgoing);
      },
    );
    forwarded.on("error", () => outgoing.writeHead(502).end());
    incoming.pipe(forwarded);
  });
  const { url, close } = await listen(server, port);
  return { url: `${url}/${stage}`, close };
};
