CREATE TABLE "launches" (
	"launch_hash" text PRIMARY KEY NOT NULL,
	"client" text NOT NULL,
	"practitioner" text NOT NULL,
	"practice" text NOT NULL,
	"resource" text NOT NULL,
	"context" jsonb NOT NULL,
	"launcher" text NOT NULL,
	"expires_at" bigint NOT NULL,
	"taken_at" bigint
);
--> statement-breakpoint
ALTER TABLE "practitioners" ADD COLUMN "records_name" text;