/** The measure of all: a Hono route that returns a constant. */
import { Hono } from 'hono';

export const constant = new Hono().get('/verify/:tenant', (context) => context.text('ok'));
