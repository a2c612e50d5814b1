import { config } from "@/infrastructure/config";
import { asItCame } from "../withVersion";

type Asking = {
    request: Request;
    server: { requestIP(request: Request): { address: string } | null } | null;
};

/** A socket that takes both kinds names an IPv4 peer as `::ffff:10.0.0.1`. */
const plain = (address: string): string => address.replace(/^::ffff:(?=\d+\.)/i, "");

const trusted = new Set(config.TRUSTED_PROXIES.map(plain));

/**
 * Where a request comes from: the socket's address, unless that is a proxy we trust, which then says. A
 * header from anybody else is not believed.
 */
export function clientAddress({ request, server }: Asking): string {
    const peer = plain(server?.requestIP(asItCame(request))?.address ?? "unknown");
    if (!trusted.has(peer)) return peer;
    const hops = (request.headers.get("x-forwarded-for") ?? "")
        .split(",")
        .map((hop) => plain(hop.trim()));
    return hops.findLast((hop) => hop && !trusted.has(hop)) ?? peer;
}
