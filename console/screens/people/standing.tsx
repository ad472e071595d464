/** Whether somebody can sign in. */
import type { User } from '../../api/types.ts';
import { Badge } from '../../parts/badge.tsx';

export function Standing({ user }: { user: User }) {
  if (user.status === 0) return <Badge tone="bad">Disabled</Badge>;
  if (user.require_password_reset === 1) return <Badge tone="warn">Needs a password</Badge>;
  return <Badge tone="good">Active</Badge>;
}
