ALTER TABLE "missing_rewards" ADD CONSTRAINT "missing_rewards_of_group" FOREIGN KEY ("group_id")
    REFERENCES "identity_groups" ("id");--> statement-breakpoint
ALTER TABLE "missing_rewards" ADD CONSTRAINT "missing_rewards_of_merchant_known" FOREIGN KEY ("merchant_id")
    REFERENCES "merchants" ("id");--> statement-breakpoint

-- Who answered what at the desk is never written over.
CREATE TRIGGER "missing_reward_decisions_append_only" BEFORE UPDATE OR DELETE ON "missing_reward_decisions"
    FOR EACH ROW EXECUTE FUNCTION "refuse_change"();
