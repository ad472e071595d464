/**
 * The Worker's entry. Its types are in `index.d.ts`, so that other Workers compile none of our
 * sources.
 */
export { default, TokenAuthority } from '../index.ts';
