-- Mails of the last hour, for their limits. Names are pseudonyms, so that no address stands here.
CREATE TABLE `mailings` (
	`name` text NOT NULL,
	`at` integer NOT NULL,
	`id` text NOT NULL,
	PRIMARY KEY(`name`, `at`, `id`)
) WITHOUT ROWID;
--> statement-breakpoint
CREATE INDEX `mailings_by_time` ON `mailings` (`at`);
