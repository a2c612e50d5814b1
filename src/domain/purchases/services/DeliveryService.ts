import { DomainError } from "@/utils/errors";
import type { DeliveryId, MerchantId } from "@/utils/ids";
import { parseLossless } from "@/utils/json";
import type { Clock } from "@/utils/time";
import type { Delivery } from "../db/schema";
import type {
    DeliveryRepository,
    DeliverySummary,
    PageQuery,
    Processed,
} from "../repositories/DeliveryRepository";
import { readShopify } from "./adapters/shopify";
import type { OrderReport } from "./OrderReport";

/** What a delivery turned out to be. `dead` is for people to look at: it will not get better by itself. */
export type Read =
    | { outcome: "report"; delivery: Delivery; report: OrderReport }
    | { outcome: "ignored" | "dead"; delivery: Delivery; reason: string };

/** About a day of attempts, ever further apart. */
const maxAttempts = 35;

export class DeliveryService {
    constructor(
        private readonly deliveries: DeliveryRepository,
        private readonly clock: Clock
    ) {}

    lockDue(limit: number, ids?: readonly DeliveryId[]): Promise<Delivery[]> {
        return this.deliveries.lockDue(this.clock.now(), limit, ids);
    }

    read(delivery: Delivery): Read {
        try {
            const text = new TextDecoder("utf-8", { fatal: true }).decode(delivery.body);
            const reading = readShopify(delivery.topic, parseLossless(withoutNul(text)));
            if ("ignored" in reading) {
                return { outcome: "ignored", delivery, reason: reading.ignored };
            }
            return { outcome: "report", delivery, report: reading.report };
        } catch (error) {
            return { outcome: "dead", delivery, reason: reasonOf(error) };
        }
    }

    async close(processed: readonly Processed[]): Promise<void> {
        await this.deliveries.close(processed);
    }

    async postpone(id: DeliveryId, reason: string): Promise<void> {
        await this.deliveries.postpone(id, reason, maxAttempts);
    }

    list(merchantId: MerchantId, page: PageQuery): Promise<DeliverySummary[]> {
        return this.deliveries.findOfMerchant(merchantId, page);
    }
}

/** Postgres stores no NUL in text, and no order needs one. */
const withoutNul = (text: string): string => text.replaceAll("\\u0000", "").replaceAll("\0", "");

/** Which field is at fault, never what it held: the reason is shown and kept, personal data is not. */
function reasonOf(error: unknown): string {
    if (error instanceof SyntaxError) return "The body is not JSON";
    if (error instanceof TypeError) return "The body is not UTF-8";
    if (!(error instanceof DomainError)) throw error;
    const fields = (error.details ?? []).map(({ path, message }) => `${path}: ${message}`);
    return [error.code, ...fields].join("; ").slice(0, 1_000);
}
