-- What is in the schema files is tables; this is how the books are kept, and what the database itself must refuse.

-- An entry as the caller says it: places by their names, not by their accounts.
CREATE TYPE "ledger_entry" AS (
    merchant_id uuid, debit_kind text, debit_owner uuid, credit_kind text, credit_owner uuid, asset text,
    amount numeric, kind text, reward_id uuid, purchase_id uuid, payment_id bigint, key text
);--> statement-breakpoint

-- What a transfer's hash covers besides the hash before it. Instants are whole microseconds of the epoch.
CREATE FUNCTION "ledger_line"(t ledger_transfers) RETURNS bytea LANGUAGE sql STABLE PARALLEL SAFE AS $$
    SELECT convert_to(concat_ws('|', t.number, t.debit, t.credit, t.amount, t.asset, t.kind, t.key,
        coalesce(t.reward_id::text, '-'), coalesce(t.purchase_id::text, '-'),
        coalesce(t.payment_id::text, '-'), (extract(epoch FROM t.at) * 1000000)::bigint), 'UTF8')
$$;--> statement-breakpoint

CREATE FUNCTION "ledger_link"(state bytea, head bytea, line bytea) RETURNS bytea LANGUAGE sql IMMUTABLE PARALLEL SAFE
    AS $$ SELECT sha256(coalesce(state, head) || line) $$;--> statement-breakpoint
CREATE AGGREGATE "ledger_chain"(bytea, bytea) (SFUNC = "ledger_link", STYPE = bytea);--> statement-breakpoint

-- Has the ends of these merchants' chains until the transaction ends, so that nobody else continues them.
CREATE FUNCTION "ledger_hold"(ids uuid[]) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO ledger_heads (merchant_id, number, hash)
        SELECT DISTINCT id, 0, '\x'::bytea FROM unnest(ids) AS id
        WHERE NOT EXISTS (SELECT FROM ledger_heads WHERE merchant_id = id) ORDER BY id
        ON CONFLICT DO NOTHING;
    PERFORM FROM ledger_heads WHERE merchant_id = ANY (ids) ORDER BY merchant_id FOR UPDATE;
END $$;--> statement-breakpoint

-- The one way into the books. All or nothing; a key that was posted before fails the whole.
CREATE FUNCTION "ledger_post"(entries ledger_entry[], posted_at timestamptz) RETURNS integer LANGUAGE plpgsql AS $$
BEGIN
    IF coalesce(cardinality(entries), 0) = 0 THEN
        RETURN 0;
    END IF;
    PERFORM ledger_hold(ARRAY(SELECT DISTINCT merchant_id FROM unnest(entries)));
    INSERT INTO ledger_accounts (merchant_id, kind, owner, asset)
        SELECT merchant_id, debit_kind, debit_owner, asset FROM unnest(entries)
        UNION SELECT merchant_id, credit_kind, credit_owner, asset FROM unnest(entries)
        ORDER BY 1, 2, 3
        ON CONFLICT DO NOTHING;
    WITH placed AS (
        SELECT e.*, debit.id AS debit, credit.id AS credit,
            head.number + row_number() OVER chain AS number, head.hash AS head_hash
        FROM unnest(entries) WITH ORDINALITY AS e(merchant_id, debit_kind, debit_owner, credit_kind,
            credit_owner, asset, amount, kind, reward_id, purchase_id, payment_id, key, position)
        JOIN ledger_heads head ON head.merchant_id = e.merchant_id
        JOIN ledger_accounts debit ON (debit.merchant_id, debit.kind, debit.owner, debit.asset)
            = (e.merchant_id, e.debit_kind, e.debit_owner, e.asset)
        JOIN ledger_accounts credit ON (credit.merchant_id, credit.kind, credit.owner, credit.asset)
            = (e.merchant_id, e.credit_kind, e.credit_owner, e.asset)
        WINDOW chain AS (PARTITION BY e.merchant_id ORDER BY e.position)
    ), hashed AS (
        SELECT placed.*, ledger_chain(head_hash, ledger_line(ROW(NULL, merchant_id, number, debit, credit,
            amount::numeric(78), asset, kind, reward_id, purchase_id, payment_id, key, NULL, NULL,
            posted_at)::ledger_transfers)) OVER (PARTITION BY merchant_id ORDER BY number) AS hash
        FROM placed
    ), posted AS (
        INSERT INTO ledger_transfers (merchant_id, number, debit, credit, amount, asset, kind, reward_id,
            purchase_id, payment_id, key, prev_hash, hash, at)
        SELECT merchant_id, number, debit, credit, amount, asset, kind, reward_id, purchase_id, payment_id, key,
            coalesce(lag(hash) OVER (PARTITION BY merchant_id ORDER BY number), head_hash), hash, posted_at
        FROM hashed ORDER BY merchant_id, number
        RETURNING merchant_id, number, debit, credit, amount, hash
    ), moved AS (
        SELECT account, sum(amount) AS amount
        FROM (SELECT debit AS account, -amount AS amount FROM posted
            UNION ALL SELECT credit, amount FROM posted) AS sides
        GROUP BY account
    ), balanced AS (
        -- Existing rows are updated by themselves: a partial sum alone would break the check of their sign.
        UPDATE ledger_balances balance SET balance = balance.balance + moved.amount
        FROM moved WHERE balance.account_id = moved.account RETURNING balance.account_id
    ), opened AS (
        INSERT INTO ledger_balances (account_id, kind, balance)
        SELECT moved.account, account.kind, moved.amount
        FROM moved JOIN ledger_accounts account ON account.id = moved.account
        WHERE NOT EXISTS (SELECT FROM ledger_balances known WHERE known.account_id = moved.account)
    )
    UPDATE ledger_heads head SET number = last.number, hash = last.hash
    FROM (SELECT DISTINCT ON (merchant_id) merchant_id, number, hash FROM posted
        ORDER BY merchant_id, number DESC) last
    WHERE head.merchant_id = last.merchant_id;
    RETURN cardinality(entries);
END $$;--> statement-breakpoint

-- What is written in the books stays there.
CREATE TRIGGER "ledger_transfers_append_only" BEFORE UPDATE OR DELETE ON "ledger_transfers"
    FOR EACH ROW EXECUTE FUNCTION "refuse_change"();--> statement-breakpoint
CREATE TRIGGER "ledger_transfers_kept" BEFORE TRUNCATE ON "ledger_transfers"
    FOR EACH STATEMENT EXECUTE FUNCTION "refuse_change"();--> statement-breakpoint
CREATE TRIGGER "reward_adjustments_append_only" BEFORE UPDATE OR DELETE ON "reward_adjustments"
    FOR EACH ROW EXECUTE FUNCTION "refuse_change"();--> statement-breakpoint

-- A reward begins its life at one of two places, and points and discounts end it by being used.
CREATE OR REPLACE FUNCTION "refuse_reward_transition"() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NOT (OLD.status || '>' || NEW.status) = ANY (ARRAY[
        'pending>available', 'pending>cancelled', 'pending>expired',
        'available>settling', 'available>waitsForFunds', 'available>cancelled', 'available>expired',
        'available>used',
        'waitsForFunds>settling', 'waitsForFunds>available', 'waitsForFunds>cancelled', 'waitsForFunds>expired',
        'settling>settled', 'settling>available'
    ]) THEN
        RAISE EXCEPTION 'A reward that is % cannot become %', OLD.status, NEW.status
            USING ERRCODE = 'check_violation', CONSTRAINT = 'rewards_life';
    END IF;
    RETURN NEW;
END $$;--> statement-breakpoint
CREATE FUNCTION "refuse_reward_beginning"() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'A reward cannot begin as %', NEW.status
        USING ERRCODE = 'check_violation', CONSTRAINT = 'rewards_life';
END $$;--> statement-breakpoint
CREATE TRIGGER "rewards_beginning" BEFORE INSERT ON "rewards" FOR EACH ROW
    WHEN (NEW.status NOT IN ('pending', 'available')) EXECUTE FUNCTION "refuse_reward_beginning"();--> statement-breakpoint

ALTER TABLE "reward_claims" ADD CONSTRAINT "reward_claims_of_group" FOREIGN KEY ("group_id")
    REFERENCES "identity_groups" ("id");--> statement-breakpoint

-- What was owed before there were books enters them where it stands.
UPDATE "rewards" SET "gross" = "amount", "paid" = "amount" WHERE "status" IN ('settling', 'settled');--> statement-breakpoint
ALTER TABLE "rewards" ADD CONSTRAINT "rewards_paid_when_settled"
    CHECK (("paid" IS NOT NULL) = ("status" IN ('settling', 'settled')));--> statement-breakpoint
SELECT ledger_post(array_agg(ROW(merchant_id, 'campaign', campaign_id,
        CASE status WHEN 'waitsForFunds' THEN 'available' WHEN 'settled' THEN 'paid' ELSE status END,
        group_id, token, amount, 'opened', id, purchase_id, payment_id, 'opened:' || id)::ledger_entry ORDER BY id),
    now())
FROM "rewards" WHERE "amount" > 0 AND "status" NOT IN ('cancelled', 'expired');
