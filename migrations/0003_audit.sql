CREATE TABLE `audit_event_devices` (
	`tenant_id` integer NOT NULL,
	`device_id` text NOT NULL,
	`number` integer NOT NULL,
	PRIMARY KEY(`tenant_id`, `device_id`, `number`)
) WITHOUT ROWID;
--> statement-breakpoint
CREATE TABLE `__new_audit_events` (
	`number` integer PRIMARY KEY AUTOINCREMENT NOT NULL,
	`tenant_id` integer NOT NULL,
	`at` integer GENERATED ALWAYS AS (number / 1024) VIRTUAL,
	`actor_kind` text NOT NULL,
	`actor_id` text,
	`actor_user_id` integer,
	`action` text NOT NULL,
	`user_id` integer,
	`subject` text NOT NULL,
	`request_id` text NOT NULL
);
--> statement-breakpoint
INSERT INTO `__new_audit_events` (`number`, `tenant_id`, `actor_kind`, `actor_id`, `actor_user_id`, `action`, `user_id`, `subject`, `request_id`)
SELECT nth + max(`at` * 1024 - nth) OVER (ORDER BY nth), `tenant_id`, `actor_kind`, `actor_id`,
	(SELECT `user_id` FROM `sessions` WHERE `id` = `actor_id`), `action`, `user_id`, `subject`, `request_id`
FROM (SELECT *, row_number() OVER (ORDER BY `at`, `id`) AS nth FROM `audit_events`)
ORDER BY nth;
--> statement-breakpoint
INSERT INTO `audit_event_devices` (`tenant_id`, `device_id`, `number`)
SELECT DISTINCT e.`tenant_id`, j.`value`, e.`number` FROM `__new_audit_events` e, json_each(e.`subject`, '$.deviceIds') j;
--> statement-breakpoint
DROP TABLE `audit_events`;--> statement-breakpoint
ALTER TABLE `__new_audit_events` RENAME TO `audit_events`;--> statement-breakpoint
CREATE INDEX `audit_events_by_tenant` ON `audit_events` (`tenant_id`);--> statement-breakpoint
CREATE INDEX `audit_events_by_action` ON `audit_events` (`tenant_id`,`action`);--> statement-breakpoint
CREATE INDEX `audit_events_by_user` ON `audit_events` (`tenant_id`,`user_id`) WHERE "audit_events"."user_id" IS NOT NULL;--> statement-breakpoint
CREATE INDEX `audit_events_by_actor` ON `audit_events` (`tenant_id`,`actor_user_id`) WHERE "audit_events"."actor_user_id" IS NOT NULL;
