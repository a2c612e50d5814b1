import { lookup } from "node:dns/promises";
import { BlockList, isIPv6 } from "node:net";
import { InvalidError } from "@/utils/errors";

/** Loopback, private, link-local, carrier and other ranges that no shop is reached at (RFC 6890). */
const notPublic = new BlockList();
for (const [net, prefix] of [
    ["0.0.0.0", 8],
    ["10.0.0.0", 8],
    ["100.64.0.0", 10],
    ["127.0.0.0", 8],
    ["169.254.0.0", 16],
    ["172.16.0.0", 12],
    ["192.0.0.0", 24],
    ["192.168.0.0", 16],
    ["198.18.0.0", 15],
    ["224.0.0.0", 3],
] as const) {
    notPublic.addSubnet(net, prefix, "ipv4");
}
for (const [net, prefix] of [
    ["64:ff9b::", 96],
    ["fc00::", 7],
    ["fe80::", 10],
    ["ff00::", 8],
] as const) {
    notPublic.addSubnet(net, prefix, "ipv6");
}

/** What begins with `::` is loopback, or an IPv4 address in disguise. */
export const isPublicAddress = (address: string): boolean =>
    !address.startsWith("::") && !notPublic.check(address, isIPv6(address) ? "ipv6" : "ipv4");

/** Throws `ADDRESS_NOT_PUBLIC` for what is not HTTPS, or leads into our own network. */
export async function assertPublic(url: URL): Promise<void> {
    const addresses = await lookup(url.hostname.replace(/^\[|\]$/g, ""), { all: true });
    const isPublic = addresses.every(({ address }) => isPublicAddress(address));
    if (url.protocol === "https:" && isPublic) return;
    throw new InvalidError("ADDRESS_NOT_PUBLIC", "This address is not a public one");
}
