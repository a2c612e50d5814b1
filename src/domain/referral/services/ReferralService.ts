import { LRUCache } from "lru-cache";
import type { GroupId, MerchantId } from "@/utils/ids";
import { minutes } from "@/utils/time";
import type { CodeQuery, ShareCodeRepository } from "../repositories/ShareCodeRepository";

/** Bitcoin's base58: no 0, O, I or l, which people mistake for one another. */
const base58 = "123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz";
const codeLength = 8;
const maxAttempts = 5;

export type Coded = { merchantId: MerchantId; referralCode: string | undefined };

export class ReferralService {
    private readonly owners = new LRUCache<string, GroupId>({ max: 100_000, ttl: minutes(1) });

    constructor(private readonly codes: ShareCodeRepository) {}

    /** The person's share code at this shop, made the first time it is asked for. */
    async codeOf(groupId: GroupId, merchantId: MerchantId): Promise<string> {
        for (let attempt = 0; attempt < maxAttempts; attempt++) {
            const code = await this.codes.findCurrent(groupId, merchantId);
            if (code) return code;
            await this.codes.add(newCode(), groupId, merchantId);
        }
        throw new Error(`No free share code after ${maxAttempts} attempts`);
    }

    /**
     * Who shared the code of each, as of a minute ago at most; nobody for no code, an unknown one, or one of
     * another shop.
     */
    async ownersOf(asked: readonly Coded[]): Promise<(GroupId | undefined)[]> {
        const unknown = asked.filter(isCoded).filter((one) => !this.owners.has(nameOf(one)));
        const found = await this.codes.findOwners(unknown);
        for (const [index, one] of unknown.entries()) {
            const owner = found.get(index);
            if (owner) this.owners.set(nameOf(one), owner);
        }
        return asked.map((one) => (isCoded(one) ? this.owners.get(nameOf(one)) : undefined));
    }
}

const isCoded = (one: Coded): one is CodeQuery => one.referralCode !== undefined;
const nameOf = ({ merchantId, referralCode }: CodeQuery): string => `${merchantId}:${referralCode}`;

/** 58^8 codes. Bytes past the last full multiple of 58 are dropped, so that no letter is likelier. */
function newCode(): string {
    const letters: string[] = [];
    while (letters.length < codeLength) {
        for (const byte of crypto.getRandomValues(new Uint8Array(codeLength * 2))) {
            const letter = byte < 232 ? base58[byte % 58] : undefined;
            if (letter) letters.push(letter);
        }
    }
    return letters.slice(0, codeLength).join("");
}
