-- Keys between contexts, and what the database itself must refuse.
ALTER TABLE "epoch_publications" ADD CONSTRAINT "epoch_publications_transaction" FOREIGN KEY ("transaction_id")
    REFERENCES "chain_transactions" ("id");--> statement-breakpoint
ALTER TABLE "merchant_chain_orders" ADD CONSTRAINT "merchant_chain_orders_transaction" FOREIGN KEY ("transaction_id")
    REFERENCES "chain_transactions" ("id");--> statement-breakpoint

-- Epochs look for purchases that changed since the last one.
CREATE INDEX "purchases_changed" ON "purchases" ("updated_at");--> statement-breakpoint

-- What a root commits to stays as it was: otherwise no proof would verify.
CREATE TRIGGER "reward_leaves_append_only" BEFORE UPDATE OR DELETE ON "reward_leaves"
    FOR EACH ROW EXECUTE FUNCTION "refuse_change"();--> statement-breakpoint
CREATE TRIGGER "purchase_leaves_append_only" BEFORE UPDATE OR DELETE ON "purchase_leaves"
    FOR EACH ROW EXECUTE FUNCTION "refuse_change"();--> statement-breakpoint
CREATE TRIGGER "epoch_roots_stay" BEFORE UPDATE OF "purchases_root", "liabilities_root", "liabilities", "as_of_block"
    ON "epoch_publications" FOR EACH ROW EXECUTE FUNCTION "refuse_change"();--> statement-breakpoint
CREATE TRIGGER "chain_replaced_transactions_append_only" BEFORE UPDATE OR DELETE ON "chain_replaced_transactions"
    FOR EACH ROW EXECUTE FUNCTION "refuse_change"();
