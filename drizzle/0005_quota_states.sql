CREATE TABLE "quota_states" (
	"practitioner" text PRIMARY KEY NOT NULL,
	"version" bigint NOT NULL,
	"state" jsonb NOT NULL,
	"saved_at" bigint NOT NULL
);
