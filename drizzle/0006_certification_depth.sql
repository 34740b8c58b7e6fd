CREATE TABLE "deliveries" (
	"id" bigserial PRIMARY KEY NOT NULL,
	"kind" text NOT NULL,
	"client" text NOT NULL,
	"address" text NOT NULL,
	"fields" jsonb NOT NULL,
	"created_at" bigint NOT NULL,
	"attempts" integer DEFAULT 0 NOT NULL,
	"next_at" bigint NOT NULL,
	"delivered_at" bigint,
	"dead_at" bigint,
	"fault" text
);
--> statement-breakpoint
CREATE TABLE "device_requests" (
	"device_code_hash" text PRIMARY KEY NOT NULL,
	"user_code_hash" text NOT NULL,
	"client" text NOT NULL,
	"scope" text NOT NULL,
	"resource" text NOT NULL,
	"jkt" text,
	"created_at" bigint NOT NULL,
	"expires_at" bigint NOT NULL,
	"interval_seconds" integer NOT NULL,
	"asked_at" bigint,
	"decision" text,
	"grant" text,
	"taken_at" bigint,
	CONSTRAINT "device_requests_userCodeHash_unique" UNIQUE("user_code_hash")
);
--> statement-breakpoint
CREATE TABLE "pushed_requests" (
	"request_hash" text PRIMARY KEY NOT NULL,
	"client" text NOT NULL,
	"parameters" jsonb NOT NULL,
	"expires_at" bigint NOT NULL,
	"taken_at" bigint
);
--> statement-breakpoint
CREATE TABLE "taken_once" (
	"kind" text NOT NULL,
	"hash" text NOT NULL,
	"expires_at" bigint NOT NULL,
	CONSTRAINT "taken_once_kind_hash_pk" PRIMARY KEY("kind","hash")
);
--> statement-breakpoint
ALTER TABLE "authorization_codes" ADD COLUMN "jkt" text;--> statement-breakpoint
ALTER TABLE "clients" ADD COLUMN "authentication" text[] DEFAULT '{}' NOT NULL;--> statement-breakpoint
ALTER TABLE "clients" ADD COLUMN "grant_types" text[] DEFAULT '{}' NOT NULL;--> statement-breakpoint
ALTER TABLE "clients" ADD COLUMN "practice" text;--> statement-breakpoint
ALTER TABLE "clients" ADD COLUMN "options" jsonb DEFAULT '{}'::jsonb NOT NULL;--> statement-breakpoint
ALTER TABLE "grants" ADD COLUMN "jkt" text;--> statement-breakpoint
ALTER TABLE "grants" ADD COLUMN "context" jsonb DEFAULT '{}'::jsonb NOT NULL;--> statement-breakpoint
ALTER TABLE "signing_keys" ADD COLUMN "state_at" bigint;--> statement-breakpoint
CREATE INDEX "deliveries_next_at_index" ON "deliveries" USING btree ("next_at") WHERE "deliveries"."delivered_at" is null and "deliveries"."dead_at" is null;--> statement-breakpoint
CREATE INDEX "taken_once_expires_at_index" ON "taken_once" USING btree ("expires_at");--> statement-breakpoint
ALTER TABLE "clients" ADD CONSTRAINT "clients_practice_practices_id_fk" FOREIGN KEY ("practice") REFERENCES "public"."practices"("id") ON DELETE no action ON UPDATE no action;