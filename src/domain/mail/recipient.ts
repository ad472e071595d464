/** Whom a mail is for, and the two ways to write to them. */
import { type SQL, sql } from 'drizzle-orm';
import { inboxOf, mailboxOf } from '../../base/address.ts';
import { randomText } from '../../base/ids.ts';
import { source, t, u } from '../../db/aliases.ts';
import type { Statement } from '../../db/connect.ts';
import { type RowOf, select } from '../../db/statements.ts';
import type { Call, Mail } from '../permit.ts';
import type { Letter } from './letter.ts';
import { type Counted, countMail } from './limits.ts';
import { post, postPatiently } from './post.ts';

const columns = {
  ...{ id: u.id, tenantId: u.tenantId, company: t.name, name: sql<string>`${u.name}` },
  ...{ key: sql<string>`${u.email}`, given: u.address },
};

export type Recipient = RowOf<typeof columns>;

/**
 * The statement that reads the members `u` in `userIds`, a query in brackets, as they are at this
 * moment of the batch. None without mail.
 */
export const recipientsIn = (
  { mail }: Pick<Call, 'mail'>,
  userIds: SQL,
): { recipients?: Statement<Recipient> } =>
  mail
    ? {
        recipients: select(
          columns,
          sql`FROM ${source(u)} JOIN ${source(t)} ON ${t.id} = ${u.tenantId}
            WHERE ${u.id} IN ${userIds} AND ${u.email} IS NOT NULL`,
        ),
      }
    : {};

const isCounted = async (call: Call, counted: readonly Counted[]): Promise<boolean> => {
  const { mail } = await call.db.batch({ mail: countMail(call, randomText(12), counted) });
  return mail.length > 0;
};

/**
 * Writes to somebody before the answer, which says whether it worked: for a limit, an address to
 * which no mail goes, or the mail service, it may not.
 */
export async function write(
  call: Call,
  mail: Mail,
  recipient: Recipient,
  letter: Letter,
): Promise<boolean> {
  const to = mailboxOf(recipient);
  if (to === null) return false;
  const inbox = inboxOf(recipient.key);
  const limits: Counted[] = [
    ['sent', inbox],
    ['sentBy', `${recipient.tenantId} ${inbox}`],
    ['company', recipient.tenantId],
  ];
  try {
    return (await isCounted(call, limits)) && (await post(call, mail, to, letter));
  } catch (error) {
    // The change that the mail is about is done.
    console.error({ requestId: call.requestId, mail: letter.subject, error });
    return false;
  }
}

/** A notice about a member’s account. */
type Notice = (mail: Mail, name: string, company: string) => Letter;

/** Tells members, behind the answer, what happened to their accounts. Does nothing without mail. */
export function tell(call: Call, notice: Notice, recipients: readonly Recipient[] = []): void {
  const { mail } = call;
  if (!mail) return;
  for (const recipient of recipients) {
    const to = mailboxOf(recipient);
    if (to === null) continue;
    const letter = notice(mail, recipient.name, recipient.company);
    call.defer(async () => {
      const limits: Counted[] = [
        ['told', `${recipient.tenantId} ${inboxOf(recipient.key)}`],
        ['notices', recipient.tenantId],
      ];
      if (await isCounted(call, limits)) await postPatiently(call, mail, to, letter);
    });
  }
}
