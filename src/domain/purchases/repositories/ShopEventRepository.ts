import { eq, sql } from "drizzle-orm";
import type { Database } from "@/infrastructure/persistence/Database";
import { unnest } from "@/infrastructure/persistence/unnest";
import type { GroupId } from "@/utils/ids";
import { type ShopEvent, shopEvents } from "../db/schema";

export type NewShopEvent = Omit<ShopEvent, "createdAt">;

export class ShopEventRepository {
    constructor(private readonly db: Database) {}

    /** Told twice under one key, it happened once. */
    async add(rows: readonly NewShopEvent[]): Promise<void> {
        if (rows.length === 0) return;
        await this.db.current.execute(sql`
            insert into ${shopEvents}
                (id, merchant_id, idempotency_key, custom_type, data, group_id, occurred_at)
            select * from ${unnest(rows, {
                id: "uuid",
                merchantId: "uuid",
                idempotencyKey: "text",
                customType: "text",
                data: "jsonb",
                groupId: "uuid",
                occurredAt: "timestamptz",
            })}
            on conflict do nothing`);
    }

    async reassign(from: GroupId, into: GroupId): Promise<void> {
        await this.db.current
            .update(shopEvents)
            .set({ groupId: into })
            .where(eq(shopEvents.groupId, from));
    }
}
