CREATE TABLE "resolutions" (
	"id" text PRIMARY KEY NOT NULL,
	"patient" text NOT NULL,
	"reason" text NOT NULL,
	"asked_by" text NOT NULL,
	"sealed" text NOT NULL,
	"decided_by" text,
	"answered" text,
	"created_at" bigint NOT NULL,
	"expires_at" bigint NOT NULL
);
