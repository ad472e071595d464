/** Stands for the page that Yoga has for browsers, which is off here: see `[alias]` in `wrangler.toml`. */
export default '';
