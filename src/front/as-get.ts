/** Yoga does not support HEAD. Hono drops the body of the response. */
export const asGet = (request: Request): Request =>
  request.method === 'HEAD' ? new Request(request, { method: 'GET' }) : request;
