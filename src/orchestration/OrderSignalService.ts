import type { ShareCodeService } from "@/domain/referral";
import type { GroupId, MerchantId } from "@/utils/ids";
import { readLanding } from "./readLanding";

export type OrderOfPerson = {
    merchantId: MerchantId;
    groupId: GroupId;
    /** As the shop writes them, in its own order. */
    discountCodes: readonly string[];
    /** The page that the order's visit began on, with or without its host. */
    landingUrl: string | null;
};
/** `code` is the strongest signal there is; `landing` is weaker than any arrival through a code. */
export type OrderSignals = {
    code: { referrerGroupId: GroupId; code: string } | undefined;
    landing: { referrerGroupId: GroupId; code: string; source: "referral" | "code" } | undefined;
};

/** What orders themselves say of who brought their buyers. */
export class OrderSignalService {
    constructor(private readonly codes: ShareCodeService) {}

    /** By place. Two statements, however many orders. One's own code is no signal. */
    async signalsOf(orders: readonly OrderOfPerson[]): Promise<OrderSignals[]> {
        const landings = orders.map(({ merchantId, landingUrl }) => ({
            merchantId,
            referralCode: codeIn(landingUrl),
        }));
        const [owners, landed] = await Promise.all([
            this.codes.ownersOfOrders(
                orders.map(({ merchantId, discountCodes: codes }) => ({ merchantId, codes }))
            ),
            this.codes.ownersOf(landings),
        ]);
        return orders.map(({ groupId }, position) => {
            const [owner, lander] = [owners[position], landed[position]];
            const code = landings[position]?.referralCode ?? "";
            return {
                code:
                    owner && owner.groupId !== groupId
                        ? { referrerGroupId: owner.groupId, code: owner.code }
                        : undefined,
                landing:
                    lander && lander.groupId !== groupId
                        ? { referrerGroupId: lander.groupId, code, source: lander.source }
                        : undefined,
            };
        });
    }
}

/** Shopify's `landing_site` has no host. */
function codeIn(landingUrl: string | null): string | undefined {
    if (landingUrl === null) return undefined;
    const url = URL.parse(landingUrl, "https://shop.invalid");
    const signals = { landingUrl: url?.href, referralCode: undefined, utm: undefined };
    return readLanding(signals).referralCode;
}
