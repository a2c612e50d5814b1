import { type Address, keccak256, toBytes } from "viem";
import type { TxtResolver } from "@/infrastructure/dns/TxtResolver";
import { UnprocessableError } from "@/utils/errors";
import { domainName } from "./domainName";

/** Who controls a host name: whoever can put a TXT record there that only we could have told them. */
export class DomainProofService {
    constructor(
        private readonly dns: TxtResolver,
        private readonly salt: string,
        private readonly isDevelopment: boolean
    ) {}

    /** What to set in the DNS to prove a domain to be this wallet's. Throws `DOMAIN_INVALID`. */
    challengeFor(text: string, wallet: Address): { domain: string; type: "TXT"; record: string } {
        const domain = domainName(text);
        return { domain, type: "TXT", record: this.recordFor(domain, wallet) };
    }

    /** Throws `DNS_NOT_VERIFIED`. In development, names under .localhost prove themselves. */
    async assertProven(domain: string, wallet: Address): Promise<void> {
        if (this.isDevelopment && domain.endsWith(".localhost")) return;
        const records = await this.dns.resolve(domain);
        const record = this.recordFor(domain, wallet);
        if (records.includes(record)) return;
        throw new UnprocessableError(
            "DNS_NOT_VERIFIED",
            `Set this TXT record on ${domain} and try again: ${record}`
        );
    }

    private recordFor(domain: string, wallet: Address): string {
        const proof = keccak256(toBytes(`${domain}${wallet.toLowerCase()}${this.salt}`));
        return `commend-verification=${proof}`;
    }
}
