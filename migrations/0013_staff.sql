CREATE TABLE `passkeys` (
	`id` text PRIMARY KEY NOT NULL,
	`user_id` integer NOT NULL,
	`name` text NOT NULL,
	`public_key` text NOT NULL,
	`algorithm` integer NOT NULL,
	`counter` integer NOT NULL,
	`created_at` integer NOT NULL,
	`last_used_at` integer,
	`change_id` text NOT NULL,
	FOREIGN KEY (`user_id`) REFERENCES `users`(`id`) ON UPDATE no action ON DELETE no action
);
--> statement-breakpoint
CREATE INDEX `passkeys_by_user` ON `passkeys` (`user_id`);--> statement-breakpoint
CREATE TABLE `recovery_codes` (
	`user_id` integer NOT NULL,
	`hash` text NOT NULL,
	PRIMARY KEY(`user_id`, `hash`),
	FOREIGN KEY (`user_id`) REFERENCES `users`(`id`) ON UPDATE no action ON DELETE no action
);
--> statement-breakpoint
CREATE TABLE `spent_challenges` (
	`id` text PRIMARY KEY NOT NULL,
	`ends_at` integer NOT NULL
);
--> statement-breakpoint
CREATE INDEX `spent_challenges_by_end` ON `spent_challenges` (`ends_at`);--> statement-breakpoint
CREATE TABLE `totps` (
	`user_id` integer PRIMARY KEY NOT NULL,
	`secret` text NOT NULL,
	`created_at` integer NOT NULL,
	`confirmed_at` integer,
	`last_step` integer DEFAULT 0 NOT NULL,
	`change_id` text NOT NULL,
	FOREIGN KEY (`user_id`) REFERENCES `users`(`id`) ON UPDATE no action ON DELETE no action
);
--> statement-breakpoint
CREATE TABLE `wrong_codes` (
	`user_id` integer PRIMARY KEY NOT NULL,
	`failures` integer NOT NULL,
	`closed_until` integer NOT NULL,
	FOREIGN KEY (`user_id`) REFERENCES `users`(`id`) ON UPDATE no action ON DELETE no action
);
--> statement-breakpoint
ALTER TABLE `passwords` ADD `cap` text;--> statement-breakpoint
ALTER TABLE `reset_tokens` ADD `cap` text;--> statement-breakpoint
ALTER TABLE `sessions` ADD `client` text;--> statement-breakpoint
ALTER TABLE `sessions` ADD `proved_at` integer;--> statement-breakpoint
ALTER TABLE `sessions` ADD `actor` text;--> statement-breakpoint
ALTER TABLE `sessions` ADD `reason` text;--> statement-breakpoint
ALTER TABLE `sessions` ADD `actor_user_id` integer;--> statement-breakpoint
ALTER TABLE `sessions` ADD `permissions` text;--> statement-breakpoint
ALTER TABLE `sessions` ADD `cap` text;--> statement-breakpoint
CREATE INDEX `sessions_of_support` ON `sessions` (`tenant_id`) WHERE "sessions"."opened_by" = 'SUPPORT' AND "sessions"."revoked_at" IS NULL;--> statement-breakpoint
ALTER TABLE `tenants` ADD `require_second_factor` integer DEFAULT 0 NOT NULL;--> statement-breakpoint
ALTER TABLE `tenants` ADD `support_permissions` text;--> statement-breakpoint
ALTER TABLE `users` ADD `cap` text;