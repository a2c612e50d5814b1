import { type SQL, sql } from "drizzle-orm";
import type { Database } from "@/infrastructure/persistence/Database";
import { unnest } from "@/infrastructure/persistence/unnest";
import type { CampaignId, GroupId, MerchantId, PurchaseId, RewardId } from "@/utils/ids";
import type { LedgerKind } from "../db/schema";
import { instantOf } from "./moving";

/** Where an amount stands in a merchant's books: on an account of a campaign, or of a person. */
export type Place = { kind: LedgerKind; owner: CampaignId | GroupId };
/** An amount of base units that moves from one place to another. The key says what for, once and for all. */
export type LedgerEntry = {
    merchantId: MerchantId;
    from: Place;
    to: Place;
    asset: string;
    amount: bigint;
    kind: string;
    rewardId: RewardId;
    purchaseId: PurchaseId | null;
    key: string;
};
/** Who owes a merchant what they were paid too much, in base units of the token. */
export type Debt = { merchantId: MerchantId; groupId: GroupId; token: string; amount: bigint };
export type LedgerLine = {
    number: string;
    at: string;
    kind: string;
    amount: string;
    asset: string;
    debit: string;
    debitOwner: string | null;
    credit: string;
    creditOwner: string | null;
    rewardId: string | null;
    purchaseId: string | null;
    paymentId: string | null;
    key: string;
    hash: string;
};

/** The books. Written by `ledger_post` alone; who posts for several merchants at different times holds them all first. */
export class LedgerRepository {
    constructor(private readonly db: Database) {}

    /** Nobody else posts for these merchants until the transaction ends, so balances that are read are what there is. */
    async hold(merchantIds: readonly MerchantId[]): Promise<void> {
        if (merchantIds.length === 0) return;
        await this.db.current.execute(
            sql`select ledger_hold(array(select id from ${unnest(
                merchantIds.map((id) => ({ id })),
                { id: "uuid" }
            )}))`
        );
    }

    async post(entries: readonly LedgerEntry[], at: Date): Promise<void> {
        const rows = entries
            .filter(({ amount }) => amount > 0n)
            .map(({ from, to, ...entry }, position) => ({
                ...entry,
                position,
                fromKind: from.kind,
                fromOwner: from.owner,
                toKind: to.kind,
                toOwner: to.owner,
            }));
        if (rows.length === 0) return;
        const input = unnest(rows, {
            position: "integer",
            merchantId: "uuid",
            fromKind: "text",
            fromOwner: "uuid",
            toKind: "text",
            toOwner: "uuid",
            asset: "text",
            amount: "numeric",
            kind: "text",
            rewardId: "uuid",
            purchaseId: "uuid",
            key: "text",
        });
        await this.db.current.execute(sql`
            select ledger_post(array(
                select row("merchantId", "fromKind", "fromOwner", "toKind", "toOwner", asset, amount, kind,
                    "rewardId", "purchaseId", null, key)::ledger_entry
                from ${input} order by position
            ), ${instantOf(at)})`);
    }

    async debtsOf(
        merchantIds: readonly MerchantId[],
        groupIds: readonly GroupId[]
    ): Promise<Debt[]> {
        if (groupIds.length === 0) return [];
        const rows = await this.db.rows<Omit<Debt, "amount"> & { amount: string }>(sql`
            select account.merchant_id as "merchantId", account.owner as "groupId",
                account.asset as token, -balance.balance as amount
            from ledger_accounts account
            join ledger_balances balance on balance.account_id = account.id
            where account.kind = 'debt' and balance.balance < 0
                and account.owner in (select id from ${ids(groupIds)})
                and account.merchant_id in (select id from ${ids(merchantIds)})`);
        return rows.map((row) => ({ ...row, amount: BigInt(row.amount) }));
    }

    /**
     * A person's accounts become another's. Where the other has one of the kind already, the balance moves there by
     * transfers, and the account is left without an owner. Rewards must have been reassigned before.
     */
    async reassign(from: GroupId, into: GroupId): Promise<void> {
        const merchants = await this.db.rows<{ id: MerchantId }>(sql`
            select distinct merchant_id as id from ledger_accounts where owner = ${from} order by 1`);
        if (merchants.length === 0) return;
        await this.hold(merchants.map(({ id }) => id));
        await this.db.current.execute(sql`
            select ledger_post(array(
                select case when balance.balance > 0
                    then row(mine.merchant_id, mine.kind, ${from}::uuid, mine.kind, ${into}::uuid, mine.asset,
                        balance.balance, 'merged', null, null, null, 'merged:' || mine.id)::ledger_entry
                    else row(mine.merchant_id, mine.kind, ${into}::uuid, mine.kind, ${from}::uuid, mine.asset,
                        -balance.balance, 'merged', null, null, null, 'merged:' || mine.id)::ledger_entry end
                from ${inBoth(from, into)}
                join ledger_balances balance on balance.account_id = mine.id and balance.balance <> 0
                order by mine.id
            ), now())`);
        await this.db.current.execute(sql`
            update ledger_accounts account set owner = null, merged_into = theirs.id
            from ${inBoth(from, into)} where account.id = mine.id`);
        await this.db.current.execute(
            sql`update ledger_accounts set owner = ${into} where owner = ${from}`
        );
    }

    /** A merchant's transfers, newest first, before that number when one is given. */
    async list(
        merchantId: MerchantId,
        { limit, before }: { limit: number; before: bigint | undefined }
    ): Promise<LedgerLine[]> {
        const older = before === undefined ? sql`` : sql`and transfer.number < ${before}`;
        return this.db.rows<LedgerLine>(sql`
            select transfer.number, transfer.at, transfer.kind, transfer.amount, transfer.asset,
                debit.kind as debit, debit.owner as "debitOwner", credit.kind as credit,
                credit.owner as "creditOwner", transfer.reward_id as "rewardId",
                transfer.purchase_id as "purchaseId", transfer.payment_id as "paymentId", transfer.key,
                encode(transfer.hash, 'hex') as hash
            from ledger_transfers transfer
            join ledger_accounts debit on debit.id = transfer.debit
            join ledger_accounts credit on credit.id = transfer.credit
            where transfer.merchant_id = ${merchantId} ${older}
            order by transfer.number desc limit ${limit}`);
    }
}

const ids = (values: readonly string[]): SQL =>
    unnest(
        values.map((id) => ({ id })),
        { id: "uuid" }
    );

/** Each account of the one, beside the same of the other. */
const inBoth = (from: GroupId, into: GroupId): SQL => sql`
    ledger_accounts mine join ledger_accounts theirs on mine.owner = ${from} and theirs.owner = ${into}
        and (theirs.merchant_id, theirs.kind, theirs.asset) = (mine.merchant_id, mine.kind, mine.asset)`;
