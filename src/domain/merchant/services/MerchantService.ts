import { LRUCache } from "lru-cache";
import type { Address } from "viem";
import { ConflictError, ForbiddenError, InvalidError, NotFoundError } from "@/utils/errors";
import { type MerchantId, newId } from "@/utils/ids";
import type { Asset } from "@/utils/money";
import { type Clock, seconds } from "@/utils/time";
import type {
    Merchant,
    MerchantRepository,
    PageQuery,
    Role,
} from "../repositories/MerchantRepository";
import type { DomainProofService } from "./DomainProofService";
import { domainName } from "./domainName";

export type MerchantView = Merchant & { domains: string[]; role: Role };
export type Registration = {
    name: string;
    domain: string;
    rewardAsset: Address | undefined;
    owner: Address;
};

export type ProvenRegistration = Omit<Registration, "rewardAsset"> & { rewardAsset: Address };

/** Each role may do what the ones after it may. */
const ranks: readonly Role[] = ["owner", "admin", "campaignManager", "viewer"];

export class MerchantService {
    /** For the many requests that only ask whether a merchant exists. Merchants are never deleted. */
    private readonly known = new LRUCache<MerchantId, Merchant>({ max: 10_000, ttl: seconds(5) });

    private readonly domains = new LRUCache<string, boolean>({ max: 10_000, ttl: seconds(5) });

    constructor(
        private readonly merchants: MerchantRepository,
        private readonly proofs: DomainProofService,
        private readonly assets: readonly Asset[],
        private readonly clock: Clock
    ) {}

    /**
     * A registration whose domain is proven to be the owner's. Asks the DNS. Throws `DOMAIN_INVALID`,
     * `UNKNOWN_ASSET` or `DNS_NOT_VERIFIED`.
     */
    async prove({ name, owner, ...asked }: Registration): Promise<ProvenRegistration> {
        const domain = domainName(asked.domain);
        const rewardAsset = this.assetOf(asked.rewardAsset).address;
        await this.proofs.assertProven(domain, owner);
        return { name, owner, domain, rewardAsset };
    }

    /** Must be called in a transaction. Throws `DOMAIN_TAKEN`. */
    async add({ name, owner, domain, rewardAsset }: ProvenRegistration): Promise<MerchantView> {
        const createdAt = this.clock.now();
        const id = newId<MerchantId>();
        const merchant: Merchant = {
            id,
            name,
            rewardAsset,
            mode: "live",
            timeZone: "UTC",
            createdAt,
        };
        await this.merchants.add(merchant);
        const claim = { domain, merchantId: id, isMain: true, verifiedAt: createdAt };
        if (!(await this.merchants.addDomain(claim))) {
            throw new ConflictError("DOMAIN_TAKEN", `${domain} belongs to another merchant`);
        }
        await this.merchants.setRole(id, owner, "owner");
        return { ...merchant, domains: [domain], role: "owner" };
    }

    /** Throws `MERCHANT_NOT_FOUND`. */
    async get(id: MerchantId): Promise<Merchant> {
        const merchant = await this.find(id);
        if (!merchant) throw notFound();
        return merchant;
    }

    async find(id: MerchantId): Promise<Merchant | undefined> {
        const known = this.known.get(id);
        if (known) return known;
        const merchant = await this.merchants.find(id);
        if (merchant) this.known.set(id, merchant);
        return merchant;
    }

    /** Other processes know of it within seconds. Throws `MERCHANT_NOT_FOUND` or `TIME_ZONE_INVALID`. */
    async change(
        id: MerchantId,
        { name, timeZone }: { name?: string | undefined; timeZone?: string | undefined }
    ): Promise<void> {
        const merchant = await this.get(id);
        if (timeZone) assertTimeZone(timeZone);
        await this.merchants.update(id, {
            name: name ?? merchant.name,
            timeZone: timeZone ?? merchant.timeZone,
        });
        this.known.delete(id);
    }

    /** The merchant that proved this host name. Throws `DOMAIN_INVALID` or `MERCHANT_NOT_FOUND`. */
    async ofDomain(text: string): Promise<Merchant> {
        const id = await this.merchants.findByDomain(domainName(text));
        if (!id) throw notFound();
        return this.get(id);
    }

    /** All that it proved, the main one first. */
    async domainsOf(id: MerchantId): Promise<string[]> {
        return (await this.merchants.findDomainsOf([id])).get(id) ?? [];
    }

    /** Whether some merchant proved this host name; cached, because every page of a shop asks. */
    async isProvenDomain(hostname: string): Promise<boolean> {
        const domain = hostname.replace(/^www\./, "");
        const known = this.domains.get(domain);
        if (known !== undefined) return known;
        const isProven = await this.merchants.hasDomain(domain);
        this.domains.set(domain, isProven);
        return isProven;
    }

    /** Whether this very merchant proved the host name. */
    async isDomainOf(id: MerchantId, hostname: string): Promise<boolean> {
        const domains = await this.merchants.findDomainsOf([id]);
        return domains.get(id)?.includes(hostname.replace(/^www\./, "")) ?? false;
    }

    /** Where a share link leads. */
    async mainDomain(id: MerchantId): Promise<string> {
        const domains = await this.merchants.findDomainsOf([id]);
        const [domain] = domains.get(id) ?? [];
        if (!domain) throw notFound();
        return domain;
    }

    async view(id: MerchantId, role: Role): Promise<MerchantView> {
        const [merchant, domains] = await Promise.all([
            this.get(id),
            this.merchants.findDomainsOf([id]),
        ]);
        return { ...merchant, domains: domains.get(id) ?? [], role };
    }

    async list(wallet: Address, page: PageQuery): Promise<MerchantView[]> {
        const found = await this.merchants.findOf(wallet, page);
        const domains = await this.merchants.findDomainsOf(
            found.map(({ merchant }) => merchant.id)
        );
        return found.map(({ merchant, role }) => ({
            ...merchant,
            role,
            domains: domains.get(merchant.id) ?? [],
        }));
    }

    /**
     * The wallet's role, if it is `least` or more. To whoever has no role at all the merchant does not exist
     * (`MERCHANT_NOT_FOUND`); a lesser role is `ROLE_TOO_LOW`.
     */
    async assertRole(id: MerchantId, wallet: Address, least: Role): Promise<Role> {
        const role = await this.merchants.findRole(id, wallet);
        if (!role) throw notFound();
        if (ranks.indexOf(role) <= ranks.indexOf(least)) return role;
        throw new ForbiddenError("ROLE_TOO_LOW", `This takes the role ${least}; yours is ${role}`);
    }

    /** The asset a merchant pays in. */
    assetOf(address: Address | undefined): Asset {
        const found = this.assets.find((asset) => !address || asset.address === address);
        if (found) return found;
        throw new InvalidError("UNKNOWN_ASSET", "Rewards cannot be paid in this token here");
    }
}

const notFound = () => new NotFoundError("MERCHANT_NOT_FOUND", "There is no such merchant");

/** By its name in the IANA database. */
function assertTimeZone(timeZone: string): void {
    try {
        new Intl.DateTimeFormat("en", { timeZone });
    } catch {
        throw new InvalidError("TIME_ZONE_INVALID", `There is no time zone called ${timeZone}`);
    }
}
