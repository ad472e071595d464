ALTER TABLE `tenants` ADD `name_folded` text DEFAULT '' NOT NULL;--> statement-breakpoint
UPDATE `tenants` SET `name_folded` = lower(`name`);--> statement-breakpoint
CREATE INDEX `tenants_by_name` ON `tenants` (`name_folded`,`id`) WHERE "tenants"."removed_at" IS NULL;--> statement-breakpoint
CREATE INDEX `devices_assigned` ON `devices` ("device_id" COLLATE NOCASE,`device_id`) WHERE "devices"."tenant_id" IS NOT NULL;--> statement-breakpoint
CREATE INDEX `devices_in_stock` ON `devices` ("device_id" COLLATE NOCASE,`device_id`) WHERE "devices"."tenant_id" IS NULL;--> statement-breakpoint
CREATE INDEX `orders_by_status` ON `orders` (`status`,`created_at`,`tenant_id`,`order_id`);--> statement-breakpoint
CREATE INDEX `orders_of_tenant` ON `orders` (`tenant_id`,`status`,`created_at`,`order_id`);
