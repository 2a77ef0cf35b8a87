import { lookup as resolveHost } from "node:dns/promises";
import https from "node:https";
import { BlockList, isIPv6, type LookupFunction } from "node:net";
import type { Posted, PostFailure } from "../core/subscription-delivery.ts";
import type { DataClass } from "../core/agreement.ts";

/**
 * Endpoints of others. A request has 5 seconds, follows no redirect and goes to public addresses only, of hosts whose vendor
 * is bound by an agreement; what comes back is not read.
 */
export interface WebHook {
  post(request: HookRequest): Promise<Posted>;
}

export interface HookRequest {
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
  /** What the receiver learns by it. */
  readonly tells: readonly DataClass[];
}

export interface HookOptions {
  /** The organization's own networks, which requests may go to, as `10.20.0.0/16`. */
  readonly networks: readonly string[];
  /** Whether whoever answers at a host outside them may learn this. */
  readonly mayLearn: (host: string, tells: readonly DataClass[]) => boolean;
  readonly resolve?: (host: string) => Promise<readonly string[]>;
  /** Milliseconds from the first byte of the question for an address to the answer's status. */
  readonly patience?: number;
}

export const liveWebHook = ({
  networks,
  mayLearn,
  resolve = addressesOf,
  patience = 5_000,
}: HookOptions): WebHook => {
  const allowed = networkSet(networks);
  const mayGo = (address: string): boolean =>
    allowed(address) || !reserved(address);
  return {
    post: async ({ url, headers, body, tells }) => {
      const { protocol, hostname, port, pathname, search } = new URL(url);
      if (protocol !== "https:") return failed("forbidden-address");
      const host = hostname.replace(/^\[|\]$/g, "");
      const signal = AbortSignal.timeout(patience);
      const addresses = await Promise.race([
        resolve(host).catch((): readonly string[] => []),
        aborted(signal),
      ]);
      if (addresses === undefined) return failed("timeout");
      const [address] = addresses;
      if (address === undefined) return failed("unresolved");
      if (!addresses.every(mayGo)) return failed("forbidden-address");
      if (!addresses.every(allowed) && !mayLearn(host.toLowerCase(), tells))
        return failed("vendor-agreement");
      return new Promise<Posted>((done) => {
        https
          .request(
            {
              method: "POST",
              hostname: host,
              port: port === "" ? 443 : Number(port),
              path: `${pathname}${search}`,
              headers: {
                ...headers,
                "content-length": String(Buffer.byteLength(body)),
              },
              // The address that was looked at is the one that is connected to.
              lookup: answering(address),
              agent: false,
              signal,
            },
            (response) => {
              done({ outcome: "answered", status: response.statusCode ?? 0 });
              response.destroy();
            },
          )
          .on("error", (error) => {
            done(failed(reasonOf(error)));
          })
          .end(body);
      });
    },
  };
};

const failed = (why: PostFailure): Posted => ({
  outcome: "failed",
  reason: why,
});

const addressesOf = async (host: string): Promise<readonly string[]> =>
  (await resolveHost(host, { all: true })).map(({ address }) => address);

const aborted = (signal: AbortSignal): Promise<undefined> =>
  new Promise((resolve) => {
    signal.addEventListener("abort", () => {
      resolve(undefined);
    });
  });

const answering =
  (address: string): LookupFunction =>
  (_host, { all }, callback) => {
    const family = isIPv6(address) ? 6 : 4;
    if (all === true) callback(null, [{ address, family }]);
    else callback(null, address, family);
  };

/** Whether an address is in one of the networks; apart by family, because a BlockList takes an IPv4 address for a mapped IPv6 one. */
const networkSet = (
  networks: readonly string[],
): ((address: string) => boolean) => {
  const lists = { ipv4: new BlockList(), ipv6: new BlockList() };
  for (const network of networks) {
    const [address = "", bits] = network.split("/");
    const family = familyOf(address);
    lists[family].addSubnet(address, Number(bits), family);
  }
  return (address) => {
    const family = familyOf(address);
    return lists[family].check(address, family);
  };
};

const familyOf = (address: string): "ipv4" | "ipv6" =>
  isIPv6(address) ? "ipv6" : "ipv4";

/**
 * What is not the public internet (IANA special-purpose registries, RFC 6890): this host, private, shared, link-local with
 * the metadata service, test, multicast, and the forms of IPv6 that hide an IPv4 address.
 */
const reserved = networkSet([
  ...["0.0.0.0/8", "10.0.0.0/8", "100.64.0.0/10", "127.0.0.0/8"],
  ...["169.254.0.0/16", "172.16.0.0/12", "192.0.0.0/24", "192.0.2.0/24"],
  ...["192.88.99.0/24", "192.168.0.0/16", "198.18.0.0/15", "198.51.100.0/24"],
  ...["203.0.113.0/24", "224.0.0.0/4", "240.0.0.0/4"],
  ...["::/96", "::ffff:0:0/96", "64:ff9b::/96", "64:ff9b:1::/48", "100::/64"],
  ...["2001::/23", "2001:db8::/32", "2002::/16", "3fff::/20", "5f00::/16"],
  ...["fc00::/7", "fe80::/10", "fec0::/10", "ff00::/8"],
]);

const reasonOf = (error: Error & { code?: string }): PostFailure => {
  if (error.name === "AbortError" || error.name === "TimeoutError")
    return "timeout";
  const { code = "" } = error;
  return /CERT|SELF_SIGNED|ALTNAME|^EPROTO$|^ERR_(SSL|TLS)|UNABLE_TO_/.test(
    code,
  )
    ? "tls"
    : "unreachable";
};
