CREATE TABLE `channels` (
	`id` integer PRIMARY KEY NOT NULL,
	`sensor_id` integer NOT NULL,
	`name` text NOT NULL,
	`unit_id` integer NOT NULL,
	`scale` real NOT NULL,
	`offset` real NOT NULL,
	`code` integer NOT NULL,
	`status` integer NOT NULL,
	`created_at` integer NOT NULL,
	`updated_at` integer NOT NULL,
	`change_id` text NOT NULL,
	FOREIGN KEY (`sensor_id`) REFERENCES `sensors`(`id`) ON UPDATE no action ON DELETE no action
);
--> statement-breakpoint
CREATE INDEX `channels_by_sensor` ON `channels` (`sensor_id`,`id`);--> statement-breakpoint
CREATE TABLE `passwords` (
	`user_id` integer PRIMARY KEY NOT NULL,
	`hash` text,
	`first_set_at` integer,
	`reset_required` integer NOT NULL,
	`reset_id` text,
	`reset_hash` text,
	`reset_ends_at` integer,
	`reset_by_user` integer,
	`reset_by_key` text,
	`change_id` text NOT NULL,
	FOREIGN KEY (`user_id`) REFERENCES `users`(`id`) ON UPDATE no action ON DELETE no action,
	CONSTRAINT "passwords_set" CHECK(("passwords"."hash" IS NULL) = ("passwords"."first_set_at" IS NULL))
);
--> statement-breakpoint
CREATE UNIQUE INDEX `passwords_by_reset` ON `passwords` (`reset_id`) WHERE "passwords"."reset_id" IS NOT NULL;--> statement-breakpoint
CREATE TABLE `projects` (
	`id` integer PRIMARY KEY NOT NULL,
	`tenant_id` integer NOT NULL,
	`name` text NOT NULL,
	`public_key` text NOT NULL,
	`status` integer NOT NULL,
	`created_at` integer NOT NULL,
	`updated_at` integer NOT NULL,
	`change_id` text NOT NULL,
	FOREIGN KEY (`tenant_id`) REFERENCES `tenants`(`id`) ON UPDATE no action ON DELETE no action
);
--> statement-breakpoint
CREATE INDEX `projects_by_tenant` ON `projects` (`tenant_id`,`id`);--> statement-breakpoint
CREATE TABLE `sensors` (
	`id` integer PRIMARY KEY NOT NULL,
	`station_id` integer NOT NULL,
	`name` text NOT NULL,
	`status` integer NOT NULL,
	`reporting` integer NOT NULL,
	`logging` integer NOT NULL,
	`created_at` integer NOT NULL,
	`updated_at` integer NOT NULL,
	`change_id` text NOT NULL,
	FOREIGN KEY (`station_id`) REFERENCES `stations`(`id`) ON UPDATE no action ON DELETE no action
);
--> statement-breakpoint
CREATE INDEX `sensors_by_station` ON `sensors` (`station_id`,`id`);--> statement-breakpoint
CREATE TABLE `stations` (
	`id` integer PRIMARY KEY NOT NULL,
	`tenant_id` integer NOT NULL,
	`project_id` integer NOT NULL,
	`name` text NOT NULL,
	`code` text NOT NULL,
	`reporting` integer NOT NULL,
	`ref_logger_id` integer NOT NULL,
	`status` integer NOT NULL,
	`location` text,
	`latitude` text NOT NULL,
	`longitude` text NOT NULL,
	`timezone_name` text NOT NULL,
	`created_at` integer NOT NULL,
	`updated_at` integer NOT NULL,
	`change_id` text NOT NULL,
	FOREIGN KEY (`tenant_id`) REFERENCES `tenants`(`id`) ON UPDATE no action ON DELETE no action,
	FOREIGN KEY (`project_id`) REFERENCES `projects`(`id`) ON UPDATE no action ON DELETE no action
);
--> statement-breakpoint
CREATE INDEX `stations_by_tenant` ON `stations` (`tenant_id`,`id`);--> statement-breakpoint
CREATE INDEX `stations_by_project` ON `stations` (`project_id`,`id`);--> statement-breakpoint
CREATE UNIQUE INDEX `stations_by_code` ON `stations` (`tenant_id`,`code`);--> statement-breakpoint
CREATE TABLE `sweeps` (
	`part` text PRIMARY KEY NOT NULL,
	`cursor` text NOT NULL
) WITHOUT ROWID;
--> statement-breakpoint
CREATE TABLE `user_stations` (
	`user_id` integer NOT NULL,
	`station_id` integer NOT NULL,
	`id` integer NOT NULL,
	`created_at` integer NOT NULL,
	`updated_at` integer NOT NULL,
	PRIMARY KEY(`user_id`, `station_id`),
	FOREIGN KEY (`user_id`) REFERENCES `users`(`id`) ON UPDATE no action ON DELETE no action,
	FOREIGN KEY (`station_id`) REFERENCES `stations`(`id`) ON UPDATE no action ON DELETE no action
) WITHOUT ROWID;
--> statement-breakpoint
CREATE INDEX `user_stations_by_station` ON `user_stations` (`station_id`);--> statement-breakpoint
ALTER TABLE `users` ADD `sms` text;--> statement-breakpoint
ALTER TABLE `users` ADD `phone` text;--> statement-breakpoint
ALTER TABLE `users` ADD `alarm_email` integer DEFAULT 0 NOT NULL;--> statement-breakpoint
ALTER TABLE `users` ADD `alarm_sms` integer DEFAULT 0 NOT NULL;--> statement-breakpoint
ALTER TABLE `users` ADD `change_id` text;--> statement-breakpoint
CREATE INDEX `users_by_address` ON `users` (`email`) WHERE "users"."email" IS NOT NULL;--> statement-breakpoint
CREATE INDEX `users_of_level_1` ON `users` (`tenant_id`) WHERE "users"."member_level" = 1;--> statement-breakpoint
CREATE INDEX `permissions_by_end` ON `permissions` (`expires_at`) WHERE "permissions"."expires_at" IS NOT NULL;