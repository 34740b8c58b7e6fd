CREATE TABLE "answered_requests" (
	"id_hash" text PRIMARY KEY NOT NULL,
	"expires_at" bigint NOT NULL
);
