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
ALTER TABLE "auth_challenges" ADD COLUMN "consent" text;--> statement-breakpoint
ALTER TABLE "identity_merges" ADD COLUMN "moved" jsonb DEFAULT '{}'::jsonb NOT NULL;--> statement-breakpoint
ALTER TABLE "identity_nodes" ADD COLUMN "sealed" text;--> statement-breakpoint
ALTER TABLE "identity_nodes" ADD COLUMN "key_id" uuid;--> statement-breakpoint
ALTER TABLE "identity_handovers" ADD CONSTRAINT "identity_handovers_group_id_identity_groups_id_fk" FOREIGN KEY ("group_id") REFERENCES "public"."identity_groups"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "identity_keys" ADD CONSTRAINT "identity_keys_group_id_identity_groups_id_fk" FOREIGN KEY ("group_id") REFERENCES "public"."identity_groups"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
CREATE INDEX "identity_erasures_due" ON "identity_erasures" USING btree ("due_at","id") WHERE "identity_erasures"."step" <> 'done';--> statement-breakpoint
CREATE INDEX "identity_handovers_group" ON "identity_handovers" USING btree ("group_id");--> statement-breakpoint
CREATE INDEX "identity_handovers_expiry" ON "identity_handovers" USING btree ("expires_at");--> statement-breakpoint
CREATE INDEX "identity_keys_group" ON "identity_keys" USING btree ("group_id");--> statement-breakpoint
ALTER TABLE "identity_nodes" ADD CONSTRAINT "identity_nodes_key_id_identity_keys_id_fk" FOREIGN KEY ("key_id") REFERENCES "public"."identity_keys"("id") ON DELETE no action ON UPDATE no action;