CREATE TABLE "touchpoints" (
	"id" uuid PRIMARY KEY NOT NULL,
	"group_id" uuid NOT NULL,
	"merchant_id" uuid NOT NULL,
	"source" text NOT NULL,
	"referrer_group_id" uuid,
	"share_code" text,
	"utm" jsonb,
	"landing_url" text,
	"occurred_at" timestamp with time zone NOT NULL,
	"expires_at" timestamp with time zone NOT NULL
);
--> statement-breakpoint
CREATE TABLE "auth_challenges" (
	"id" uuid PRIMARY KEY NOT NULL,
	"purpose" text NOT NULL,
	"challenge" "bytea" NOT NULL,
	"rp_id" text NOT NULL,
	"user_handle" text,
	"expires_at" timestamp with time zone NOT NULL
);
--> statement-breakpoint
CREATE TABLE "authenticators" (
	"credential_id" text PRIMARY KEY NOT NULL,
	"wallet" text NOT NULL,
	"public_key" jsonb NOT NULL,
	"cose_key" "bytea" NOT NULL,
	"counter" bigint NOT NULL,
	"transports" text[] NOT NULL,
	"device_type" text NOT NULL,
	"backed_up" boolean NOT NULL,
	"user_handle" text NOT NULL,
	"label" text,
	"user_agent" text,
	"created_at" timestamp with time zone NOT NULL,
	"last_used_at" timestamp with time zone
);
--> statement-breakpoint
CREATE TABLE "refresh_tokens" (
	"hash" text PRIMARY KEY NOT NULL,
	"session_id" uuid NOT NULL,
	"expires_at" timestamp with time zone NOT NULL,
	"spent_at" timestamp with time zone
);
--> statement-breakpoint
CREATE TABLE "sessions" (
	"id" uuid PRIMARY KEY NOT NULL,
	"kind" text NOT NULL,
	"family" uuid NOT NULL,
	"subject" text NOT NULL,
	"credential_id" text,
	"merchant_id" uuid,
	"scopes" text[] NOT NULL,
	"user_agent" text,
	"created_at" timestamp with time zone NOT NULL,
	"expires_at" timestamp with time zone NOT NULL,
	"revoked_at" timestamp with time zone
);
--> statement-breakpoint
CREATE TABLE "siwe_nonces" (
	"nonce" text PRIMARY KEY NOT NULL,
	"browser_hash" text NOT NULL,
	"expires_at" timestamp with time zone NOT NULL
);
--> statement-breakpoint
CREATE TABLE "campaign_budgets" (
	"campaign_id" uuid NOT NULL,
	"name" text NOT NULL,
	"window_starts_at" timestamp with time zone NOT NULL,
	"limit" numeric(78, 0) NOT NULL,
	"used" numeric(78, 0) DEFAULT 0 NOT NULL,
	CONSTRAINT "campaign_budgets_campaign_id_name_window_starts_at_pk" PRIMARY KEY("campaign_id","name","window_starts_at"),
	CONSTRAINT "campaign_budgets_within_limit" CHECK ("campaign_budgets"."used" >= 0 and "campaign_budgets"."used" <= "campaign_budgets"."limit")
);
--> statement-breakpoint
CREATE TABLE "campaign_versions" (
	"id" uuid PRIMARY KEY NOT NULL,
	"campaign_id" uuid NOT NULL,
	"number" integer NOT NULL,
	"trigger" text NOT NULL,
	"definition" jsonb NOT NULL,
	"created_by" text NOT NULL,
	"created_at" timestamp with time zone DEFAULT now() NOT NULL,
	CONSTRAINT "campaign_versions_numbered" UNIQUE("campaign_id","number")
);
--> statement-breakpoint
CREATE TABLE "campaigns" (
	"id" uuid PRIMARY KEY NOT NULL,
	"merchant_id" uuid NOT NULL,
	"name" text NOT NULL,
	"status" text DEFAULT 'draft' NOT NULL,
	"priority" integer DEFAULT 0 NOT NULL,
	"stacking" text DEFAULT 'all' NOT NULL,
	"current_version_id" uuid NOT NULL,
	"starts_at" timestamp with time zone,
	"ends_at" timestamp with time zone,
	"created_at" timestamp with time zone DEFAULT now() NOT NULL
);
--> statement-breakpoint
CREATE TABLE "decisions" (
	"interaction_id" uuid PRIMARY KEY NOT NULL,
	"traces" jsonb NOT NULL,
	"decided_at" timestamp with time zone NOT NULL
);
--> statement-breakpoint
CREATE TABLE "evaluations" (
	"id" uuid PRIMARY KEY NOT NULL,
	"interaction_id" uuid NOT NULL,
	"campaign_id" uuid NOT NULL,
	"campaign_version_id" uuid NOT NULL,
	"evaluated_at" timestamp with time zone NOT NULL,
	CONSTRAINT "evaluations_once" UNIQUE("interaction_id","campaign_id")
);
--> statement-breakpoint
CREATE TABLE "interactions" (
	"id" uuid PRIMARY KEY NOT NULL,
	"merchant_id" uuid NOT NULL,
	"group_id" uuid NOT NULL,
	"trigger" text NOT NULL,
	"subject" text NOT NULL,
	"occurred_at" timestamp with time zone NOT NULL,
	"status" text DEFAULT 'open' NOT NULL,
	"attempts" integer DEFAULT 0 NOT NULL,
	"due_at" timestamp with time zone NOT NULL,
	"last_error" text,
	CONSTRAINT "interactions_once" UNIQUE("merchant_id","trigger","subject")
);
--> statement-breakpoint
CREATE TABLE "identity_groups" (
	"id" uuid PRIMARY KEY NOT NULL,
	"merged_into" uuid,
	"created_at" timestamp with time zone DEFAULT now() NOT NULL
);
--> statement-breakpoint
CREATE TABLE "identity_merges" (
	"id" uuid PRIMARY KEY NOT NULL,
	"winner_id" uuid NOT NULL,
	"loser_id" uuid NOT NULL,
	"reason" text NOT NULL,
	"evidence" jsonb NOT NULL,
	"created_at" timestamp with time zone DEFAULT now() NOT NULL
);
--> statement-breakpoint
CREATE TABLE "identity_nodes" (
	"id" uuid PRIMARY KEY NOT NULL,
	"group_id" uuid NOT NULL,
	"kind" text NOT NULL,
	"lookup" text NOT NULL,
	"merchant_id" uuid,
	"verified_at" timestamp with time zone,
	"unlinked_at" timestamp with time zone,
	"created_at" timestamp with time zone DEFAULT now() NOT NULL
);
--> statement-breakpoint
CREATE TABLE "merchant_banks" (
	"merchant_id" uuid PRIMARY KEY NOT NULL,
	"owner" text NOT NULL,
	"merchant_key" text NOT NULL,
	"address" text NOT NULL,
	"status" text NOT NULL,
	"transaction_id" uuid,
	"attempts" integer DEFAULT 0 NOT NULL,
	"reason" text,
	"created_at" timestamp with time zone DEFAULT now() NOT NULL
);
--> statement-breakpoint
CREATE TABLE "merchant_domains" (
	"domain" text PRIMARY KEY NOT NULL,
	"merchant_id" uuid NOT NULL,
	"is_main" boolean NOT NULL,
	"verified_at" timestamp with time zone NOT NULL
);
--> statement-breakpoint
CREATE TABLE "merchant_roles" (
	"merchant_id" uuid NOT NULL,
	"wallet" text NOT NULL,
	"role" text NOT NULL,
	"created_at" timestamp with time zone DEFAULT now() NOT NULL,
	CONSTRAINT "merchant_roles_merchant_id_wallet_pk" PRIMARY KEY("merchant_id","wallet")
);
--> statement-breakpoint
CREATE TABLE "merchants" (
	"id" uuid PRIMARY KEY NOT NULL,
	"name" text NOT NULL,
	"reward_asset" text NOT NULL,
	"mode" text DEFAULT 'live' NOT NULL,
	"created_at" timestamp with time zone DEFAULT now() NOT NULL
);
--> statement-breakpoint
CREATE TABLE "purchase_claims" (
	"id" uuid PRIMARY KEY NOT NULL,
	"purchase_id" uuid NOT NULL,
	"token_lookup" text NOT NULL,
	"group_id" uuid NOT NULL,
	"created_at" timestamp with time zone DEFAULT now() NOT NULL,
	"expires_at" timestamp with time zone NOT NULL,
	CONSTRAINT "purchase_claims_once" UNIQUE("purchase_id","token_lookup","group_id")
);
--> statement-breakpoint
CREATE TABLE "purchase_lines" (
	"purchase_id" uuid NOT NULL,
	"external_id" text NOT NULL,
	"product_id" text,
	"variant_id" text,
	"sku" text,
	"title" text NOT NULL,
	"quantity" integer NOT NULL,
	"unit_price" numeric(38, 0) NOT NULL,
	"discount" numeric(38, 0) NOT NULL,
	"tax" numeric(38, 0) NOT NULL,
	"total" numeric(38, 0) NOT NULL,
	"refunded_quantity" integer NOT NULL,
	CONSTRAINT "purchase_lines_purchase_id_external_id_pk" PRIMARY KEY("purchase_id","external_id")
);
--> statement-breakpoint
CREATE TABLE "purchase_refunds" (
	"purchase_id" uuid NOT NULL,
	"external_id" text NOT NULL,
	"amount" text NOT NULL,
	"currency" text,
	"has_succeeded" boolean NOT NULL,
	"refunded_at" timestamp with time zone NOT NULL,
	CONSTRAINT "purchase_refunds_purchase_id_external_id_pk" PRIMARY KEY("purchase_id","external_id")
);
--> statement-breakpoint
CREATE TABLE "purchases" (
	"id" uuid PRIMARY KEY NOT NULL,
	"merchant_id" uuid NOT NULL,
	"platform" text NOT NULL,
	"external_id" text NOT NULL,
	"external_name" text,
	"status" text NOT NULL,
	"is_test" boolean DEFAULT false NOT NULL,
	"currency" text,
	"total" numeric(38, 0) DEFAULT 0 NOT NULL,
	"subtotal" numeric(38, 0) DEFAULT 0 NOT NULL,
	"discount" numeric(38, 0) DEFAULT 0 NOT NULL,
	"shipping" numeric(38, 0) DEFAULT 0 NOT NULL,
	"tax" numeric(38, 0) DEFAULT 0 NOT NULL,
	"refunded" numeric(38, 0) DEFAULT 0 NOT NULL,
	"is_fully_refunded" boolean DEFAULT false NOT NULL,
	"presentment_currency" text,
	"presentment_total" numeric(38, 0),
	"paid_at" timestamp with time zone,
	"cancelled_at" timestamp with time zone,
	"source_updated_at" timestamp with time zone,
	"group_id" uuid,
	"linked_by" text,
	"token_lookups" text[] DEFAULT '{}' NOT NULL,
	"created_at" timestamp with time zone DEFAULT now() NOT NULL,
	"updated_at" timestamp with time zone DEFAULT now() NOT NULL,
	CONSTRAINT "purchases_once" UNIQUE("merchant_id","platform","external_id"),
	CONSTRAINT "purchases_total_not_negative" CHECK ("purchases"."total" >= 0 and "purchases"."refunded" >= 0)
);
--> statement-breakpoint
CREATE TABLE "shop_webhooks" (
	"merchant_id" uuid NOT NULL,
	"platform" text NOT NULL,
	"secret" text NOT NULL,
	"previous_secret" text,
	"previous_secret_until" timestamp with time zone,
	"shop_domain" text,
	"created_at" timestamp with time zone DEFAULT now() NOT NULL,
	"updated_at" timestamp with time zone DEFAULT now() NOT NULL,
	CONSTRAINT "shop_webhooks_merchant_id_platform_pk" PRIMARY KEY("merchant_id","platform")
);
--> statement-breakpoint
CREATE TABLE "webhook_deliveries" (
	"id" uuid PRIMARY KEY NOT NULL,
	"merchant_id" uuid NOT NULL,
	"platform" text NOT NULL,
	"dedupe_key" text NOT NULL,
	"topic" text NOT NULL,
	"external_id" text,
	"headers" jsonb NOT NULL,
	"body" "bytea" NOT NULL,
	"body_sha256" "bytea" NOT NULL,
	"request_id" text NOT NULL,
	"status" text DEFAULT 'received' NOT NULL,
	"attempts" integer DEFAULT 0 NOT NULL,
	"reason" text,
	"received_at" timestamp with time zone NOT NULL,
	"due_at" timestamp with time zone NOT NULL,
	"processed_at" timestamp with time zone,
	CONSTRAINT "webhook_deliveries_once" UNIQUE("merchant_id","platform","dedupe_key")
);
--> statement-breakpoint
CREATE TABLE "share_codes" (
	"code" text PRIMARY KEY NOT NULL,
	"group_id" uuid NOT NULL,
	"merchant_id" uuid NOT NULL,
	"is_current" boolean DEFAULT true NOT NULL,
	"created_at" timestamp with time zone DEFAULT now() NOT NULL
);
--> statement-breakpoint
CREATE TABLE "epochs" (
	"number" bigint PRIMARY KEY GENERATED BY DEFAULT AS IDENTITY (sequence name "epochs_number_seq" INCREMENT BY 1 MINVALUE 1 MAXVALUE 9223372036854775807 START WITH 1 CACHE 1),
	"started_at" timestamp with time zone NOT NULL
);
--> statement-breakpoint
CREATE TABLE "payments" (
	"id" bigint PRIMARY KEY GENERATED BY DEFAULT AS IDENTITY (sequence name "payments_id_seq" INCREMENT BY 1 MINVALUE 1 MAXVALUE 9223372036854775807 START WITH 1 CACHE 1),
	"batch_id" uuid NOT NULL,
	"merchant_id" uuid NOT NULL,
	"bank" text NOT NULL,
	"wallet" text NOT NULL,
	"token" text NOT NULL,
	"amount" numeric(78, 0) NOT NULL,
	"status" text NOT NULL,
	"reason" text,
	"tx_hash" text,
	"created_at" timestamp with time zone NOT NULL,
	CONSTRAINT "payments_positive" CHECK ("payments"."amount" > 0)
);
--> statement-breakpoint
CREATE TABLE "rewards" (
	"id" uuid PRIMARY KEY NOT NULL,
	"merchant_id" uuid NOT NULL,
	"campaign_id" uuid NOT NULL,
	"campaign_version_id" uuid NOT NULL,
	"evaluation_id" uuid NOT NULL,
	"interaction_id" uuid NOT NULL,
	"purchase_id" uuid,
	"group_id" uuid NOT NULL,
	"wallet" text,
	"recipient" text NOT NULL,
	"chain_depth" integer DEFAULT 0 NOT NULL,
	"asset" text NOT NULL,
	"token" text NOT NULL,
	"amount" numeric(78, 0) NOT NULL,
	"original_amount" numeric(78, 0) NOT NULL,
	"status" text NOT NULL,
	"reason" text,
	"available_at" timestamp with time zone NOT NULL,
	"due_at" timestamp with time zone NOT NULL,
	"attempts" integer DEFAULT 0 NOT NULL,
	"expires_at" timestamp with time zone,
	"settled_at" timestamp with time zone,
	"payment_id" bigint,
	"created_at" timestamp with time zone NOT NULL,
	CONSTRAINT "rewards_once" UNIQUE("evaluation_id","recipient","chain_depth"),
	CONSTRAINT "rewards_not_negative" CHECK ("rewards"."amount" >= 0),
	CONSTRAINT "rewards_paid_by_a_payment" CHECK ("rewards"."status" not in ('settling', 'settled') or "rewards"."payment_id" is not null)
);
--> statement-breakpoint
CREATE TABLE "settlement_batches" (
	"id" uuid PRIMARY KEY NOT NULL,
	"epoch" bigint NOT NULL,
	"rewards_root" text NOT NULL,
	"status" text NOT NULL,
	"transaction_id" uuid,
	"created_at" timestamp with time zone NOT NULL
);
--> statement-breakpoint
CREATE TABLE "chain_nonces" (
	"chain_id" integer NOT NULL,
	"sender" text NOT NULL,
	"next" bigint NOT NULL,
	CONSTRAINT "chain_nonces_chain_id_sender_pk" PRIMARY KEY("chain_id","sender")
);
--> statement-breakpoint
CREATE TABLE "chain_transactions" (
	"id" uuid PRIMARY KEY NOT NULL,
	"chain_id" integer NOT NULL,
	"sender" text NOT NULL,
	"nonce" bigint NOT NULL,
	"purpose" text NOT NULL,
	"raw" text NOT NULL,
	"hash" text NOT NULL,
	"gas" numeric(78, 0) NOT NULL,
	"max_fee_per_gas" numeric(78, 0) NOT NULL,
	"status" text NOT NULL,
	"succeeded" boolean,
	"block_number" bigint,
	"gas_used" numeric(78, 0),
	"logs" jsonb,
	"signed_at" timestamp with time zone NOT NULL,
	"final_at" timestamp with time zone,
	CONSTRAINT "chain_transactions_one_per_purpose" UNIQUE("purpose"),
	CONSTRAINT "chain_transactions_one_per_nonce" UNIQUE("chain_id","sender","nonce")
);
--> statement-breakpoint
CREATE TABLE "idempotency_keys" (
	"caller" text NOT NULL,
	"key" text NOT NULL,
	"fingerprint" text NOT NULL,
	"status" integer,
	"headers" jsonb,
	"body" text,
	"expires_at" timestamp with time zone NOT NULL,
	CONSTRAINT "idempotency_keys_caller_key_pk" PRIMARY KEY("caller","key")
);
--> statement-breakpoint
ALTER TABLE "refresh_tokens" ADD CONSTRAINT "refresh_tokens_session_id_sessions_id_fk" FOREIGN KEY ("session_id") REFERENCES "public"."sessions"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "decisions" ADD CONSTRAINT "decisions_interaction_id_interactions_id_fk" FOREIGN KEY ("interaction_id") REFERENCES "public"."interactions"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "evaluations" ADD CONSTRAINT "evaluations_interaction_id_interactions_id_fk" FOREIGN KEY ("interaction_id") REFERENCES "public"."interactions"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "evaluations" ADD CONSTRAINT "evaluations_campaign_version_id_campaign_versions_id_fk" FOREIGN KEY ("campaign_version_id") REFERENCES "public"."campaign_versions"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "merchant_banks" ADD CONSTRAINT "merchant_banks_merchant_id_merchants_id_fk" FOREIGN KEY ("merchant_id") REFERENCES "public"."merchants"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "merchant_domains" ADD CONSTRAINT "merchant_domains_merchant_id_merchants_id_fk" FOREIGN KEY ("merchant_id") REFERENCES "public"."merchants"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "merchant_roles" ADD CONSTRAINT "merchant_roles_merchant_id_merchants_id_fk" FOREIGN KEY ("merchant_id") REFERENCES "public"."merchants"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "purchase_claims" ADD CONSTRAINT "purchase_claims_purchase_id_purchases_id_fk" FOREIGN KEY ("purchase_id") REFERENCES "public"."purchases"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "purchase_lines" ADD CONSTRAINT "purchase_lines_purchase_id_purchases_id_fk" FOREIGN KEY ("purchase_id") REFERENCES "public"."purchases"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "purchase_refunds" ADD CONSTRAINT "purchase_refunds_purchase_id_purchases_id_fk" FOREIGN KEY ("purchase_id") REFERENCES "public"."purchases"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "payments" ADD CONSTRAINT "payments_batch_id_settlement_batches_id_fk" FOREIGN KEY ("batch_id") REFERENCES "public"."settlement_batches"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "rewards" ADD CONSTRAINT "rewards_payment_id_payments_id_fk" FOREIGN KEY ("payment_id") REFERENCES "public"."payments"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "settlement_batches" ADD CONSTRAINT "settlement_batches_epoch_epochs_number_fk" FOREIGN KEY ("epoch") REFERENCES "public"."epochs"("number") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
CREATE INDEX "touchpoints_person" ON "touchpoints" USING btree ("group_id","merchant_id","occurred_at");--> statement-breakpoint
CREATE INDEX "touchpoints_referrer" ON "touchpoints" USING btree ("referrer_group_id");--> statement-breakpoint
CREATE INDEX "auth_challenges_expiry" ON "auth_challenges" USING btree ("expires_at");--> statement-breakpoint
CREATE INDEX "authenticators_wallet" ON "authenticators" USING btree ("wallet");--> statement-breakpoint
CREATE INDEX "refresh_tokens_session" ON "refresh_tokens" USING btree ("session_id");--> statement-breakpoint
CREATE INDEX "sessions_family" ON "sessions" USING btree ("family");--> statement-breakpoint
CREATE INDEX "sessions_subject" ON "sessions" USING btree ("subject") WHERE "sessions"."revoked_at" is null;--> statement-breakpoint
CREATE INDEX "siwe_nonces_expiry" ON "siwe_nonces" USING btree ("expires_at");--> statement-breakpoint
CREATE INDEX "campaigns_of_merchant" ON "campaigns" USING btree ("merchant_id","id");--> statement-breakpoint
CREATE INDEX "campaigns_active" ON "campaigns" USING btree ("merchant_id") WHERE "campaigns"."status" = 'active';--> statement-breakpoint
CREATE INDEX "evaluations_of_campaign" ON "evaluations" USING btree ("campaign_id");--> statement-breakpoint
CREATE INDEX "interactions_due" ON "interactions" USING btree ("due_at","id") WHERE "interactions"."status" = 'open';--> statement-breakpoint
CREATE INDEX "interactions_of_group" ON "interactions" USING btree ("group_id");--> statement-breakpoint
CREATE INDEX "identity_nodes_group" ON "identity_nodes" USING btree ("group_id");--> statement-breakpoint
CREATE UNIQUE INDEX "identity_nodes_one_wallet" ON "identity_nodes" USING btree ("group_id") WHERE "identity_nodes"."kind" = 'wallet' and "identity_nodes"."unlinked_at" is null;--> statement-breakpoint
CREATE UNIQUE INDEX "merchant_domains_one_main" ON "merchant_domains" USING btree ("merchant_id") WHERE "merchant_domains"."is_main";--> statement-breakpoint
CREATE INDEX "merchant_domains_merchant" ON "merchant_domains" USING btree ("merchant_id");--> statement-breakpoint
CREATE UNIQUE INDEX "merchant_roles_one_owner" ON "merchant_roles" USING btree ("merchant_id") WHERE "merchant_roles"."role" = 'owner';--> statement-breakpoint
CREATE INDEX "merchant_roles_wallet" ON "merchant_roles" USING btree ("wallet");--> statement-breakpoint
CREATE INDEX "purchase_claims_group" ON "purchase_claims" USING btree ("group_id");--> statement-breakpoint
CREATE INDEX "purchases_of_merchant" ON "purchases" USING btree ("merchant_id","id");--> statement-breakpoint
CREATE INDEX "purchases_of_group" ON "purchases" USING btree ("group_id");--> statement-breakpoint
CREATE INDEX "webhook_deliveries_due" ON "webhook_deliveries" USING btree ("due_at","id") WHERE "webhook_deliveries"."status" = 'received';--> statement-breakpoint
CREATE INDEX "webhook_deliveries_of_merchant" ON "webhook_deliveries" USING btree ("merchant_id","id");--> statement-breakpoint
CREATE UNIQUE INDEX "share_codes_one_current" ON "share_codes" USING btree ("group_id","merchant_id") WHERE "share_codes"."is_current";--> statement-breakpoint
CREATE INDEX "payments_of_batch" ON "payments" USING btree ("batch_id");--> statement-breakpoint
CREATE INDEX "payments_in_flight" ON "payments" USING btree ("bank","token") WHERE "payments"."status" in ('created', 'sent');--> statement-breakpoint
CREATE INDEX "payments_of_wallet" ON "payments" USING btree ("wallet");--> statement-breakpoint
CREATE INDEX "rewards_payable" ON "rewards" USING btree ("merchant_id","token","due_at","id") WHERE "rewards"."status" in ('available', 'waitsForFunds') and "rewards"."wallet" is not null;--> statement-breakpoint
CREATE INDEX "rewards_locked_up" ON "rewards" USING btree ("available_at") WHERE "rewards"."status" = 'pending';--> statement-breakpoint
CREATE INDEX "rewards_of_group" ON "rewards" USING btree ("group_id","id");--> statement-breakpoint
CREATE INDEX "rewards_of_interaction" ON "rewards" USING btree ("interaction_id");--> statement-breakpoint
CREATE INDEX "rewards_of_payment" ON "rewards" USING btree ("payment_id") WHERE "rewards"."payment_id" is not null;--> statement-breakpoint
CREATE INDEX "rewards_of_merchant" ON "rewards" USING btree ("merchant_id","id");--> statement-breakpoint
CREATE INDEX "settlement_batches_open" ON "settlement_batches" USING btree ("id") WHERE "settlement_batches"."status" <> 'applied';--> statement-breakpoint
CREATE INDEX "chain_transactions_open" ON "chain_transactions" USING btree ("signed_at") WHERE "chain_transactions"."status" = 'signed';--> statement-breakpoint
CREATE INDEX "idempotency_keys_expiry" ON "idempotency_keys" USING btree ("expires_at");