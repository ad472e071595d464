-- Where events are sent, how far each receiver has come, and its last deliveries. The events stand in the audit trail.
CREATE TABLE `webhook_deliveries` (
	`webhook_id` text NOT NULL,
	`slot` integer NOT NULL,
	`at` integer NOT NULL,
	`event_id` text NOT NULL,
	`status` integer,
	`duration_ms` integer NOT NULL,
	PRIMARY KEY(`webhook_id`, `slot`),
	FOREIGN KEY (`webhook_id`) REFERENCES `webhooks`(`id`) ON UPDATE no action ON DELETE no action
) WITHOUT ROWID;
--> statement-breakpoint
CREATE TABLE `webhooks` (
	`id` text PRIMARY KEY NOT NULL,
	`tenant_id` integer NOT NULL,
	`made_by` text,
	`made_by_user` integer,
	`url` text NOT NULL,
	`types` text NOT NULL,
	`description` text,
	`created_at` integer NOT NULL,
	`secret_id` text NOT NULL,
	`version` integer NOT NULL,
	`formers` text DEFAULT '[]' NOT NULL,
	`cursor` integer NOT NULL,
	`due_at` integer,
	`lease` text,
	`failures` integer DEFAULT 0 NOT NULL,
	`tries` integer DEFAULT 0 NOT NULL,
	`disabled` text,
	`missed_until` integer,
	`change_id` text NOT NULL,
	FOREIGN KEY (`tenant_id`) REFERENCES `tenants`(`id`) ON UPDATE no action ON DELETE no action,
	CONSTRAINT "webhooks_types" CHECK(json_valid("webhooks"."types")),
	CONSTRAINT "webhooks_disabled" CHECK(("webhooks"."due_at" IS NULL) = ("webhooks"."disabled" IS NOT NULL))
);
--> statement-breakpoint
CREATE INDEX `webhooks_by_tenant` ON `webhooks` (`tenant_id`,`id`);--> statement-breakpoint
CREATE INDEX `webhooks_enabled` ON `webhooks` (`id`) WHERE "webhooks"."due_at" IS NOT NULL;--> statement-breakpoint
CREATE INDEX `webhooks_by_maker` ON `webhooks` (`made_by`) WHERE "webhooks"."made_by" IS NOT NULL;--> statement-breakpoint
CREATE INDEX `webhooks_by_member` ON `webhooks` (`made_by_user`) WHERE "webhooks"."made_by_user" IS NOT NULL;
