/** What Cloudflare starts. Its types stand in `index.d.ts`, so that other Workers compile none of our sources. */
export { default, TokenAuthority } from '../index.ts';
