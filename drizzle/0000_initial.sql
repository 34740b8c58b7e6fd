CREATE TABLE "admin_tokens" (
	"token_hash" text PRIMARY KEY NOT NULL,
	"id" text NOT NULL,
	"operator" text NOT NULL,
	"sequence" bigint NOT NULL,
	"created_at" bigint NOT NULL,
	"expires_at" bigint NOT NULL
);
--> statement-breakpoint
CREATE TABLE "approvals" (
	"id" text PRIMARY KEY NOT NULL,
	"act" jsonb NOT NULL,
	"requested_by" jsonb NOT NULL,
	"created_at" bigint NOT NULL,
	"expires_at" bigint NOT NULL,
	"decided_at" bigint,
	"decided_by" text
);
--> statement-breakpoint
CREATE TABLE "audit_checkpoints" (
	"log" text NOT NULL,
	"size" bigint NOT NULL,
	"note" text NOT NULL,
	"at" bigint NOT NULL,
	CONSTRAINT "audit_checkpoints_log_size_pk" PRIMARY KEY("log","size")
);
--> statement-breakpoint
CREATE TABLE "audit_entries" (
	"log" text NOT NULL,
	"index" bigint NOT NULL,
	"leaf" text NOT NULL,
	"entry" text NOT NULL,
	"at" bigint NOT NULL,
	"kind" text NOT NULL,
	"actor" text NOT NULL,
	"practitioner" text,
	"practice" text,
	"session" text,
	"client" text,
	"patient" text,
	"access" text,
	"request" text,
	CONSTRAINT "audit_entries_log_index_pk" PRIMARY KEY("log","index")
);
--> statement-breakpoint
CREATE TABLE "audit_logs" (
	"log" text PRIMARY KEY NOT NULL,
	"size" bigint NOT NULL,
	"frontier" text[] NOT NULL,
	"mac" text NOT NULL
);
--> statement-breakpoint
CREATE TABLE "audit_queue" (
	"id" bigserial PRIMARY KEY NOT NULL,
	"event" text NOT NULL
);
--> statement-breakpoint
CREATE TABLE "authorization_codes" (
	"code_hash" text PRIMARY KEY NOT NULL,
	"grant" text NOT NULL,
	"client" text NOT NULL,
	"redirect_uri" text NOT NULL,
	"code_challenge" text NOT NULL,
	"expires_at" bigint NOT NULL,
	"taken_at" bigint
);
--> statement-breakpoint
CREATE TABLE "challenges" (
	"challenge_hash" text PRIMARY KEY NOT NULL,
	"ceremony" text NOT NULL,
	"browser_hash" text NOT NULL,
	"purpose" jsonb NOT NULL,
	"expires_at" bigint NOT NULL
);
--> statement-breakpoint
CREATE TABLE "clients" (
	"id" text PRIMARY KEY NOT NULL,
	"name" text NOT NULL,
	"profile" text NOT NULL,
	"first_party" boolean DEFAULT false NOT NULL,
	"redirect_uris" text[] NOT NULL,
	"post_logout_redirect_uris" text[] NOT NULL,
	"scopes" text[] NOT NULL,
	"resources" text[] NOT NULL,
	"secret_hash" text,
	"created_at" bigint NOT NULL,
	"disabled_at" bigint
);
--> statement-breakpoint
CREATE TABLE "consents" (
	"practitioner" text NOT NULL,
	"client" text NOT NULL,
	"scope" text NOT NULL,
	"given_at" bigint NOT NULL,
	CONSTRAINT "consents_practitioner_client_pk" PRIMARY KEY("practitioner","client")
);
--> statement-breakpoint
CREATE TABLE "devices" (
	"id" text NOT NULL,
	"token_hash" text NOT NULL,
	"holder_kind" text NOT NULL,
	"holder" text NOT NULL,
	"first_seen_at" bigint NOT NULL,
	"last_seen_at" bigint NOT NULL,
	CONSTRAINT "devices_token_hash_holder_kind_holder_pk" PRIMARY KEY("token_hash","holder_kind","holder")
);
--> statement-breakpoint
CREATE TABLE "enrolments" (
	"link_hash" text PRIMARY KEY NOT NULL,
	"holder_kind" text NOT NULL,
	"holder" text NOT NULL,
	"purpose" text NOT NULL,
	"created_at" bigint NOT NULL,
	"expires_at" bigint NOT NULL,
	"taken_at" bigint
);
--> statement-breakpoint
CREATE TABLE "factor_locks" (
	"holder_kind" text NOT NULL,
	"holder" text NOT NULL,
	"factor" text NOT NULL,
	"source" text NOT NULL,
	"until" bigint NOT NULL,
	CONSTRAINT "factor_locks_holder_kind_holder_factor_source_pk" PRIMARY KEY("holder_kind","holder","factor","source")
);
--> statement-breakpoint
CREATE TABLE "failures" (
	"id" bigserial PRIMARY KEY NOT NULL,
	"holder_kind" text NOT NULL,
	"holder" text NOT NULL,
	"factor" text NOT NULL,
	"source" text NOT NULL,
	"at" bigint NOT NULL
);
--> statement-breakpoint
CREATE TABLE "findings" (
	"id" text PRIMARY KEY NOT NULL,
	"rule" text NOT NULL,
	"practitioner" text,
	"practice" text,
	"value" integer NOT NULL,
	"threshold" integer NOT NULL,
	"window" text NOT NULL,
	"action" text NOT NULL,
	"restriction" text,
	"at" bigint NOT NULL
);
--> statement-breakpoint
CREATE TABLE "grants" (
	"id" text PRIMARY KEY NOT NULL,
	"client" text NOT NULL,
	"practitioner" text NOT NULL,
	"practice" text NOT NULL,
	"membership" text NOT NULL,
	"session" text NOT NULL,
	"scope" text NOT NULL,
	"resource" text NOT NULL,
	"acr" text NOT NULL,
	"amr" text[] NOT NULL,
	"auth_time" bigint NOT NULL,
	"nonce" text,
	"created_at" bigint NOT NULL,
	"ended_at" bigint
);
--> statement-breakpoint
CREATE TABLE "installation" (
	"name" text PRIMARY KEY NOT NULL,
	"sealed" text NOT NULL,
	"created_at" bigint NOT NULL
);
--> statement-breakpoint
CREATE TABLE "interactions" (
	"id_hash" text PRIMARY KEY NOT NULL,
	"parameters" jsonb NOT NULL,
	"browser_hash" text NOT NULL,
	"created_at" bigint NOT NULL,
	"expires_at" bigint NOT NULL
);
--> statement-breakpoint
CREATE TABLE "memberships" (
	"id" text PRIMARY KEY NOT NULL,
	"practitioner" text NOT NULL,
	"practice" text NOT NULL,
	"role" text NOT NULL,
	"doctors" integer DEFAULT 1 NOT NULL,
	"start_at" bigint NOT NULL,
	"end_at" bigint
);
--> statement-breakpoint
CREATE TABLE "notices" (
	"id" bigserial PRIMARY KEY NOT NULL,
	"holder_kind" text NOT NULL,
	"holder" text NOT NULL,
	"kind" text NOT NULL,
	"fields" jsonb NOT NULL,
	"at" bigint NOT NULL,
	"read_at" bigint
);
--> statement-breakpoint
CREATE TABLE "operators" (
	"id" text PRIMARY KEY NOT NULL,
	"name" text NOT NULL,
	"email" text NOT NULL,
	"language" text DEFAULT 'fr' NOT NULL,
	"created_at" bigint NOT NULL,
	"disabled_at" bigint,
	CONSTRAINT "operators_email_unique" UNIQUE("email")
);
--> statement-breakpoint
CREATE TABLE "passkeys" (
	"id" text PRIMARY KEY NOT NULL,
	"credential" text NOT NULL,
	"holder_kind" text NOT NULL,
	"holder" text NOT NULL,
	"public_key" "bytea" NOT NULL,
	"thumbprint" text NOT NULL,
	"counter" bigint NOT NULL,
	"aaguid" text NOT NULL,
	"transports" text[] NOT NULL,
	"backup_eligible" boolean NOT NULL,
	"backed_up" boolean NOT NULL,
	"label" text NOT NULL,
	"created_at" bigint NOT NULL,
	"last_used_at" bigint,
	"removed_at" bigint,
	CONSTRAINT "passkeys_credential_unique" UNIQUE("credential")
);
--> statement-breakpoint
CREATE TABLE "patient_seals" (
	"patient" text PRIMARY KEY NOT NULL,
	"sealed" text NOT NULL,
	"sealed_at" bigint NOT NULL
);
--> statement-breakpoint
CREATE TABLE "practices" (
	"id" text PRIMARY KEY NOT NULL,
	"name" text NOT NULL,
	"finess" text,
	"siren" text,
	"secret_sign_in" boolean DEFAULT true NOT NULL,
	"records_name" text NOT NULL,
	"created_at" bigint NOT NULL,
	CONSTRAINT "practices_recordsName_unique" UNIQUE("records_name")
);
--> statement-breakpoint
CREATE TABLE "practitioners" (
	"id" text PRIMARY KEY NOT NULL,
	"given_name" text NOT NULL,
	"family_name" text NOT NULL,
	"email" text NOT NULL,
	"rpps" text,
	"language" text DEFAULT 'fr' NOT NULL,
	"created_at" bigint NOT NULL,
	"disabled_at" bigint,
	CONSTRAINT "practitioners_email_unique" UNIQUE("email"),
	CONSTRAINT "practitioners_rpps_unique" UNIQUE("rpps")
);
--> statement-breakpoint
CREATE TABLE "rate_limits" (
	"key" text PRIMARY KEY NOT NULL,
	"points" integer DEFAULT 0 NOT NULL,
	"expire" bigint,
	CONSTRAINT "rate_limits_points" CHECK ("rate_limits"."points" >= 0)
);
--> statement-breakpoint
CREATE TABLE "refresh_tokens" (
	"token_hash" text PRIMARY KEY NOT NULL,
	"grant" text NOT NULL,
	"issued_at" bigint NOT NULL,
	"expires_at" bigint NOT NULL,
	"taken_at" bigint
);
--> statement-breakpoint
CREATE TABLE "resources" (
	"name" text PRIMARY KEY NOT NULL,
	"resource" jsonb NOT NULL,
	"saved_at" bigint NOT NULL
);
--> statement-breakpoint
CREATE TABLE "restriction_journal" (
	"sequence" bigint PRIMARY KEY NOT NULL,
	"restriction" text NOT NULL,
	"row" jsonb NOT NULL,
	"created_at" bigint NOT NULL
);
--> statement-breakpoint
CREATE TABLE "secrets" (
	"holder_kind" text NOT NULL,
	"holder" text NOT NULL,
	"secret_hash" text NOT NULL,
	"totp_sealed" text NOT NULL,
	"last_step" bigint DEFAULT 0 NOT NULL,
	"created_at" bigint NOT NULL,
	CONSTRAINT "secrets_holder_kind_holder_pk" PRIMARY KEY("holder_kind","holder")
);
--> statement-breakpoint
CREATE TABLE "sessions" (
	"id" text PRIMARY KEY NOT NULL,
	"token_hash" text NOT NULL,
	"holder_kind" text NOT NULL,
	"holder" text NOT NULL,
	"started_at" bigint NOT NULL,
	"facts" jsonb NOT NULL,
	"auth_time" bigint NOT NULL,
	"acr" text NOT NULL,
	"amr" text[] NOT NULL,
	"credential" text,
	"device" text,
	"shared_desk" boolean DEFAULT false NOT NULL,
	"last_active_at" bigint NOT NULL,
	"idle_seconds" integer NOT NULL,
	"ends_at" bigint NOT NULL,
	"ended_at" bigint,
	"network" text NOT NULL,
	"user_agent" text NOT NULL,
	CONSTRAINT "sessions_tokenHash_unique" UNIQUE("token_hash")
);
--> statement-breakpoint
CREATE TABLE "signing_keys" (
	"kid" text PRIMARY KEY NOT NULL,
	"use" text NOT NULL,
	"alg" text NOT NULL,
	"state" text NOT NULL,
	"public_jwk" jsonb NOT NULL,
	"private_sealed" text NOT NULL,
	"created_at" bigint NOT NULL
);
--> statement-breakpoint
CREATE TABLE "stranger_refusals" (
	"source" text NOT NULL,
	"reason" text NOT NULL,
	"minute_at" bigint NOT NULL,
	"count" integer NOT NULL,
	CONSTRAINT "stranger_refusals_minute_at_source_reason_pk" PRIMARY KEY("minute_at","source","reason")
);
--> statement-breakpoint
ALTER TABLE "admin_tokens" ADD CONSTRAINT "admin_tokens_operator_operators_id_fk" FOREIGN KEY ("operator") REFERENCES "public"."operators"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "authorization_codes" ADD CONSTRAINT "authorization_codes_grant_grants_id_fk" FOREIGN KEY ("grant") REFERENCES "public"."grants"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "grants" ADD CONSTRAINT "grants_client_clients_id_fk" FOREIGN KEY ("client") REFERENCES "public"."clients"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "grants" ADD CONSTRAINT "grants_practitioner_practitioners_id_fk" FOREIGN KEY ("practitioner") REFERENCES "public"."practitioners"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "grants" ADD CONSTRAINT "grants_practice_practices_id_fk" FOREIGN KEY ("practice") REFERENCES "public"."practices"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "grants" ADD CONSTRAINT "grants_membership_memberships_id_fk" FOREIGN KEY ("membership") REFERENCES "public"."memberships"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "grants" ADD CONSTRAINT "grants_session_sessions_id_fk" FOREIGN KEY ("session") REFERENCES "public"."sessions"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "memberships" ADD CONSTRAINT "memberships_practitioner_practitioners_id_fk" FOREIGN KEY ("practitioner") REFERENCES "public"."practitioners"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "memberships" ADD CONSTRAINT "memberships_practice_practices_id_fk" FOREIGN KEY ("practice") REFERENCES "public"."practices"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "refresh_tokens" ADD CONSTRAINT "refresh_tokens_grant_grants_id_fk" FOREIGN KEY ("grant") REFERENCES "public"."grants"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
CREATE INDEX "audit_entries_request_index" ON "audit_entries" USING btree ("request") WHERE "audit_entries"."kind" = 'access.settled';--> statement-breakpoint
CREATE INDEX "audit_entries_at_index" ON "audit_entries" USING btree ("at");--> statement-breakpoint
CREATE INDEX "audit_entries_practitioner_at_index" ON "audit_entries" USING btree ("practitioner","at");--> statement-breakpoint
CREATE INDEX "audit_entries_practice_at_index" ON "audit_entries" USING btree ("practice","at");--> statement-breakpoint
CREATE INDEX "audit_entries_patient_at_index" ON "audit_entries" USING btree ("patient","at");--> statement-breakpoint
CREATE INDEX "audit_entries_session_index" ON "audit_entries" USING btree ("session");--> statement-breakpoint
CREATE INDEX "failures_holder_kind_holder_factor_source_at_index" ON "failures" USING btree ("holder_kind","holder","factor","source","at");--> statement-breakpoint
CREATE INDEX "findings_at_index" ON "findings" USING btree ("at");--> statement-breakpoint
CREATE INDEX "grants_practitioner_index" ON "grants" USING btree ("practitioner");--> statement-breakpoint
CREATE INDEX "grants_session_index" ON "grants" USING btree ("session");--> statement-breakpoint
CREATE INDEX "memberships_practitioner_index" ON "memberships" USING btree ("practitioner");--> statement-breakpoint
CREATE INDEX "memberships_practice_index" ON "memberships" USING btree ("practice");--> statement-breakpoint
CREATE INDEX "notices_holder_kind_holder_index" ON "notices" USING btree ("holder_kind","holder");--> statement-breakpoint
CREATE INDEX "passkeys_holder_kind_holder_index" ON "passkeys" USING btree ("holder_kind","holder");--> statement-breakpoint
CREATE INDEX "refresh_tokens_grant_index" ON "refresh_tokens" USING btree ("grant");--> statement-breakpoint
CREATE INDEX "restriction_journal_restriction_index" ON "restriction_journal" USING btree ("restriction");--> statement-breakpoint
CREATE INDEX "sessions_holder_kind_holder_index" ON "sessions" USING btree ("holder_kind","holder");