import { type SQL, sql } from "drizzle-orm";
import type { Database } from "@/infrastructure/persistence/Database";
import type { MerchantId } from "@/utils/ids";

export const exportNames = ["purchases", "rewards", "ledger"] as const;
export type ExportName = (typeof exportNames)[number];
/** What is read, the column that its rows are in the order of, and the names of the columns. */
type Export = { from: SQL; key: string; keyType: string; columns: Record<string, string> };

const batchSize = 1_000;
const utc = (column: string) =>
    `to_char(${column} at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"')`;

const exports: Record<ExportName, Export> = {
    purchases: {
        from: sql`purchases as entry`,
        key: "entry.id",
        keyType: "uuid",
        columns: {
            id: "entry.id",
            platform: "entry.platform",
            externalId: "entry.external_id",
            externalName: "entry.external_name",
            status: "entry.status",
            isTest: "entry.is_test",
            currency: "entry.currency",
            total: "entry.total",
            refunded: "entry.refunded",
            net: "entry.total - entry.refunded",
            paidAt: utc("entry.paid_at"),
            cancelledAt: utc("entry.cancelled_at"),
            updatedAt: utc("entry.updated_at"),
            linkedBy: "case entry.linked_by when 'email' then 'customer' else entry.linked_by end",
        },
    },
    rewards: {
        from: sql`rewards as entry left join payments payment on payment.id = entry.payment_id`,
        key: "entry.id",
        keyType: "uuid",
        columns: {
            id: "entry.id",
            campaignId: "entry.campaign_id",
            purchaseId: "entry.purchase_id",
            role: "entry.recipient",
            depth: "entry.chain_depth",
            asset: "entry.asset",
            token: "case entry.asset when 'token' then entry.token end",
            amount: "entry.amount",
            originalAmount: "entry.original_amount",
            paid: "entry.paid",
            status: "entry.status",
            reason: "entry.reason",
            availableAt: utc("entry.available_at"),
            expiresAt: utc("entry.expires_at"),
            settledAt: utc("entry.settled_at"),
            paymentId: "entry.payment_id",
            txHash: "payment.tx_hash",
            createdAt: utc("entry.created_at"),
        },
    },
    ledger: {
        from: sql`ledger_transfers as entry
            join ledger_accounts debit on debit.id = entry.debit
            join ledger_accounts credit on credit.id = entry.credit`,
        key: "entry.number",
        keyType: "bigint",
        columns: {
            number: "entry.number",
            at: utc("entry.at"),
            kind: "entry.kind",
            asset: "entry.asset",
            amount: "entry.amount",
            debit: "debit.kind",
            debitOwner: "debit.owner",
            credit: "credit.kind",
            creditOwner: "credit.owner",
            rewardId: "entry.reward_id",
            purchaseId: "entry.purchase_id",
            paymentId: "entry.payment_id",
            hash: "encode(entry.hash, 'hex')",
        },
    },
};

/** A merchant's rows as text, to be written into files; a batch at a time, each found by the end of the one before. */
export class ExportRepository {
    constructor(private readonly db: Database) {}

    /** The names of the columns first, then all rows, oldest first. */
    async *batchesOf(name: ExportName, merchantId: MerchantId): AsyncGenerator<string[][]> {
        const columns = Object.keys(exports[name].columns);
        yield [columns];
        for (let after: string | undefined; ; ) {
            const rows = await this.read(name, merchantId, after);
            if (rows.length > 0) {
                yield rows.map((row) => columns.map((column) => row[column] ?? ""));
            }
            after = rows.at(-1)?.["rowKey"] ?? undefined;
            if (rows.length < batchSize) return;
        }
    }

    private read(name: ExportName, merchantId: MerchantId, after: string | undefined) {
        const { from, key, keyType, columns } = exports[name];
        const values = Object.entries(columns).map(([column, value]) =>
            sql.raw(`(${value})::text as "${column}"`)
        );
        const later =
            after === undefined ? sql`` : sql`and ${sql.raw(key)} > ${after}::${sql.raw(keyType)}`;
        return this.db.rows<Record<string, string | null>>(sql`
            select ${sql.raw(key)}::text as "rowKey", ${sql.join(values, sql`, `)}
            from ${from} where entry.merchant_id = ${merchantId} ${later}
            order by ${sql.raw(key)} limit ${batchSize}`);
    }
}
