CREATE TABLE "sign_in_queues" (
	"name" text PRIMARY KEY NOT NULL,
	"queue" jsonb NOT NULL
);
