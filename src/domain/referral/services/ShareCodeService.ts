import { LRUCache } from "lru-cache";
import type { GroupId, MerchantId } from "@/utils/ids";
import { minutes } from "@/utils/time";
import type {
    CodeOwner,
    CodeQuery,
    OrderCodes,
    OrderOwner,
    ShareCodeRepository,
} from "../repositories/ShareCodeRepository";
import { randomText } from "./randomText";

/** Bitcoin's base58: no 0, O, I or l, which people mistake for one another. */
const base58 = "123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz";
const codeLength = 8;
const maxAttempts = 5;

export type Coded = { merchantId: MerchantId; referralCode: string | undefined };

/** Whose a code is, whether it is a shop's share code or a person's own. */
export class ShareCodeService {
    private readonly owners = new LRUCache<string, CodeOwner>({ max: 100_000, ttl: minutes(1) });

    constructor(private readonly codes: ShareCodeRepository) {}

    /** The person's share code at this shop, made the first time it is asked for. */
    async codeOf(groupId: GroupId, merchantId: MerchantId): Promise<string> {
        for (let attempt = 0; attempt < maxAttempts; attempt++) {
            const code = await this.codes.findCurrent(groupId, merchantId);
            if (code) return code;
            await this.codes.add(randomText(base58, codeLength), groupId, merchantId);
        }
        throw new Error(`No free share code after ${maxAttempts} attempts`);
    }

    /**
     * Who shared the code of each, as of a minute ago at most; nobody for no code, an unknown one, or one of
     * another shop.
     */
    async ownersOf(asked: readonly Coded[]): Promise<(CodeOwner | undefined)[]> {
        const unknown = asked.filter(isCoded).filter((one) => !this.owners.has(nameOf(one)));
        const found = await this.codes.findOwners(unknown);
        for (const [index, one] of unknown.entries()) {
            const owner = found.get(index);
            if (owner) this.owners.set(nameOf(one), owner);
        }
        return asked.map((one) => (isCoded(one) ? this.owners.get(nameOf(one)) : undefined));
    }

    /**
     * For each order, by place, whose code it was placed with: the first of its codes (in any case) that is
     * somebody's. One statement for all of them.
     */
    async ownersOfOrders(orders: readonly OrderCodes[]): Promise<(OrderOwner | undefined)[]> {
        const found = await this.codes.findOwnersOfOrders(orders);
        return orders.map((_, position) => found.get(position));
    }
}

const isCoded = (one: Coded): one is CodeQuery => one.referralCode !== undefined;
const nameOf = ({ merchantId, referralCode }: CodeQuery): string => `${merchantId}:${referralCode}`;
