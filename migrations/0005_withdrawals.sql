CREATE TABLE `withdrawals` (
	`tenant_id` integer NOT NULL,
	`id` text NOT NULL,
	`cause` text NOT NULL,
	`subject` text,
	`sessions` text,
	PRIMARY KEY(`tenant_id`, `id`),
	FOREIGN KEY (`tenant_id`) REFERENCES `tenants`(`id`) ON UPDATE no action ON DELETE no action
) WITHOUT ROWID;
--> statement-breakpoint
CREATE INDEX `sessions_by_end` ON `sessions` (`tenant_id`,`expires_at`) WHERE "sessions"."revoked_at" IS NULL;--> statement-breakpoint
ALTER TABLE `permissions` ADD `tenant_id` integer DEFAULT 0 NOT NULL;--> statement-breakpoint
UPDATE `permissions` SET `tenant_id` = (SELECT `tenant_id` FROM `users` WHERE `id` = `permissions`.`user_id`);--> statement-breakpoint
DROP INDEX `permissions_by_end`;--> statement-breakpoint
CREATE INDEX `permissions_by_end` ON `permissions` (`tenant_id`,`expires_at`) WHERE "permissions"."expires_at" IS NOT NULL;
