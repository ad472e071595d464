CREATE TABLE `sweeps` (
	`part` text PRIMARY KEY NOT NULL,
	`cursor` text NOT NULL
) WITHOUT ROWID;
--> statement-breakpoint
CREATE INDEX `permissions_by_end` ON `permissions` (`expires_at`) WHERE "permissions"."expires_at" IS NOT NULL;