-- Who made what, so that what a credential made can end with it. An index with a condition costs a write only for the
-- rows that it holds: one for each live session that a key or a password opened, one for each member, key and reset token.
ALTER TABLE `sessions` ADD `made_by` text;--> statement-breakpoint
ALTER TABLE `sessions` ADD `withdrawn` integer DEFAULT 0 NOT NULL;--> statement-breakpoint
CREATE INDEX `sessions_by_maker` ON `sessions` (`made_by`) WHERE "sessions"."made_by" IS NOT NULL AND "sessions"."revoked_at" IS NULL;--> statement-breakpoint
ALTER TABLE `api_keys` ADD `root_id` text;--> statement-breakpoint
ALTER TABLE `api_keys` ADD `made_by` text;--> statement-breakpoint
ALTER TABLE `api_keys` ADD `made_by_user` integer;--> statement-breakpoint
CREATE INDEX `api_keys_by_root` ON `api_keys` (`root_id`) WHERE "api_keys"."root_id" IS NOT NULL;--> statement-breakpoint
CREATE INDEX `api_keys_by_maker` ON `api_keys` (`made_by`) WHERE "api_keys"."made_by" IS NOT NULL;--> statement-breakpoint
CREATE INDEX `api_keys_by_member` ON `api_keys` (`made_by_user`) WHERE "api_keys"."made_by_user" IS NOT NULL;--> statement-breakpoint
ALTER TABLE `users` ADD `made_by` text;--> statement-breakpoint
ALTER TABLE `users` ADD `made_by_user` integer;--> statement-breakpoint
CREATE INDEX `users_by_maker` ON `users` (`made_by`) WHERE "users"."made_by" IS NOT NULL;--> statement-breakpoint
CREATE INDEX `users_by_member` ON `users` (`made_by_user`) WHERE "users"."made_by_user" IS NOT NULL;--> statement-breakpoint
CREATE TABLE `reset_tokens` (
	`id` text PRIMARY KEY NOT NULL,
	`tenant_id` integer NOT NULL,
	`user_id` integer NOT NULL,
	`hash` text,
	`email` text,
	`ends_at` integer NOT NULL,
	`used_at` integer,
	`key_id` text,
	`session_id` text,
	`made_by` text,
	`made_by_user` integer,
	FOREIGN KEY (`tenant_id`) REFERENCES `tenants`(`id`) ON UPDATE no action ON DELETE no action,
	FOREIGN KEY (`user_id`) REFERENCES `users`(`id`) ON UPDATE no action ON DELETE no action,
	CONSTRAINT "reset_tokens_used" CHECK(("reset_tokens"."used_at" IS NULL) = ("reset_tokens"."hash" IS NOT NULL) AND ("reset_tokens"."hash" IS NULL) = ("reset_tokens"."email" IS NULL))
) WITHOUT ROWID;
--> statement-breakpoint
CREATE INDEX `reset_tokens_by_user` ON `reset_tokens` (`user_id`);--> statement-breakpoint
CREATE INDEX `reset_tokens_by_maker` ON `reset_tokens` (`made_by`) WHERE "reset_tokens"."made_by" IS NOT NULL;--> statement-breakpoint
CREATE INDEX `reset_tokens_by_member` ON `reset_tokens` (`made_by_user`) WHERE "reset_tokens"."made_by_user" IS NOT NULL;--> statement-breakpoint
-- Those that members had made are left behind: nobody knows any more by which of their sessions.
INSERT INTO `reset_tokens` (`id`, `tenant_id`, `user_id`, `hash`, `email`, `ends_at`, `key_id`, `made_by`)
SELECT p.`reset_id`, u.`tenant_id`, u.`id`, p.`reset_hash`, u.`email`, p.`reset_ends_at`, p.`reset_by_key`, p.`reset_by_key`
FROM `passwords` p JOIN `users` u ON u.`id` = p.`user_id`
WHERE p.`reset_id` IS NOT NULL AND p.`reset_by_key` IS NOT NULL AND u.`email` IS NOT NULL;--> statement-breakpoint
DROP INDEX `passwords_by_reset`;--> statement-breakpoint
ALTER TABLE `passwords` DROP COLUMN `reset_id`;--> statement-breakpoint
ALTER TABLE `passwords` DROP COLUMN `reset_hash`;--> statement-breakpoint
ALTER TABLE `passwords` DROP COLUMN `reset_ends_at`;--> statement-breakpoint
ALTER TABLE `passwords` DROP COLUMN `reset_by_user`;--> statement-breakpoint
ALTER TABLE `passwords` DROP COLUMN `reset_by_key`;--> statement-breakpoint
ALTER TABLE `passwords` ADD `set_by` text;--> statement-breakpoint
CREATE TABLE `endings` (
	`id` text PRIMARY KEY NOT NULL,
	`tenant_id` integer NOT NULL,
	`actor` text NOT NULL,
	`request_id` text NOT NULL,
	`change_id` text NOT NULL,
	`slice` text DEFAULT '[]' NOT NULL,
	FOREIGN KEY (`tenant_id`) REFERENCES `tenants`(`id`) ON UPDATE no action ON DELETE no action,
	CONSTRAINT "endings_slice" CHECK(json_valid("endings"."slice"))
) WITHOUT ROWID;
--> statement-breakpoint
CREATE TABLE `ending_makers` (
	`id` text NOT NULL,
	`ending_id` text NOT NULL,
	`kind` text NOT NULL,
	`until` integer,
	PRIMARY KEY(`id`, `ending_id`),
	CONSTRAINT "ending_makers_kind" CHECK("ending_makers"."kind" IN ('key', 'token', 'member', 'holder')),
	CONSTRAINT "ending_makers_until" CHECK(("ending_makers"."kind" IN ('member', 'holder')) = ("ending_makers"."until" IS NOT NULL))
) WITHOUT ROWID;
--> statement-breakpoint
CREATE INDEX `ending_makers_by_ending` ON `ending_makers` (`ending_id`);
