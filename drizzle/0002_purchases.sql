CREATE TABLE "missing_reward_decisions" (
	"missing_reward_id" uuid PRIMARY KEY NOT NULL,
	"merchant_id" uuid NOT NULL,
	"actor" text NOT NULL,
	"action" text NOT NULL,
	"before" jsonb NOT NULL,
	"after" jsonb NOT NULL,
	"request_id" text NOT NULL,
	"at" timestamp with time zone NOT NULL
);
--> statement-breakpoint
CREATE TABLE "missing_rewards" (
	"id" uuid PRIMARY KEY NOT NULL,
	"merchant_id" uuid NOT NULL,
	"group_id" uuid NOT NULL,
	"order_id" text NOT NULL,
	"purchased_at" timestamp with time zone,
	"note" text,
	"status" text DEFAULT 'open' NOT NULL,
	"reason" text,
	"purchase_id" uuid,
	"answer_due_at" timestamp with time zone NOT NULL,
	"answered_at" timestamp with time zone,
	"created_at" timestamp with time zone DEFAULT now() NOT NULL
);
--> statement-breakpoint
CREATE TABLE "shop_events" (
	"id" uuid PRIMARY KEY NOT NULL,
	"merchant_id" uuid NOT NULL,
	"idempotency_key" text NOT NULL,
	"custom_type" text NOT NULL,
	"data" jsonb NOT NULL,
	"group_id" uuid NOT NULL,
	"occurred_at" timestamp with time zone NOT NULL,
	"created_at" timestamp with time zone DEFAULT now() NOT NULL,
	CONSTRAINT "shop_events_once" UNIQUE("merchant_id","idempotency_key")
);
--> statement-breakpoint
ALTER TABLE "purchase_lines" ADD COLUMN "refunded_amount" numeric(38, 0) DEFAULT 0 NOT NULL;--> statement-breakpoint
ALTER TABLE "purchase_refunds" ADD COLUMN "seen_at" timestamp with time zone;--> statement-breakpoint
ALTER TABLE "purchase_refunds" ADD COLUMN "transactions" jsonb DEFAULT '[]' NOT NULL;--> statement-breakpoint
ALTER TABLE "purchase_refunds" ADD COLUMN "lines" jsonb DEFAULT '[]' NOT NULL;--> statement-breakpoint
ALTER TABLE "purchases" ADD COLUMN "source_digest" text;--> statement-breakpoint
ALTER TABLE "purchases" ADD COLUMN "removed_at" timestamp with time zone;--> statement-breakpoint
ALTER TABLE "purchases" ADD COLUMN "placed_at" timestamp with time zone;--> statement-breakpoint
ALTER TABLE "purchases" ADD COLUMN "exact_amounts" jsonb DEFAULT '{}' NOT NULL;--> statement-breakpoint
ALTER TABLE "purchases" ADD COLUMN "codes" text[] DEFAULT '{}' NOT NULL;--> statement-breakpoint
ALTER TABLE "purchases" ADD COLUMN "landing_url" text;--> statement-breakpoint
ALTER TABLE "purchases" ADD COLUMN "customer_lookup" text;--> statement-breakpoint
ALTER TABLE "purchases" ADD COLUMN "email_lookup" text;--> statement-breakpoint
ALTER TABLE "shop_webhooks" ADD COLUMN "disconnected_at" timestamp with time zone;--> statement-breakpoint
ALTER TABLE "shop_webhooks" ADD COLUMN "api_url" text;--> statement-breakpoint
ALTER TABLE "shop_webhooks" ADD COLUMN "api_credentials" text;--> statement-breakpoint
ALTER TABLE "shop_webhooks" ADD COLUMN "reconciled_until" timestamp with time zone;--> statement-breakpoint
ALTER TABLE "missing_reward_decisions" ADD CONSTRAINT "missing_reward_decisions_missing_reward_id_missing_rewards_id_fk" FOREIGN KEY ("missing_reward_id") REFERENCES "public"."missing_rewards"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "missing_rewards" ADD CONSTRAINT "missing_rewards_purchase_id_purchases_id_fk" FOREIGN KEY ("purchase_id") REFERENCES "public"."purchases"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
CREATE UNIQUE INDEX "missing_rewards_open_once" ON "missing_rewards" USING btree ("merchant_id","group_id","order_id") WHERE "missing_rewards"."status" = 'open';--> statement-breakpoint
CREATE INDEX "missing_rewards_of_merchant" ON "missing_rewards" USING btree ("merchant_id","id");--> statement-breakpoint
CREATE INDEX "missing_rewards_of_group" ON "missing_rewards" USING btree ("group_id","id");--> statement-breakpoint
CREATE INDEX "shop_events_of_group" ON "shop_events" USING btree ("group_id");--> statement-breakpoint
CREATE INDEX "purchases_of_customer" ON "purchases" USING btree ("merchant_id","customer_lookup");--> statement-breakpoint
CREATE INDEX "purchases_of_email" ON "purchases" USING btree ("merchant_id","email_lookup");--> statement-breakpoint
CREATE INDEX "webhook_deliveries_of_order" ON "webhook_deliveries" USING btree ("merchant_id","external_id");