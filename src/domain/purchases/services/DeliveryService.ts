import { ConflictError, DomainError, NotFoundError } from "@/utils/errors";
import type { DeliveryId, MerchantId } from "@/utils/ids";
import { type LosslessJson, parseLossless } from "@/utils/json";
import type { Clock } from "@/utils/time";
import type { Delivery, Platform } from "../db/schema";
import type {
    DeliveryRepository,
    DeliverySummary,
    Health,
    PageQuery,
    Processed,
} from "../repositories/DeliveryRepository";
import { adapterOf } from "./adapters/adapterOf";
import { eventTopic } from "./adapters/custom";
import type { EventReport, Notice, OrderReport, Reading } from "./OrderReport";

/** What a delivery turned out to be. `dead` is for people to look at: it will not get better by itself. */
export type Read =
    | { outcome: "report"; delivery: Delivery; report: OrderReport }
    | { outcome: "event"; delivery: Delivery; event: EventReport }
    | { outcome: "notice"; delivery: Delivery; notice: Notice }
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
            const { topic, platform, receivedAt } = delivery;
            // An event's data is the merchant's own and is kept as it is; orders have amounts in them.
            const parse = topic === eventTopic ? JSON.parse : parseLossless;
            const body = parse(withoutNul(text)) as LosslessJson;
            return asRead(delivery, adapterOf(platform).read(topic, body, receivedAt));
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

    /** How the deliveries of a platform have fared. */
    healthOf(merchantId: MerchantId, platform: Platform): Promise<Health> {
        return this.deliveries.healthOf({ merchantId, platform, now: this.clock.now() });
    }

    /**
     * Has a delivery processed once more, whatever became of it: doing so twice changes nothing. Throws
     * `DELIVERY_NOT_FOUND`, or `DELIVERY_ERASED` when its body was erased with a person's data.
     */
    async replay(merchantId: MerchantId, id: DeliveryId): Promise<DeliverySummary> {
        const known = await this.deliveries.find(merchantId, id);
        if (!known) throw new NotFoundError("DELIVERY_NOT_FOUND", "There is no such delivery");
        const replayed = await this.deliveries.makeDue(id, this.clock.now());
        if (replayed) return replayed;
        throw new ConflictError("DELIVERY_ERASED", "What this delivery said was erased");
    }
}

function asRead(delivery: Delivery, reading: Reading): Read {
    if ("ignored" in reading) return { outcome: "ignored", delivery, reason: reading.ignored };
    if ("event" in reading) return { outcome: "event", delivery, event: reading.event };
    if ("notice" in reading) return { outcome: "notice", delivery, notice: reading.notice };
    return { outcome: "report", delivery, report: reading.report };
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
