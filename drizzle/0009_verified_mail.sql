CREATE TABLE "identity_mail_codes" (
	"id" uuid PRIMARY KEY NOT NULL,
	"group_id" uuid NOT NULL,
	"lookup" text NOT NULL,
	"sealed_address" text,
	"guesses" integer DEFAULT 0 NOT NULL,
	"spent_at" timestamp with time zone,
	"sendings" integer DEFAULT 0 NOT NULL,
	"due_at" timestamp with time zone NOT NULL,
	"last_error" text,
	"created_at" timestamp with time zone NOT NULL,
	"expires_at" timestamp with time zone NOT NULL
);
--> statement-breakpoint
ALTER TABLE "identity_mail_codes" ADD CONSTRAINT "identity_mail_codes_group_id_identity_groups_id_fk" FOREIGN KEY ("group_id") REFERENCES "public"."identity_groups"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
CREATE INDEX "identity_mail_codes_of_group" ON "identity_mail_codes" USING btree ("group_id","created_at");--> statement-breakpoint
CREATE INDEX "identity_mail_codes_of_address" ON "identity_mail_codes" USING btree ("lookup","created_at");--> statement-breakpoint
CREATE INDEX "identity_mail_codes_due" ON "identity_mail_codes" USING btree ("due_at","id") WHERE "identity_mail_codes"."sealed_address" is not null;--> statement-breakpoint
CREATE INDEX "purchases_of_nobody" ON "purchases" USING btree ("email_lookup") WHERE "purchases"."group_id" is null and "purchases"."email_lookup" is not null;--> statement-breakpoint
ALTER TABLE "identity_keys" DROP COLUMN "merchant_id";