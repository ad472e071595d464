CREATE TABLE `failed_sign_ins` (
	`user_id` integer PRIMARY KEY NOT NULL,
	`failures` integer NOT NULL,
	`told_at` integer NOT NULL,
	FOREIGN KEY (`user_id`) REFERENCES `users`(`id`) ON UPDATE no action ON DELETE no action
);
