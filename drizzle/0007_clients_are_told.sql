CREATE TABLE "logout_progress" (
	"name" text PRIMARY KEY NOT NULL,
	"sequence" bigint DEFAULT 0 NOT NULL,
	"after" text DEFAULT '' NOT NULL
);
--> statement-breakpoint
ALTER TABLE "grants" ADD COLUMN "logout_told_at" bigint;--> statement-breakpoint
CREATE INDEX "deliveries_client_next_at_index" ON "deliveries" USING btree ("client","next_at") WHERE "deliveries"."delivered_at" is null;