/** Replaces the cache in which Yoga keeps validators: see `[alias]` in `wrangler.toml`. */
export class LRUCache<Key, Value> extends Map<Key, Value> {
  constructor(_: object) {
    super();
  }
}
