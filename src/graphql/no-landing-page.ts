/** Replaces Yoga's landing page, which is not used: see `[alias]` in `wrangler.toml`. */
export default '';
