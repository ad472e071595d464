ALTER TABLE `sessions` ADD `opened_by` text;--> statement-breakpoint
ALTER TABLE `sessions` ADD `console` integer DEFAULT 0 NOT NULL;