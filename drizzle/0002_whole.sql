CREATE TABLE "attribution_settings" (
	"merchant_id" uuid PRIMARY KEY NOT NULL,
	"model" text DEFAULT 'lastReferral' NOT NULL,
	"window_days" integer DEFAULT 30 NOT NULL,
	"code_beats_link" boolean DEFAULT true NOT NULL,
	"updated_at" timestamp with time zone NOT NULL,
	CONSTRAINT "attribution_settings_window" CHECK ("attribution_settings"."window_days" between 1 and 365)
);
--> statement-breakpoint
CREATE TABLE "api_keys" (
	"id" uuid PRIMARY KEY NOT NULL,
	"merchant_id" uuid NOT NULL,
	"name" text NOT NULL,
	"mode" text NOT NULL,
	"scopes" text[] NOT NULL,
	"hash" text NOT NULL,
	"prefix" text NOT NULL,
	"last_four" text NOT NULL,
	"created_by" text NOT NULL,
	"created_at" timestamp with time zone NOT NULL,
	"revoked_at" timestamp with time zone
);
--> statement-breakpoint
CREATE TABLE "sso_requests" (
	"id" uuid PRIMARY KEY NOT NULL,
	"merchant_id" uuid NOT NULL,
	"redirect_uri" text NOT NULL,
	"code_challenge" text NOT NULL,
	"state" text,
	"wallet" text,
	"session_id" uuid,
	"created_at" timestamp with time zone NOT NULL,
	"approved_at" timestamp with time zone,
	"consumed_at" timestamp with time zone,
	"expires_at" timestamp with time zone NOT NULL,
	CONSTRAINT "sso_requests_approved_by_somebody" CHECK (("sso_requests"."approved_at" is null) = ("sso_requests"."wallet" is null) and ("sso_requests"."approved_at" is null) = ("sso_requests"."session_id" is null)),
	CONSTRAINT "sso_requests_consumed_after_approval" CHECK ("sso_requests"."consumed_at" is null or "sso_requests"."approved_at" is not null)
);
--> statement-breakpoint
CREATE TABLE "identity_erasures" (
	"id" uuid PRIMARY KEY NOT NULL,
	"group_id" uuid,
	"merchant_id" uuid,
	"wallet" text,
	"step" text NOT NULL,
	"sealed_traces" text,
	"cursor" uuid,
	"requested_at" timestamp with time zone NOT NULL,
	"due_at" timestamp with time zone NOT NULL,
	"attempts" integer DEFAULT 0 NOT NULL,
	"last_error" text,
	"finished_at" timestamp with time zone
);
--> statement-breakpoint
CREATE TABLE "identity_handovers" (
	"lookup" text PRIMARY KEY NOT NULL,
	"kind" text NOT NULL,
	"group_id" uuid NOT NULL,
	"merchant_id" uuid NOT NULL,
	"expires_at" timestamp with time zone NOT NULL
);
--> statement-breakpoint
CREATE TABLE "identity_keys" (
	"id" uuid PRIMARY KEY NOT NULL,
	"group_id" uuid NOT NULL,
	"merchant_id" uuid,
	"sealed_key" text NOT NULL,
	"created_at" timestamp with time zone DEFAULT now() NOT NULL
);
--> statement-breakpoint
CREATE TABLE "personal_codes" (
	"code" text PRIMARY KEY NOT NULL,
	"group_id" uuid NOT NULL,
	"is_current" boolean DEFAULT true NOT NULL,
	"created_at" timestamp with time zone NOT NULL,
	"retired_at" timestamp with time zone
);
--> statement-breakpoint
CREATE TABLE "referral_edges" (
	"id" uuid PRIMARY KEY NOT NULL,
	"merchant_id" uuid,
	"referee_group_id" uuid NOT NULL,
	"referrer_group_id" uuid NOT NULL,
	"code" text,
	"created_at" timestamp with time zone NOT NULL,
	"removed_at" timestamp with time zone,
	"end_reason" text,
	CONSTRAINT "referral_edges_not_to_oneself" CHECK ("referral_edges"."removed_at" is not null or "referral_edges"."referee_group_id" <> "referral_edges"."referrer_group_id"),
	CONSTRAINT "referral_edges_end_has_reason" CHECK (("referral_edges"."removed_at" is null) = ("referral_edges"."end_reason" is null))
);
--> statement-breakpoint
DROP INDEX "touchpoints_referrer";--> statement-breakpoint
ALTER TABLE "auth_challenges" ADD COLUMN "wallet" text;--> statement-breakpoint
ALTER TABLE "auth_challenges" ADD COLUMN "consent" text;--> statement-breakpoint
ALTER TABLE "sessions" ADD COLUMN "pairing_id" uuid;--> statement-breakpoint
ALTER TABLE "sessions" ADD COLUMN "last_seen_at" timestamp with time zone DEFAULT now() NOT NULL;--> statement-breakpoint
ALTER TABLE "sessions" ADD COLUMN "stepped_up_at" timestamp with time zone;--> statement-breakpoint
ALTER TABLE "interactions" ADD COLUMN "data" jsonb;--> statement-breakpoint
ALTER TABLE "identity_merges" ADD COLUMN "moved" jsonb DEFAULT '{}'::jsonb NOT NULL;--> statement-breakpoint
ALTER TABLE "identity_nodes" ADD COLUMN "sealed" text;--> statement-breakpoint
ALTER TABLE "identity_nodes" ADD COLUMN "key_id" uuid;--> statement-breakpoint
ALTER TABLE "sso_requests" ADD CONSTRAINT "sso_requests_session_id_sessions_id_fk" FOREIGN KEY ("session_id") REFERENCES "public"."sessions"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "identity_handovers" ADD CONSTRAINT "identity_handovers_group_id_identity_groups_id_fk" FOREIGN KEY ("group_id") REFERENCES "public"."identity_groups"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "identity_keys" ADD CONSTRAINT "identity_keys_group_id_identity_groups_id_fk" FOREIGN KEY ("group_id") REFERENCES "public"."identity_groups"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
CREATE UNIQUE INDEX "api_keys_hash" ON "api_keys" USING btree ("hash");--> statement-breakpoint
CREATE INDEX "api_keys_merchant" ON "api_keys" USING btree ("merchant_id") WHERE "api_keys"."revoked_at" is null;--> statement-breakpoint
CREATE INDEX "sso_requests_expiry" ON "sso_requests" USING btree ("expires_at");--> statement-breakpoint
CREATE INDEX "identity_erasures_due" ON "identity_erasures" USING btree ("due_at","id") WHERE "identity_erasures"."step" <> 'done';--> statement-breakpoint
CREATE INDEX "identity_handovers_group" ON "identity_handovers" USING btree ("group_id");--> statement-breakpoint
CREATE INDEX "identity_handovers_expiry" ON "identity_handovers" USING btree ("expires_at");--> statement-breakpoint
CREATE INDEX "identity_keys_group" ON "identity_keys" USING btree ("group_id");--> statement-breakpoint
CREATE UNIQUE INDEX "personal_codes_one_current" ON "personal_codes" USING btree ("group_id") WHERE "personal_codes"."is_current";--> statement-breakpoint
CREATE INDEX "personal_codes_group" ON "personal_codes" USING btree ("group_id");--> statement-breakpoint
CREATE UNIQUE INDEX "referral_edges_one_referrer" ON "referral_edges" USING btree ("referee_group_id","merchant_id") WHERE "referral_edges"."removed_at" is null and "referral_edges"."merchant_id" is not null;--> statement-breakpoint
CREATE UNIQUE INDEX "referral_edges_one_personal_referrer" ON "referral_edges" USING btree ("referee_group_id") WHERE "referral_edges"."removed_at" is null and "referral_edges"."merchant_id" is null;--> statement-breakpoint
CREATE INDEX "referral_edges_of_referee" ON "referral_edges" USING btree ("referee_group_id","merchant_id");--> statement-breakpoint
CREATE INDEX "referral_edges_of_referrer" ON "referral_edges" USING btree ("referrer_group_id");--> statement-breakpoint
ALTER TABLE "identity_nodes" ADD CONSTRAINT "identity_nodes_key_id_identity_keys_id_fk" FOREIGN KEY ("key_id") REFERENCES "public"."identity_keys"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
CREATE INDEX "touchpoints_referred" ON "touchpoints" USING btree ("group_id","merchant_id","occurred_at") WHERE "touchpoints"."referrer_group_id" is not null;--> statement-breakpoint
CREATE INDEX "sessions_credential" ON "sessions" USING btree ("credential_id") WHERE "sessions"."revoked_at" is null;--> statement-breakpoint
CREATE INDEX "sessions_pairing" ON "sessions" USING btree ("pairing_id") WHERE "sessions"."pairing_id" is not null;--> statement-breakpoint
CREATE UNIQUE INDEX "share_codes_once_in_any_case" ON "share_codes" USING btree (lower("code"));--> statement-breakpoint
CREATE INDEX "share_codes_group" ON "share_codes" USING btree ("group_id");--> statement-breakpoint
CREATE INDEX "touchpoints_referrer" ON "touchpoints" USING btree ("referrer_group_id") WHERE "touchpoints"."referrer_group_id" is not null;