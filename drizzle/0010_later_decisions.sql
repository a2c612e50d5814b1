CREATE TABLE "later_decisions" (
	"interaction_id" uuid NOT NULL,
	"number" integer NOT NULL,
	"traces" jsonb NOT NULL,
	"facts" jsonb NOT NULL,
	"decided_at" timestamp with time zone NOT NULL,
	CONSTRAINT "later_decisions_interaction_id_number_pk" PRIMARY KEY("interaction_id","number")
);
--> statement-breakpoint
DROP INDEX "webhook_deliveries_of_order";--> statement-breakpoint
ALTER TABLE "later_decisions" ADD CONSTRAINT "later_decisions_interaction_id_decisions_interaction_id_fk" FOREIGN KEY ("interaction_id") REFERENCES "public"."decisions"("interaction_id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
CREATE INDEX "webhook_deliveries_fared" ON "webhook_deliveries" USING btree ("merchant_id","platform","status","received_at") WHERE "webhook_deliveries"."status" <> 'received';--> statement-breakpoint
CREATE INDEX "webhook_deliveries_of_order" ON "webhook_deliveries" USING btree ("merchant_id","external_id") WHERE "webhook_deliveries"."external_id" is not null;--> statement-breakpoint
-- Never written over either; whoever is forgotten has their own words taken out of it, and nothing else.
CREATE TRIGGER "later_decisions_append_only" BEFORE UPDATE OR DELETE ON "later_decisions"
    FOR EACH ROW EXECUTE FUNCTION "refuse_change_of_decision"();--> statement-breakpoint
CREATE TRIGGER "later_decisions_keep_their_order" BEFORE UPDATE OF "number" ON "later_decisions"
    FOR EACH ROW EXECUTE FUNCTION "refuse_change"();
