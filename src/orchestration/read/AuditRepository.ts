import { type SQL, sql } from "drizzle-orm";
import type { Database } from "@/infrastructure/persistence/Database";

/** Something that must never be: which rule, about what, and what is there beside what should be. */
export type Finding = { rule: string; about: string; expected: string; actual: string };

/** What rewards say should stand on each account. What is being paid counts as it was when it was put into its payment. */
const owedByRewards = sql`
    select merchant_id, kind, owner, asset, sum(amount) as amount from (
        select merchant_id, case status when 'waitsForFunds' then 'available' when 'settled' then 'paid'
                else status end as kind, group_id as owner,
            case asset when 'points' then asset else token end as asset, coalesce(paid, amount) as amount
        from rewards where status not in ('cancelled', 'expired') and asset <> 'discount'
        union all
        select merchant_id, 'debt', group_id, token,
            case status when 'settled' then amount else gross end - paid
        from rewards where status in ('settling', 'settled')
        union all
        select merchant_id, 'campaign', campaign_id, case asset when 'points' then asset else token end,
            -case status when 'settling' then gross else amount end
        from rewards where status not in ('cancelled', 'expired') and asset <> 'discount'
    ) as standing group by merchant_id, kind, owner, asset`;

/** Each finds what breaks one rule, as `about`, `expected` and `actual`. */
const rules: Record<string, SQL> = {
    "balances of an asset add up to zero": sql`
        select account.merchant_id || ' ' || account.asset as about, '0' as expected,
            sum(balance.balance)::text as actual
        from ledger_balances balance join ledger_accounts account on account.id = balance.account_id
        group by account.merchant_id, account.asset having sum(balance.balance) <> 0`,

    "a balance is the sum of its transfers": sql`
        with debits as (select debit as account, sum(amount) as amount from ledger_transfers group by debit),
        credits as (select credit as account, sum(amount) as amount from ledger_transfers group by credit)
        select account.id::text as about,
            (coalesce(credits.amount, 0) - coalesce(debits.amount, 0))::text as expected,
            coalesce(balance.balance, 0)::text as actual
        from ledger_accounts account
        left join ledger_balances balance on balance.account_id = account.id
        left join debits on debits.account = account.id
        left join credits on credits.account = account.id
        where coalesce(balance.balance, 0) <> coalesce(credits.amount, 0) - coalesce(debits.amount, 0)`,

    "a balance is what rewards of that status add up to": sql`
        select concat_ws(' ', coalesce(owed.merchant_id, kept.merchant_id), coalesce(owed.kind, kept.kind),
                coalesce(owed.owner, kept.owner), coalesce(owed.asset, kept.asset)) as about,
            coalesce(owed.amount, 0)::text as expected, coalesce(kept.balance, 0)::text as actual
        from (${owedByRewards}) owed full join (
            select account.merchant_id, account.kind, account.owner, account.asset, balance.balance
            from ledger_accounts account join ledger_balances balance on balance.account_id = account.id
            where account.owner is not null
        ) kept on (kept.merchant_id, kept.kind, kept.owner, kept.asset)
            = (owed.merchant_id, owed.kind, owed.owner, owed.asset)
        where coalesce(owed.amount, 0) <> coalesce(kept.balance, 0)`,

    "no balance has the wrong sign, and none is left on a closed account": sql`
        select account.id || ' ' || account.kind as about, 'its sign' as expected, balance.balance::text as actual
        from ledger_balances balance join ledger_accounts account on account.id = balance.account_id
        where case when account.owner is null then balance.balance <> 0
            when account.kind in ('campaign', 'debt') then balance.balance > 0 else balance.balance < 0 end`,

    "a reward is its original amount and its adjustments": sql`
        select reward.id::text as about, (reward.original_amount + coalesce(sum(change), 0))::text as expected,
            reward.amount::text as actual
        from rewards reward left join reward_adjustments on reward_id = reward.id
        group by reward.id having reward.amount <> reward.original_amount + coalesce(sum(change), 0)`,

    "a budget's use is what was taken from it": sql`
        select budget.campaign_id || ' ' || budget.name as about, coalesce(taken.amount, 0)::text as expected,
            budget.used::text as actual
        from campaign_budgets budget left join (
            select campaign_id, name, window_starts_at, sum(amount) as amount
            from budget_takings group by campaign_id, name, window_starts_at
        ) taken using (campaign_id, name, window_starts_at)
        where budget.used <> coalesce(taken.amount, 0)`,

    "what was taken from a budget is its rewards": sql`
        select taking.evaluation_id || ' ' || taking.name as about, coalesce(owed.amount, 0)::text as expected,
            taking.amount::text as actual
        from (
            select evaluation_id, name, asset, sum(amount) as amount
            from budget_takings group by evaluation_id, name, asset
        ) taking left join (
            select evaluation_id, asset, sum(amount) as amount from rewards
            where status not in ('cancelled', 'expired') group by evaluation_id, asset
        ) owed using (evaluation_id, asset)
        where taking.amount <> coalesce(owed.amount, 0)`,

    "a payment is what it transfers for its rewards": sql`
        select payment.id::text as about, coalesce(sum(reward.paid), 0)::text as expected,
            payment.amount::text as actual
        from payments payment left join rewards reward on reward.payment_id = payment.id
        where payment.status <> 'failed'
        group by payment.id having payment.amount <> coalesce(sum(reward.paid), 0)`,

    "what is paid is what payments made": sql`
        select coalesce(made.merchant_id, kept.merchant_id)::text as about,
            coalesce(made.amount, 0)::text as expected, coalesce(kept.amount, 0)::text as actual
        from (
            select merchant_id, token, sum(amount) as amount from payments
            where status in ('confirmed', 'skipped') group by merchant_id, token
        ) made full join (
            select account.merchant_id, account.asset, sum(balance.balance) as amount
            from ledger_accounts account join ledger_balances balance on balance.account_id = account.id
            where account.kind = 'paid' group by account.merchant_id, account.asset
        ) kept on kept.merchant_id = made.merchant_id and kept.asset = made.token
        where coalesce(made.amount, 0) <> coalesce(kept.amount, 0)`,

    "a payment ends when its transaction does": sql`
        select payment.id::text as about, 'an end' as expected, payment.status as actual
        from payments payment join settlement_batches batch on batch.id = payment.batch_id
        join chain_transactions transaction on transaction.id = batch.transaction_id
        where payment.status in ('created', 'sent') and transaction.status = 'final'
            and transaction.final_at < now() - interval '15 minutes'`,

    "a transfer's hash is that of its contents": sql`
        select merchant_id || ' ' || number as about, encode(hash, 'hex') as expected,
            encode(sha256(prev_hash || ledger_line(transfer)), 'hex') as actual
        from ledger_transfers transfer where hash <> sha256(prev_hash || ledger_line(transfer))`,

    "each transfer follows the one before it": sql`
        select merchant_id || ' ' || number as about, 'the hash before it' as expected,
            encode(prev_hash, 'hex') as actual
        from ledger_transfers transfer
        where number > 1 and not exists (
            select from ledger_transfers before
            where (before.merchant_id, before.number, before.hash)
                = (transfer.merchant_id, transfer.number - 1, transfer.prev_hash))
        union all
        select merchant_id || ' 1', '', encode(prev_hash, 'hex') from ledger_transfers
        where number = 1 and prev_hash <> ''`,

    "a chain ends where its head says": sql`
        select head.merchant_id::text as about, coalesce(chain.last, 0)::text as expected,
            head.number::text as actual
        from ledger_heads head left join (
            select merchant_id, max(number) as last, count(*) as count from ledger_transfers group by merchant_id
        ) chain using (merchant_id)
        where coalesce(chain.last, 0) <> head.number or coalesce(chain.count, 0) <> head.number
            or head.number > 0 and not exists (
                select from ledger_transfers last
                where (last.merchant_id, last.number, last.hash) = (head.merchant_id, head.number, head.hash))`,
};

/** Every rule of the books, each over all rows. One snapshot for all: what is being written meanwhile is not seen. */
export class AuditRepository {
    constructor(private readonly db: Database) {}

    /** Lets the statements of this transaction take longer than those of a request may. */
    async takeTime(): Promise<void> {
        await this.db.rows(sql`select set_config('statement_timeout', '10min', true)`);
    }

    async find(): Promise<Finding[]> {
        const named = Object.entries(rules).map(
            ([rule, finding]) =>
                sql`select ${sql.raw(`'${rule.replaceAll("'", "''")}'`)} as rule, about, expected, actual
                    from (${finding}) as finding`
        );
        return this.db.rows<Finding>(sql.join(named, sql` union all `));
    }
}
