DROP INDEX `stations_by_project`;--> statement-breakpoint
CREATE INDEX `stations_by_project` ON `stations` (`project_id`,`tenant_id`,`id`);--> statement-breakpoint
ALTER TABLE `tenants` ADD `erased_users` integer DEFAULT 0 NOT NULL;--> statement-breakpoint
ALTER TABLE `tenants` ADD `erased_at` integer;--> statement-breakpoint
CREATE INDEX `tenants_to_erase` ON `tenants` (`id`) WHERE "tenants"."removed_at" IS NOT NULL AND "tenants"."erased_at" IS NULL;--> statement-breakpoint
CREATE INDEX `users_with_email` ON `users` (`tenant_id`) WHERE "users"."email" IS NOT NULL;