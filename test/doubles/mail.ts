/** Services that send mail: one that keeps what it is given, and those that fail. */
import type { Env } from '../../src/front/settings.ts';

/** A mail as the Worker hands it over. */
export interface SentMail {
  from: string | EmailAddress;
  to: string;
  subject: string;
  text: string;
  html: string;
}

export const ORIGIN = 'https://latchkey.example.com';
export const FROM = { name: 'Example', email: 'no-reply@example.com' };

/** What a deployment needs to send mail by `send`. */
export const mailBy = (send: (mail: SentMail) => Promise<unknown>) =>
  ({
    MAIL: { send } as unknown as SendEmail,
    MAIL_FROM: `${FROM.name} <${FROM.email}>`,
    PUBLIC_URL: ORIGIN,
  }) satisfies Partial<Env>;

export interface Outbox {
  bindings: ReturnType<typeof mailBy>;
  mails: SentMail[];
  /** Takes out what was sent to an address. */
  takeFor(address: string): SentMail[];
}

/** Keeps all mails. */
export function newOutbox(): Outbox {
  const mails: SentMail[] = [];
  return {
    bindings: mailBy(async (mail) => {
      mails.push(mail);
      return { messageId: `<${mails.length}@example.com>` };
    }),
    mails,
    takeFor(address) {
      const theirs = mails.filter(({ to }) => to === address);
      for (const mail of theirs) mails.splice(mails.indexOf(mail), 1);
      return theirs;
    },
  };
}

/** The reset tokens in the links of a mail. */
export const tokensIn = ({ text }: SentMail): string[] =>
  [...text.matchAll(/\/console\/password#(\S+)/g)].map(([, token = '']) => token);
