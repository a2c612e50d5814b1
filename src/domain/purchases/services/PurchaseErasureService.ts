import type { Lookups } from "@/infrastructure/crypto/Lookups";
import type { MerchantId } from "@/utils/ids";
import type { Platform } from "../db/schema";
import type { DeliveryRepository } from "../repositories/DeliveryRepository";
import type { PurchaseRepository } from "../repositories/PurchaseRepository";
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
        private readonly purchases: PurchaseRepository,
        private readonly deliveries: DeliveryRepository,
        private readonly lookups: Lookups
    ) {}

    /** Must be called in a transaction. Saying it twice changes nothing. */
    async eraseCustomer(customer: ErasedCustomer): Promise<void> {
        const { merchantId, platform, customerId, email } = customer;
        const lookups = {
            customerLookup: customerLookupOf(this.lookups, platform, customerId),
            emailLookup: email ? emailLookupOf(this.lookups, email) : undefined,
        };
        const orders = await this.purchases.findExternalIds(merchantId, lookups);
        await this.deliveries.eraseBodies(merchantId, orders);
        await this.eraseUnnamed(customer);
        await this.purchases.eraseBuyers(merchantId, lookups);
    }

    /** Everything that a shop sent, once it asks for that. */
    async eraseShop(merchantId: MerchantId, platform: Platform): Promise<void> {
        await this.deliveries.eraseAllBodies(merchantId, platform);
    }

    /** The request itself, dead letters and whatever else names the person outside of an order. */
    private async eraseUnnamed({ merchantId, customerId, email }: ErasedCustomer): Promise<void> {
        const named = email?.toLowerCase();
        const unnamed = await this.deliveries.findUnnamed(merchantId);
        const theirs = unnamed.filter(({ body }) => {
            const text = Buffer.from(body).toString().toLowerCase();
            return isNumberIn(customerId, text) || (named !== undefined && text.includes(named));
        });
        await this.deliveries.eraseBodiesOf(theirs.map(({ id }) => id));
    }
}

/** As a number of its own, not as digits of a longer one. */
const isNumberIn = (digits: string, text: string): boolean => text.split(/[^\d]+/).includes(digits);
