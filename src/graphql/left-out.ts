/**
 * Replaces parts of libraries that this Worker switches off or never reaches: see `[alias]` in
 * `wrangler.toml`.
 */

/** Pages, as HTML. */
export default '';

export const useCORS = () => ({});

export const isPOSTMultipartRequest = (): boolean => false;
export const parsePOSTMultipartRequest = undefined;

/** Of a server that is not Workers (µWebSockets). */
export const isUWSResponse = (): boolean => false;
export const getRequestFromUWSRequest = undefined;
export const createWritableFromUWS = undefined;
export const sendResponseToUwsOpts = undefined;
export const fakePromise = (): Promise<void> => Promise.resolve();

/** The check of the schema, which the tests make; and of documents: see `validate.ts`. */
export const validateSchema = (): [] => [];
export const assertValidSchema = (): void => {};
export function validate(): never {
  throw new Error('Documents are validated by validateDocument.');
}

/** A schema in the order of the alphabet. Ours is in the order of its sources. */
export const lexicographicSortSchema = <Schema>(schema: Schema): Schema => schema;

/** Of Drizzle: enums of Postgres, and kinds of columns that no table here has. */
export const isPgEnum = (): boolean => false;
export const getPgColumnBuilders = () => ({});
export const getSQLiteColumnBuilders = () => ({});
