-- What the schema files cannot say: keys between contexts, and what the database itself must refuse.

-- One live node per identifier. A wallet belongs to no merchant, so nulls are equal here.
CREATE UNIQUE INDEX "identity_nodes_one_person" ON "identity_nodes" ("kind", "lookup", "merchant_id")
    NULLS NOT DISTINCT WHERE "unlinked_at" IS NULL;--> statement-breakpoint

-- Deferred: a node decides who made its group, so it is written first.
ALTER TABLE "identity_nodes" ADD CONSTRAINT "identity_nodes_of_group" FOREIGN KEY ("group_id")
    REFERENCES "identity_groups" ("id") DEFERRABLE INITIALLY DEFERRED;--> statement-breakpoint
ALTER TABLE "identity_groups" ADD CONSTRAINT "identity_groups_redirect" FOREIGN KEY ("merged_into")
    REFERENCES "identity_groups" ("id");--> statement-breakpoint
ALTER TABLE "share_codes" ADD CONSTRAINT "share_codes_of_group" FOREIGN KEY ("group_id")
    REFERENCES "identity_groups" ("id");--> statement-breakpoint
ALTER TABLE "purchases" ADD CONSTRAINT "purchases_of_group" FOREIGN KEY ("group_id")
    REFERENCES "identity_groups" ("id");--> statement-breakpoint
ALTER TABLE "purchase_claims" ADD CONSTRAINT "purchase_claims_of_group" FOREIGN KEY ("group_id")
    REFERENCES "identity_groups" ("id");--> statement-breakpoint
ALTER TABLE "interactions" ADD CONSTRAINT "interactions_of_group" FOREIGN KEY ("group_id")
    REFERENCES "identity_groups" ("id");--> statement-breakpoint
ALTER TABLE "rewards" ADD CONSTRAINT "rewards_of_group" FOREIGN KEY ("group_id")
    REFERENCES "identity_groups" ("id");--> statement-breakpoint
ALTER TABLE "rewards" ADD CONSTRAINT "rewards_of_interaction" FOREIGN KEY ("interaction_id")
    REFERENCES "interactions" ("id");--> statement-breakpoint
ALTER TABLE "rewards" ADD CONSTRAINT "rewards_of_evaluation" FOREIGN KEY ("evaluation_id")
    REFERENCES "evaluations" ("id");--> statement-breakpoint
ALTER TABLE "campaigns" ADD CONSTRAINT "campaigns_of_merchant" FOREIGN KEY ("merchant_id")
    REFERENCES "merchants" ("id");--> statement-breakpoint
ALTER TABLE "shop_webhooks" ADD CONSTRAINT "shop_webhooks_of_merchant" FOREIGN KEY ("merchant_id")
    REFERENCES "merchants" ("id");--> statement-breakpoint
ALTER TABLE "settlement_batches" ADD CONSTRAINT "settlement_batches_transaction" FOREIGN KEY ("transaction_id")
    REFERENCES "chain_transactions" ("id");--> statement-breakpoint
ALTER TABLE "merchant_banks" ADD CONSTRAINT "merchant_banks_transaction" FOREIGN KEY ("transaction_id")
    REFERENCES "chain_transactions" ("id");--> statement-breakpoint

-- Identity's door for statements of other contexts: where groups lead to now, held until the transaction ends,
-- so that what is written under `live` in the same statement cannot be stranded by a merge. Merges keep
-- redirects one step long. Touchpoints are written through it alone and need no key of their own.
CREATE FUNCTION "hold_groups"(ids uuid[]) RETURNS TABLE (id uuid, live uuid) LANGUAGE sql VOLATILE AS $$
    WITH held AS (
        SELECT g.id, g.merged_into FROM identity_groups g
        WHERE g.id = ANY (ids) ORDER BY g.id FOR KEY SHARE
    ), winners AS (
        SELECT w.id, w.merged_into FROM identity_groups w
        WHERE w.id IN (SELECT merged_into FROM held) ORDER BY w.id FOR KEY SHARE
    )
    SELECT held.id, coalesce(winners.merged_into, held.merged_into, held.id)
    FROM held LEFT JOIN winners ON winners.id = held.merged_into
$$;--> statement-breakpoint

-- Bodies are compressed before they come here. They stand outside their rows, whose status changes.
ALTER TABLE "webhook_deliveries" ALTER COLUMN "body" SET STORAGE EXTERNAL;--> statement-breakpoint

-- A reward's life (spec 05 §1). Whatever else would change its status is refused.
CREATE FUNCTION "refuse_reward_transition"() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NOT (OLD.status || '>' || NEW.status) = ANY (ARRAY[
        'pending>available', 'pending>cancelled', 'pending>expired',
        'available>settling', 'available>waitsForFunds', 'available>cancelled', 'available>expired',
        'waitsForFunds>settling', 'waitsForFunds>available', 'waitsForFunds>cancelled', 'waitsForFunds>expired',
        'settling>settled', 'settling>available'
    ]) THEN
        RAISE EXCEPTION 'A reward that is % cannot become %', OLD.status, NEW.status
            USING ERRCODE = 'check_violation', CONSTRAINT = 'rewards_life';
    END IF;
    RETURN NEW;
END $$;--> statement-breakpoint
CREATE TRIGGER "rewards_life" BEFORE UPDATE OF "status" ON "rewards" FOR EACH ROW
    WHEN (OLD.status IS DISTINCT FROM NEW.status) EXECUTE FUNCTION "refuse_reward_transition"();--> statement-breakpoint

-- What was decided, and who became whom, is never written over.
CREATE FUNCTION "refuse_change"() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION '% is append-only', TG_TABLE_NAME USING ERRCODE = 'restrict_violation';
END $$;--> statement-breakpoint
CREATE TRIGGER "identity_merges_append_only" BEFORE UPDATE OR DELETE ON "identity_merges"
    FOR EACH ROW EXECUTE FUNCTION "refuse_change"();--> statement-breakpoint
CREATE TRIGGER "campaign_versions_append_only" BEFORE UPDATE OR DELETE ON "campaign_versions"
    FOR EACH ROW EXECUTE FUNCTION "refuse_change"();--> statement-breakpoint
CREATE TRIGGER "decisions_append_only" BEFORE UPDATE OR DELETE ON "decisions"
    FOR EACH ROW EXECUTE FUNCTION "refuse_change"();--> statement-breakpoint
CREATE TRIGGER "evaluations_append_only" BEFORE UPDATE OR DELETE ON "evaluations"
    FOR EACH ROW EXECUTE FUNCTION "refuse_change"();
