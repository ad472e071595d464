/** The static files, answered otherwise. */
export const assetsWith = (fetch: (path: string) => Promise<Response>): Fetcher =>
  ({ fetch }) as unknown as Fetcher;
