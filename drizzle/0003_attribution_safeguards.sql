-- Keys between contexts.
ALTER TABLE "referral_edges" ADD CONSTRAINT "referral_edges_of_referee_group" FOREIGN KEY ("referee_group_id")
    REFERENCES "identity_groups" ("id");--> statement-breakpoint
ALTER TABLE "referral_edges" ADD CONSTRAINT "referral_edges_of_referrer_group" FOREIGN KEY ("referrer_group_id")
    REFERENCES "identity_groups" ("id");--> statement-breakpoint
ALTER TABLE "referral_edges" ADD CONSTRAINT "referral_edges_of_merchant" FOREIGN KEY ("merchant_id")
    REFERENCES "merchants" ("id");--> statement-breakpoint
ALTER TABLE "personal_codes" ADD CONSTRAINT "personal_codes_of_group" FOREIGN KEY ("group_id")
    REFERENCES "identity_groups" ("id");--> statement-breakpoint
ALTER TABLE "attribution_settings" ADD CONSTRAINT "attribution_settings_of_merchant" FOREIGN KEY ("merchant_id")
    REFERENCES "merchants" ("id");
