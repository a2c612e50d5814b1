import { and, asc, desc, eq, gte, inArray, isNull, lt, or, type SQL, sql } from "drizzle-orm";
import type { Database } from "@/infrastructure/persistence/Database";
import { isAmong } from "@/infrastructure/persistence/isAmong";
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
import { conditionsOf, type PurchaseFilter } from "./conditionsOf";

/** Which order of which shop. Order numbers of different shops never meet. */
export type OrderKey = { merchantId: MerchantId; platform: Platform; externalId: string };
export type PageQuery = { limit: number; before: string | undefined } & PurchaseFilter;
export type Owned = Pick<Purchase, "id" | "groupId" | "linkedBy" | "tokenLookups">;
export type PurchaseParts = { lines: PurchaseLine[]; refunds: PurchaseRefund[] };

export class PurchaseRepository {
    constructor(private readonly db: Database) {}

    async find(id: PurchaseId): Promise<Purchase | undefined> {
        const [found] = await this.db.current.select().from(purchases).where(eq(purchases.id, id));
        return found;
    }

    async findMany(ids: readonly PurchaseId[]): Promise<Purchase[]> {
        if (ids.length === 0) return [];
        return this.db.current.select().from(purchases).where(isAmong(purchases.id, ids));
    }

    async findByOrder(merchantId: MerchantId, externalId: string): Promise<Purchase[]> {
        return this.db.current
            .select()
            .from(purchases)
            .where(and(eq(purchases.merchantId, merchantId), eq(purchases.externalId, externalId)));
    }

    async findOfMerchant(
        merchantId: MerchantId,
        { limit, before, ...filter }: PageQuery
    ): Promise<Purchase[]> {
        return this.db.current
            .select()
            .from(purchases)
            .where(
                and(
                    eq(purchases.merchantId, merchantId),
                    before ? lt(purchases.id, before as PurchaseId) : undefined,
                    ...conditionsOf(filter)
                )
            )
            .orderBy(desc(purchases.id))
            .limit(limit);
    }

    /** What is known of whose each order is, by its place in the list; nothing is locked. */
    async findOwners(keys: readonly OrderKey[]): Promise<Map<number, Owned>> {
        const input = keys.map((key, position) => ({ ...key, position }));
        const rows = await this.db.rows<Owned & { position: number }>(sql`
            select input.position, purchase.id, purchase.group_id as "groupId",
                purchase.linked_by as "linkedBy", purchase.token_lookups as "tokenLookups"
            from ${unnest(input, { merchantId: "uuid", platform: "text", externalId: "text", position: "integer" })}
            join ${purchases} purchase on purchase.merchant_id = input."merchantId"
                and purchase.platform = input.platform and purchase.external_id = input."externalId"`);
        return new Map(rows.map(({ position, ...owned }) => [position, owned]));
    }

    /** Orders of a shop by their number or by the name that people see, with or without its `#`. */
    async findNamed(merchantId: MerchantId, name: string): Promise<Purchase[]> {
        const bare = name.replace(/^#/, "");
        return this.db.current
            .select()
            .from(purchases)
            .where(
                and(
                    eq(purchases.merchantId, merchantId),
                    or(
                        eq(purchases.externalId, bare),
                        inArray(purchases.externalName, [bare, `#${bare}`])
                    )
                )
            )
            .orderBy(asc(purchases.id))
            .limit(10);
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

    /** As `lock`, those that came with a mail address and that nobody has. */
    async lockOfNobody(emailLookup: string, since: Date): Promise<Purchase[]> {
        return this.db.current
            .select()
            .from(purchases)
            .where(
                and(
                    eq(purchases.emailLookup, emailLookup),
                    isNull(purchases.groupId),
                    gte(purchases.createdAt, since)
                )
            )
            .orderBy(asc(purchases.merchantId), asc(purchases.platform), asc(purchases.externalId))
            .for("update", { of: purchases });
    }

    async weakenLinks(groups: readonly GroupId[]): Promise<void> {
        await this.db.current
            .update(purchases)
            .set({ linkedBy: "email" })
            .where(inArray(purchases.groupId, [...groups]));
    }

    async findParts(ids: readonly PurchaseId[]): Promise<PurchaseParts> {
        if (ids.length === 0) return { lines: [], refunds: [] };
        const lines = await this.db.current
            .select()
            .from(purchaseLines)
            .where(isAmong(purchaseLines.purchaseId, ids))
            .orderBy(asc(purchaseLines.purchaseId), asc(purchaseLines.externalId));
        const refunds = await this.db.current
            .select()
            .from(purchaseRefunds)
            .where(isAmong(purchaseRefunds.purchaseId, ids))
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

    async deleteParts(purchaseIds: readonly PurchaseId[]): Promise<void> {
        if (purchaseIds.length === 0) return;
        await this.db.current
            .delete(purchaseLines)
            .where(isAmong(purchaseLines.purchaseId, purchaseIds));
        await this.db.current
            .delete(purchaseRefunds)
            .where(isAmong(purchaseRefunds.purchaseId, purchaseIds));
    }

    async insertLines(lines: readonly PurchaseLine[]): Promise<void> {
        if (lines.length === 0) return;
        await this.db.current.execute(sql`
            insert into ${purchaseLines} (purchase_id, external_id, product_id, variant_id, sku, title,
                quantity, unit_price, discount, tax, total, refunded_quantity, refunded_amount)
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
                refundedAmount: "numeric",
            })}`);
    }

    async insertRefunds(refunds: readonly PurchaseRefund[]): Promise<void> {
        if (refunds.length === 0) return;
        await this.db.current.execute(sql`
            insert into ${purchaseRefunds}
                (purchase_id, external_id, amount, currency, has_succeeded, refunded_at, seen_at,
                    transactions, lines)
            select * from ${unnest(refunds, {
                purchaseId: "uuid",
                externalId: "text",
                amount: "text",
                currency: "text",
                hasSucceeded: "boolean",
                refundedAt: "timestamptz",
                seenAt: "timestamptz",
                transactions: "jsonb",
                lines: "jsonb",
            })}`);
    }

    async reassign(from: GroupId, into: GroupId): Promise<void> {
        await this.db.current
            .update(purchases)
            .set({ groupId: into })
            .where(eq(purchases.groupId, from));
    }
}

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
    sourceDigest: "text",
    removedAt: "timestamptz",
    placedAt: "timestamptz",
    exactAmounts: "jsonb",
    landingUrl: "text",
    customerLookup: "text",
    emailLookup: "text",
    groupId: "uuid",
    linkedBy: "text",
    tokenLookups: "jsonb",
    codes: "jsonb",
} as const;
const lists = new Set(["tokenLookups", "codes"]);

const columnName = (name: string): SQL =>
    sql`${sql.identifier(name.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`))}`;

/** A list in an array of lists would have to be as long as the others, so it travels as JSON. */
const inputOf = (name: string): SQL =>
    lists.has(name)
        ? sql`array(select jsonb_array_elements_text(input.${sql.identifier(name)}))`
        : sql`input.${sql.identifier(name)}`;
