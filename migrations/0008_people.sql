-- An address is compared by its key and shown as it was given. Names are searched without accents: of those that are there,
-- lower case does for ASCII, and the sweep folds the others.
ALTER TABLE `users` ADD `address` text;--> statement-breakpoint
ALTER TABLE `users` ADD `name_folded` text;--> statement-breakpoint
ALTER TABLE `users` ADD `alarm_voice` integer DEFAULT 0 NOT NULL;--> statement-breakpoint
ALTER TABLE `users` ADD `timezone_pref_id` integer DEFAULT 3 NOT NULL;--> statement-breakpoint
DROP INDEX `users_by_name`;--> statement-breakpoint
CREATE INDEX `users_by_name` ON `users` (`tenant_id`,coalesce("name_folded", lower("name"))) WHERE "users"."name" IS NOT NULL;--> statement-breakpoint
CREATE INDEX `users_to_fold` ON `users` (`id`) WHERE "users"."name_folded" IS NULL AND "users"."name" GLOB '*[^ -~]*';
