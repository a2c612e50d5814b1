CREATE TABLE "attribution_settings" (
	"merchant_id" uuid PRIMARY KEY NOT NULL,
	"model" text DEFAULT 'lastReferral' NOT NULL,
	"window_days" integer DEFAULT 30 NOT NULL,
	"code_beats_link" boolean DEFAULT true NOT NULL,
	"updated_at" timestamp with time zone NOT NULL,
	CONSTRAINT "attribution_settings_window" CHECK ("attribution_settings"."window_days" between 1 and 365)
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
ALTER TABLE "interactions" ADD COLUMN "data" jsonb;--> statement-breakpoint
CREATE UNIQUE INDEX "personal_codes_one_current" ON "personal_codes" USING btree ("group_id") WHERE "personal_codes"."is_current";--> statement-breakpoint
CREATE INDEX "personal_codes_group" ON "personal_codes" USING btree ("group_id");--> statement-breakpoint
CREATE UNIQUE INDEX "referral_edges_one_referrer" ON "referral_edges" USING btree ("referee_group_id","merchant_id") WHERE "referral_edges"."removed_at" is null and "referral_edges"."merchant_id" is not null;--> statement-breakpoint
CREATE UNIQUE INDEX "referral_edges_one_personal_referrer" ON "referral_edges" USING btree ("referee_group_id") WHERE "referral_edges"."removed_at" is null and "referral_edges"."merchant_id" is null;--> statement-breakpoint
CREATE INDEX "referral_edges_of_referee" ON "referral_edges" USING btree ("referee_group_id","merchant_id");--> statement-breakpoint
CREATE INDEX "referral_edges_of_referrer" ON "referral_edges" USING btree ("referrer_group_id");--> statement-breakpoint
CREATE INDEX "touchpoints_referred" ON "touchpoints" USING btree ("group_id","merchant_id","occurred_at") WHERE "touchpoints"."referrer_group_id" is not null;--> statement-breakpoint
CREATE UNIQUE INDEX "share_codes_once_in_any_case" ON "share_codes" USING btree (lower("code"));--> statement-breakpoint
CREATE INDEX "share_codes_group" ON "share_codes" USING btree ("group_id");--> statement-breakpoint
CREATE INDEX "touchpoints_referrer" ON "touchpoints" USING btree ("referrer_group_id") WHERE "touchpoints"."referrer_group_id" is not null;