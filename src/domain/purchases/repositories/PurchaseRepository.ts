import { and, asc, desc, eq, inArray, lt, type SQL, sql } from "drizzle-orm";
import type { Database } from "@/infrastructure/persistence/Database";
import { unnest } from "@/infrastructure/persistence/unnest";
import type { GroupId, MerchantId, PurchaseId } from "@/utils/ids";
import {
    type Platform,
    type Purchase,
    type PurchaseLine,
    type PurchaseRefund,
    purchaseLines,
    purchaseRefunds,
    purchases,
} from "../db/schema";

/** Which order of which shop. Order numbers of different shops never meet. */
export type OrderKey = { merchantId: MerchantId; platform: Platform; externalId: string };
export type PageQuery = { limit: number; before: string | undefined };
/** A person, or what one shop has of them. */
export type Whose = { groupId: GroupId; merchantId: MerchantId | null };
export type PurchaseParts = { lines: PurchaseLine[]; refunds: PurchaseRefund[] };

export class PurchaseRepository {
    constructor(private readonly db: Database) {}

    async find(id: PurchaseId): Promise<Purchase | undefined> {
        const [found] = await this.db.current.select().from(purchases).where(eq(purchases.id, id));
        return found;
    }

    async findMany(ids: readonly PurchaseId[]): Promise<Purchase[]> {
        if (ids.length === 0) return [];
        return this.db.current
            .select()
            .from(purchases)
            .where(inArray(purchases.id, [...ids]));
    }

    async findByOrder(merchantId: MerchantId, externalId: string): Promise<Purchase[]> {
        return this.db.current
            .select()
            .from(purchases)
            .where(and(eq(purchases.merchantId, merchantId), eq(purchases.externalId, externalId)));
    }

    async findOfMerchant(
        merchantId: MerchantId,
        { limit, before, externalId }: PageQuery & { externalId: string | undefined }
    ): Promise<Purchase[]> {
        return this.db.current
            .select()
            .from(purchases)
            .where(
                and(
                    eq(purchases.merchantId, merchantId),
                    before ? lt(purchases.id, before as PurchaseId) : undefined,
                    externalId ? eq(purchases.externalId, externalId) : undefined
                )
            )
            .orderBy(desc(purchases.id))
            .limit(limit);
    }

    /** To whom each order is linked so far, by its place in the list; nothing is locked. */
    async findGroups(keys: readonly OrderKey[]): Promise<Map<number, GroupId>> {
        const input = keys.map((key, position) => ({ ...key, position }));
        const rows = await this.db.rows<{ position: number; groupId: GroupId }>(sql`
            select input.position, purchase.group_id as "groupId"
            from ${unnest(input, { merchantId: "uuid", platform: "text", externalId: "text", position: "integer" })}
            join ${purchases} purchase on purchase.merchant_id = input."merchantId"
                and purchase.platform = input.platform and purchase.external_id = input."externalId"
            where purchase.group_id is not null`);
        return new Map(rows.map(({ position, groupId }) => [position, groupId]));
    }

    /**
     * Keeps orders that nobody has spoken of yet, and says which those were: they are ours until the transaction
     * ends. Who is recording one of the others is waited for.
     */
    async insertNew(rows: readonly Purchase[]): Promise<Set<PurchaseId>> {
        const columns = { ...keyColumns, ...stateColumns };
        const added = await this.db.rows<{ id: PurchaseId }>(sql`
            insert into ${purchases} (${sql.join(Object.keys(columns).map(columnName), sql`, `)})
            select ${sql.join(Object.keys(columns).map(inputOf), sql`, `)}
            from ${unnest(rows, { ...columns, createdAt: "timestamptz", updatedAt: "timestamptz" })}
            order by "merchantId", platform, "externalId"
            on conflict do nothing
            returning id`);
        return new Set(added.map(({ id }) => id));
    }

    /** Ours until the transaction ends. Whoever speaks of an order takes this lock, so that none is missed. */
    async lock(keys: readonly OrderKey[]): Promise<Purchase[]> {
        if (keys.length === 0) return [];
        const input = unnest(keys, { merchantId: "uuid", platform: "text", externalId: "text" });
        return this.db.current
            .select()
            .from(purchases)
            .where(
                sql`(${purchases.merchantId}, ${purchases.platform}, ${purchases.externalId})
                    in (select "merchantId", platform, "externalId" from ${input})`
            )
            .orderBy(asc(purchases.merchantId), asc(purchases.platform), asc(purchases.externalId))
            .for("update", { of: purchases });
    }

    async findParts(ids: readonly PurchaseId[]): Promise<PurchaseParts> {
        if (ids.length === 0) return { lines: [], refunds: [] };
        const lines = await this.db.current
            .select()
            .from(purchaseLines)
            .where(inArray(purchaseLines.purchaseId, [...ids]))
            .orderBy(asc(purchaseLines.purchaseId), asc(purchaseLines.externalId));
        const refunds = await this.db.current
            .select()
            .from(purchaseRefunds)
            .where(inArray(purchaseRefunds.purchaseId, [...ids]))
            .orderBy(asc(purchaseRefunds.purchaseId), asc(purchaseRefunds.externalId));
        return { lines, refunds };
    }

    async update(rows: readonly Purchase[]): Promise<void> {
        if (rows.length === 0) return;
        const changes = Object.keys(stateColumns).map(
            (name) => sql`${columnName(name)} = ${inputOf(name)}`
        );
        await this.db.current.execute(sql`
            update ${purchases} purchase set ${sql.join(changes, sql`, `)}, updated_at = now()
            from ${unnest(rows, { ...keyColumns, ...stateColumns, createdAt: "timestamptz", updatedAt: "timestamptz" })}
            where purchase.id = input.id`);
    }

    async deleteLines(purchaseIds: readonly PurchaseId[]): Promise<void> {
        if (purchaseIds.length === 0) return;
        await this.db.current
            .delete(purchaseLines)
            .where(inArray(purchaseLines.purchaseId, [...purchaseIds]));
    }

    async insertLines(lines: readonly PurchaseLine[]): Promise<void> {
        if (lines.length === 0) return;
        await this.db.current.execute(sql`
            insert into ${purchaseLines} (purchase_id, external_id, product_id, variant_id, sku, title,
                quantity, unit_price, discount, tax, total, refunded_quantity)
            select * from ${unnest(lines, {
                purchaseId: "uuid",
                externalId: "text",
                productId: "text",
                variantId: "text",
                sku: "text",
                title: "text",
                quantity: "integer",
                unitPrice: "numeric",
                discount: "numeric",
                tax: "numeric",
                total: "numeric",
                refundedQuantity: "integer",
            })}`);
    }

    async putRefunds(refunds: readonly PurchaseRefund[]): Promise<void> {
        if (refunds.length === 0) return;
        await this.db.current.execute(sql`
            insert into ${purchaseRefunds}
                (purchase_id, external_id, amount, currency, has_succeeded, refunded_at)
            select * from ${unnest(refunds, {
                purchaseId: "uuid",
                externalId: "text",
                amount: "text",
                currency: "text",
                hasSucceeded: "boolean",
                refundedAt: "timestamptz",
            })}
            on conflict (purchase_id, external_id) do update set amount = excluded.amount,
                currency = excluded.currency, has_succeeded = excluded.has_succeeded,
                refunded_at = excluded.refunded_at`);
    }

    /** The orders of a person, or those of them at one shop. */
    async findOrdersOf(whose: Whose): Promise<Pick<Purchase, "merchantId" | "externalId">[]> {
        return this.db.current
            .select({ merchantId: purchases.merchantId, externalId: purchases.externalId })
            .from(purchases)
            .where(isOf(whose));
    }

    /** Amounts stay; what could prove an order to be somebody's, or names it to people, goes. */
    async erase(whose: Whose): Promise<void> {
        await this.db.current
            .update(purchases)
            .set({ tokenLookups: [], externalName: null })
            .where(isOf(whose));
    }

    async reassign(from: GroupId, into: GroupId): Promise<void> {
        await this.db.current
            .update(purchases)
            .set({ groupId: into })
            .where(eq(purchases.groupId, from));
    }
}

const isOf = ({ groupId, merchantId }: Whose) =>
    and(
        eq(purchases.groupId, groupId),
        merchantId ? eq(purchases.merchantId, merchantId) : undefined
    );

const keyColumns = {
    id: "uuid",
    merchantId: "uuid",
    platform: "text",
    externalId: "text",
} as const;

/** What a report or a claim can change. */
const stateColumns = {
    externalName: "text",
    status: "text",
    isTest: "boolean",
    currency: "text",
    total: "numeric",
    subtotal: "numeric",
    discount: "numeric",
    shipping: "numeric",
    tax: "numeric",
    refunded: "numeric",
    isFullyRefunded: "boolean",
    presentmentCurrency: "text",
    presentmentTotal: "numeric",
    paidAt: "timestamptz",
    cancelledAt: "timestamptz",
    sourceUpdatedAt: "timestamptz",
    groupId: "uuid",
    linkedBy: "text",
    tokenLookups: "jsonb",
} as const;

const columnName = (name: string): SQL =>
    sql`${sql.identifier(name.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`))}`;

/** A list in an array of lists would have to be as long as the others, so it travels as JSON. */
const inputOf = (name: string): SQL =>
    name === "tokenLookups"
        ? sql`array(select jsonb_array_elements_text(input."tokenLookups"))`
        : sql`input.${sql.identifier(name)}`;
