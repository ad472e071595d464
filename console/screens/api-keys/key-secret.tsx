/** A key that was made, with a command that tries it. */
import type { ComponentChildren } from 'preact';
import { Dialog } from '../../parts/dialog.tsx';
import { Copyable, SecretOnce } from '../../parts/secret.tsx';

const command = (secret: string): string =>
  [
    `KEY=${secret}`,
    `curl ${location.origin}/graphql \\`,
    `  -H "Authorization: Bearer $KEY" \\`,
    `  -H 'Content-Type: application/json' \\`,
    `  -d '{"query":"{ caller { kind scopes } }"}'`,
  ].join('\n');

interface KeySecretProps {
  title: string;
  secret: string;
  onDone(): void;
  children?: ComponentChildren;
}

export const KeySecret = ({ title, secret, onDone, children }: KeySecretProps) => (
  <Dialog title={title} onClose={onDone} locked>
    <SecretOnce
      label="Key"
      secret={secret}
      onDone={onDone}
      after={
        <>
          <p class="soft">To try it, paste this into a terminal:</p>
          <Copyable label="Command" text={command(secret)} />
        </>
      }
    >
      <p>Put it where your program keeps its secrets. Whoever has it can do all that it may do.</p>
      {children}
    </SecretOnce>
  </Dialog>
);
