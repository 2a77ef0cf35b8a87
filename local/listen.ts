import { Server as HttpServer } from "node:http";
import type { AddressInfo, Server } from "node:net";

/** Listens on loopback; port 0 takes a free one. `close` also ends connections that are kept alive. */
export const listen = async (
  server: Server,
  port: number,
): Promise<{ url: string; close: () => Promise<void> }> => {
  // A request into a connection that is just being closed is lost, so whoever keeps one open keeps it.
  if (server instanceof HttpServer) server.keepAliveTimeout = 0;
  await new Promise<void>((resolve, reject) => {
    server.once("error", reject);
    server.listen(port, "127.0.0.1", resolve);
  });
  const { port: taken } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${taken}`,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        if (server instanceof HttpServer) server.closeAllConnections();
      }),
  };
};
