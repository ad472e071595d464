/** Stands for the cache that Yoga keeps validators in: see `[alias]` in `wrangler.toml`. */
export class LRUCache<Key, Value> extends Map<Key, Value> {
  constructor(_: object) {
    super();
  }
}
