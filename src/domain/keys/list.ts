/** The keys of a tenant. */
import { sql } from 'drizzle-orm';
import { k } from '../../db/aliases.ts';
import { works } from '../entities/key.ts';
import type { Permit } from '../permit.ts';
import { type ApiKey, selectKeys, toKey } from './key.ts';

/** All valid keys, newest first. */
export async function listApiKeys(permit: Permit<'apiKey.list'>): Promise<ApiKey[]> {
  const rows = await permit.db.read(
    selectKeys(
      sql`${k.tenantId} = ${permit.tenantId} AND ${works(permit.now)}
        ORDER BY ${k.createdAt} DESC, ${k.id}`,
    ),
  );
  return rows.map(toKey);
}
