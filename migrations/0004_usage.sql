-- What a tenant may hold, and what it holds. Triggers count, so that no statement can forget to and each batch carries its
-- own counters; what would exceed a limit aborts its batch. Dead API keys can be found.
CREATE TABLE `quotas` (
	`tenant_id` integer NOT NULL,
	`name` text NOT NULL,
	`used` integer DEFAULT 0 NOT NULL,
	`most` integer,
	`day` integer,
	`last_event` text,
	`excused` text,
	`recounted_at` integer,
	PRIMARY KEY(`tenant_id`, `name`)
) WITHOUT ROWID;
--> statement-breakpoint
CREATE INDEX `quotas_to_recount` ON `quotas` (`recounted_at`) WHERE "quotas"."recounted_at" IS NOT NULL;
--> statement-breakpoint
INSERT INTO `quotas` (`tenant_id`, `name`, `most`) VALUES
	(0, 'users', 1000000), (0, 'members', 10000), (0, 'devices', 1000000), (0, 'stations', 100000), (0, 'projects', 10000),
	(0, 'sensors', 500000), (0, 'channels', 2000000), (0, 'assignments', 5000000), (0, 'grants', 5000000),
	(0, 'orders', 2000000), (0, 'apiKeys', 100), (0, 'liveSessions', 2000000), (0, 'eventsPerDay', 1000000);
--> statement-breakpoint
-- What was there before is counted by the sweep.
INSERT INTO `quotas` (`tenant_id`, `name`, `recounted_at`)
	SELECT t.id, d.name, iif(d.name = 'eventsPerDay', NULL, 0) FROM `tenants` t, `quotas` d WHERE d.tenant_id = 0;
--> statement-breakpoint
CREATE TRIGGER `quotas_are_kept` AFTER UPDATE OF `used` ON `quotas`
WHEN NEW.used > OLD.used AND NEW.excused IS OLD.excused AND NEW.recounted_at IS OLD.recounted_at AND NEW.used > coalesce(NEW.most, (SELECT d.most FROM `quotas` d WHERE d.tenant_id = 0 AND d.name = NEW.name)) AND NEW.name NOT IN ('apiKeys', 'eventsPerDay') BEGIN
	SELECT RAISE(ABORT, 'quota ' || NEW.name || ' ' || coalesce(NEW.most, (SELECT d.most FROM `quotas` d WHERE d.tenant_id = 0 AND d.name = NEW.name)));
END;
--> statement-breakpoint
CREATE TRIGGER `quotas_are_kept_at_once` AFTER INSERT ON `quotas`
WHEN NEW.used > 0 AND NEW.excused IS NULL AND NEW.recounted_at IS NOT NULL AND NEW.used > coalesce(NEW.most, (SELECT d.most FROM `quotas` d WHERE d.tenant_id = 0 AND d.name = NEW.name)) AND NEW.name NOT IN ('apiKeys', 'eventsPerDay') BEGIN
	SELECT RAISE(ABORT, 'quota ' || NEW.name || ' ' || coalesce(NEW.most, (SELECT d.most FROM `quotas` d WHERE d.tenant_id = 0 AND d.name = NEW.name)));
END;
--> statement-breakpoint
CREATE TRIGGER `users_count_more` AFTER INSERT ON `users` WHEN NEW.removed_at IS NULL BEGIN
	INSERT INTO `quotas` (tenant_id, name, used, recounted_at) VALUES (NEW.tenant_id, iif(NEW.email IS NULL, 'users', 'members'), 1, 0)
		ON CONFLICT (tenant_id, name) DO UPDATE SET used = used + 1;
END;
--> statement-breakpoint
CREATE TRIGGER `users_count_removed` AFTER UPDATE OF `removed_at` ON `users` WHEN OLD.removed_at IS NULL AND NEW.removed_at IS NOT NULL BEGIN
	UPDATE `quotas` SET used = max(used - 1, 0) WHERE tenant_id = OLD.tenant_id AND name = iif(OLD.email IS NULL, 'users', 'members');
END;
--> statement-breakpoint
CREATE TRIGGER `users_count_less` AFTER DELETE ON `users` WHEN OLD.removed_at IS NULL BEGIN
	UPDATE `quotas` SET used = max(used - 1, 0) WHERE tenant_id = OLD.tenant_id AND name = iif(OLD.email IS NULL, 'users', 'members');
END;
--> statement-breakpoint
CREATE TRIGGER `devices_count_more` AFTER INSERT ON `devices` WHEN NEW.tenant_id IS NOT NULL BEGIN
	INSERT INTO `quotas` (tenant_id, name, used, recounted_at) VALUES (NEW.tenant_id, 'devices', 1, 0)
		ON CONFLICT (tenant_id, name) DO UPDATE SET used = used + 1;
END;
--> statement-breakpoint
CREATE TRIGGER `devices_count_assigned` AFTER UPDATE OF `tenant_id` ON `devices` WHEN NEW.tenant_id IS NOT NULL AND NEW.tenant_id IS NOT OLD.tenant_id BEGIN
	INSERT INTO `quotas` (tenant_id, name, used, recounted_at) VALUES (NEW.tenant_id, 'devices', 1, 0)
		ON CONFLICT (tenant_id, name) DO UPDATE SET used = used + 1;
END;
--> statement-breakpoint
CREATE TRIGGER `devices_count_unassigned` AFTER UPDATE OF `tenant_id` ON `devices` WHEN OLD.tenant_id IS NOT NULL AND NEW.tenant_id IS NOT OLD.tenant_id BEGIN
	UPDATE `quotas` SET used = max(used - 1, 0) WHERE tenant_id = OLD.tenant_id AND name = 'devices';
END;
--> statement-breakpoint
CREATE TRIGGER `devices_count_less` AFTER DELETE ON `devices` WHEN OLD.tenant_id IS NOT NULL BEGIN
	UPDATE `quotas` SET used = max(used - 1, 0) WHERE tenant_id = OLD.tenant_id AND name = 'devices';
END;
--> statement-breakpoint
CREATE TRIGGER `projects_count_more` AFTER INSERT ON `projects` BEGIN
	INSERT INTO `quotas` (tenant_id, name, used, recounted_at) VALUES (NEW.tenant_id, 'projects', 1, 0)
		ON CONFLICT (tenant_id, name) DO UPDATE SET used = used + 1;
END;
--> statement-breakpoint
CREATE TRIGGER `projects_count_less` AFTER DELETE ON `projects` BEGIN
	UPDATE `quotas` SET used = max(used - 1, 0) WHERE tenant_id = OLD.tenant_id AND name = 'projects';
END;
--> statement-breakpoint
CREATE TRIGGER `stations_count_more` AFTER INSERT ON `stations` BEGIN
	INSERT INTO `quotas` (tenant_id, name, used, recounted_at) VALUES (NEW.tenant_id, 'stations', 1, 0)
		ON CONFLICT (tenant_id, name) DO UPDATE SET used = used + 1;
END;
--> statement-breakpoint
CREATE TRIGGER `stations_count_less` AFTER DELETE ON `stations` BEGIN
	UPDATE `quotas` SET used = max(used - 1, 0) WHERE tenant_id = OLD.tenant_id AND name = 'stations';
END;
--> statement-breakpoint
CREATE TRIGGER `orders_count_more` AFTER INSERT ON `orders` BEGIN
	INSERT INTO `quotas` (tenant_id, name, used, recounted_at) VALUES (NEW.tenant_id, 'orders', 1, 0)
		ON CONFLICT (tenant_id, name) DO UPDATE SET used = used + 1;
END;
--> statement-breakpoint
CREATE TRIGGER `orders_count_less` AFTER DELETE ON `orders` BEGIN
	UPDATE `quotas` SET used = max(used - 1, 0) WHERE tenant_id = OLD.tenant_id AND name = 'orders';
END;
--> statement-breakpoint
CREATE TRIGGER `sensors_count_more` AFTER INSERT ON `sensors` BEGIN
	INSERT INTO `quotas` (tenant_id, name, used, recounted_at) SELECT st.tenant_id, 'sensors', 1, 0 FROM `stations` st WHERE st.id = NEW.station_id
		ON CONFLICT (tenant_id, name) DO UPDATE SET used = used + 1;
END;
--> statement-breakpoint
CREATE TRIGGER `sensors_count_less` AFTER DELETE ON `sensors` BEGIN
	UPDATE `quotas` SET used = max(used - 1, 0) WHERE tenant_id = (SELECT st.tenant_id FROM `stations` st WHERE st.id = OLD.station_id) AND name = 'sensors';
END;
--> statement-breakpoint
CREATE TRIGGER `channels_count_more` AFTER INSERT ON `channels` BEGIN
	INSERT INTO `quotas` (tenant_id, name, used, recounted_at) SELECT st.tenant_id, 'channels', 1, 0 FROM `sensors` se JOIN `stations` st ON st.id = se.station_id WHERE se.id = NEW.sensor_id
		ON CONFLICT (tenant_id, name) DO UPDATE SET used = used + 1;
END;
--> statement-breakpoint
CREATE TRIGGER `channels_count_less` AFTER DELETE ON `channels` BEGIN
	UPDATE `quotas` SET used = max(used - 1, 0) WHERE tenant_id = (SELECT st.tenant_id FROM `sensors` se JOIN `stations` st ON st.id = se.station_id WHERE se.id = OLD.sensor_id) AND name = 'channels';
END;
--> statement-breakpoint
CREATE TRIGGER `user_stations_count_more` AFTER INSERT ON `user_stations` BEGIN
	INSERT INTO `quotas` (tenant_id, name, used, recounted_at) SELECT u.tenant_id, 'assignments', 1, 0 FROM `users` u WHERE u.id = NEW.user_id
		ON CONFLICT (tenant_id, name) DO UPDATE SET used = used + 1;
END;
--> statement-breakpoint
CREATE TRIGGER `user_stations_count_less` AFTER DELETE ON `user_stations` BEGIN
	UPDATE `quotas` SET used = max(used - 1, 0) WHERE tenant_id = (SELECT u.tenant_id FROM `users` u WHERE u.id = OLD.user_id) AND name = 'assignments';
END;
--> statement-breakpoint
CREATE TRIGGER `permissions_count_more` AFTER INSERT ON `permissions` BEGIN
	INSERT INTO `quotas` (tenant_id, name, used, recounted_at) SELECT u.tenant_id, 'grants', 1, 0 FROM `users` u WHERE u.id = NEW.user_id
		ON CONFLICT (tenant_id, name) DO UPDATE SET used = used + 1;
END;
--> statement-breakpoint
CREATE TRIGGER `permissions_count_less` AFTER DELETE ON `permissions` BEGIN
	UPDATE `quotas` SET used = max(used - 1, 0) WHERE tenant_id = (SELECT u.tenant_id FROM `users` u WHERE u.id = OLD.user_id) AND name = 'grants';
END;
--> statement-breakpoint
-- Members sign in whatever the number of sessions; and a user who has the 50 that one can have gets one in the place of another.
CREATE TRIGGER `sessions_count_more` AFTER INSERT ON `sessions` WHEN NEW.revoked_at IS NULL BEGIN
	INSERT INTO `quotas` (tenant_id, name, used, excused, recounted_at)
		SELECT u.tenant_id, 'liveSessions', 1, iif(
			u.member_level IS NOT NULL OR EXISTS (SELECT 1 FROM `sessions` s WHERE s.user_id = NEW.user_id AND s.revoked_at = NEW.created_at)
				AND (SELECT count(*) FROM `sessions` s WHERE s.user_id = NEW.user_id AND s.revoked_at IS NULL) >= 50,
			NEW.id, NULL), 0
		FROM `users` u WHERE u.id = NEW.user_id
		ON CONFLICT (tenant_id, name) DO UPDATE SET used = used + 1, excused = coalesce(excluded.excused, excused);
END;
--> statement-breakpoint
CREATE TRIGGER `sessions_count_ended` AFTER UPDATE OF `revoked_at` ON `sessions` WHEN OLD.revoked_at IS NULL AND NEW.revoked_at IS NOT NULL BEGIN
	UPDATE `quotas` SET used = max(used - 1, 0) WHERE tenant_id = OLD.tenant_id AND name = 'liveSessions';
END;
--> statement-breakpoint
CREATE TRIGGER `sessions_count_less` AFTER DELETE ON `sessions` WHEN OLD.revoked_at IS NULL BEGIN
	UPDATE `quotas` SET used = max(used - 1, 0) WHERE tenant_id = OLD.tenant_id AND name = 'liveSessions';
END;
--> statement-breakpoint
CREATE TRIGGER `api_keys_count_more` AFTER INSERT ON `api_keys` WHEN coalesce(NEW.removed_at, NEW.grace_ends_at) IS NULL BEGIN
	INSERT INTO `quotas` (tenant_id, name, used, recounted_at) VALUES (NEW.tenant_id, 'apiKeys', 1, 0)
		ON CONFLICT (tenant_id, name) DO UPDATE SET used = used + 1;
END;
--> statement-breakpoint
CREATE TRIGGER `api_keys_count_ended` AFTER UPDATE OF `removed_at`, `grace_ends_at` ON `api_keys` WHEN coalesce(OLD.removed_at, OLD.grace_ends_at) IS NULL AND coalesce(NEW.removed_at, NEW.grace_ends_at) IS NOT NULL BEGIN
	UPDATE `quotas` SET used = max(used - 1, 0) WHERE tenant_id = OLD.tenant_id AND name = 'apiKeys';
END;
--> statement-breakpoint
CREATE TRIGGER `api_keys_count_less` AFTER DELETE ON `api_keys` WHEN coalesce(OLD.removed_at, OLD.grace_ends_at) IS NULL BEGIN
	UPDATE `quotas` SET used = max(used - 1, 0) WHERE tenant_id = OLD.tenant_id AND name = 'apiKeys';
END;
--> statement-breakpoint
-- Of a day; what no credential of the tenant caused does not count.
CREATE TRIGGER `audit_events_count` AFTER INSERT ON `audit_events` BEGIN
	INSERT INTO `quotas` (tenant_id, name, used, day, last_event)
		VALUES (NEW.tenant_id, 'eventsPerDay', NEW.actor_id IS NOT NULL AND NEW.actor_kind IN ('API_KEY', 'MEMBER', 'END_USER'), NEW.number / 1024 / 86400000, NEW.request_id)
		ON CONFLICT (tenant_id, name) DO UPDATE SET last_event = excluded.last_event,
			used = iif(excluded.day > coalesce(day, 0), 0, used) + excluded.used, day = max(coalesce(day, 0), excluded.day);
END;
--> statement-breakpoint
DROP INDEX `api_keys_by_tenant`;
--> statement-breakpoint
CREATE INDEX `api_keys_at_work` ON `api_keys` (`tenant_id`) WHERE "api_keys"."removed_at" IS NULL;
--> statement-breakpoint
CREATE INDEX `api_keys_by_end` ON `api_keys` (min(coalesce("expires_at", "grace_ends_at"), coalesce("grace_ends_at", "expires_at"))) WHERE "api_keys"."removed_at" IS NULL;

