import type { Lookups } from "@/infrastructure/crypto/Lookups";
import type { MerchantId } from "@/utils/ids";
import type { Platform } from "../db/schema";
import type { BuyerRepository } from "../repositories/BuyerRepository";
import type { DeliveryBodyRepository } from "../repositories/DeliveryBodyRepository";
import { customerLookupOf, emailLookupOf } from "./lookupsOf";

export type ErasedCustomer = {
    merchantId: MerchantId;
    platform: Platform;
    customerId: string;
    email: string | undefined;
};

/** Forgets who bought. Orders and their amounts stay: the books must go on to balance. */
export class PurchaseErasureService {
    constructor(
        private readonly buyers: BuyerRepository,
        private readonly bodies: DeliveryBodyRepository,
        private readonly lookups: Lookups
    ) {}

    /** Must be called in a transaction. Saying it twice changes nothing. */
    async eraseCustomer(customer: ErasedCustomer): Promise<void> {
        const { merchantId, platform, customerId, email } = customer;
        const named = {
            merchantId,
            customerLookup: customerLookupOf(this.lookups, platform, customerId),
            emailLookup: email ? emailLookupOf(this.lookups, email) : undefined,
        };
        const orders = await this.buyers.findOrdersNaming(named);
        await this.bodies.blankOfOrders(
            merchantId,
            orders.map(({ externalId }) => externalId)
        );
        await this.eraseUnnamed(customer);
        await this.buyers.eraseNamed(named);
    }

    /** Everything that a shop sent, once it asks for that. */
    async eraseShop(merchantId: MerchantId, platform: Platform): Promise<void> {
        await this.bodies.blankAll(merchantId, platform);
    }

    /** The request itself, dead letters and whatever else names the person outside of an order. */
    private async eraseUnnamed({ merchantId, customerId, email }: ErasedCustomer): Promise<void> {
        const named = email?.toLowerCase();
        const unnamed = await this.bodies.findUnnamed(merchantId);
        const theirs = unnamed.filter(({ body }) => {
            const text = Buffer.from(body).toString().toLowerCase();
            return isNumberIn(customerId, text) || (named !== undefined && text.includes(named));
        });
        await this.bodies.blank(theirs.map(({ id }) => id));
    }
}

/** As a number of its own, not as digits of a longer one. */
const isNumberIn = (digits: string, text: string): boolean => text.split(/[^\d]+/).includes(digits);
