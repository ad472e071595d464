/** The live sessions of somebody, each with "End". */
import { useState } from 'preact/hooks';
import { failureOf } from '../api/failure.ts';
import type { LiveSession } from '../api/types.ts';
import { Badge } from './badge.tsx';
import { Empty } from './empty.tsx';
import { Table } from './list.tsx';
import { useNotice } from './notices.tsx';
import { Time } from './time.tsx';

/** How a session was opened. */
const HOW = {
  KEY: 'by an API key',
  PASSWORD: 'with a password',
  CODE: 'with a password and a code',
  PASSKEY: 'with a passkey',
  SUPPORT: 'by support',
} as const satisfies Record<NonNullable<LiveSession['openedBy']>, string>;

/** When, how and with what. Of an old session the last two are not known. */
const Opened = ({ label, createdAt, openedBy, client }: LiveSession) => (
  <>
    Opened <Time at={createdAt} /> {openedBy && HOW[openedBy]}
    {label && client && `, ${client}`}
  </>
);

interface SessionsProps {
  sessions: LiveSession[];
  /** The session that is asking, if it is among them. */
  ownId?: string | undefined;
  /** Left out: they cannot be ended here. */
  onEnd?: ((session: LiveSession) => Promise<unknown>) | undefined;
}

function End({ session, onEnd }: { session: LiveSession; onEnd(session: LiveSession): unknown }) {
  const [busy, setBusy] = useState(false);
  const say = useNotice();
  const end = async () => {
    setBusy(true);
    try {
      await onEnd(session);
      say('The session has ended.');
    } catch (thrown) {
      say(failureOf(thrown).message);
    }
    setBusy(false);
  };
  return (
    <button type="button" class="small warns" disabled={busy} onClick={end}>
      {busy ? 'Ending …' : 'End'}
    </button>
  );
}

export function Sessions({ sessions, ownId, onEnd }: SessionsProps) {
  if (sessions.length === 0) return <Empty title="Not signed in anywhere." />;
  return (
    <Table
      caption="Sessions"
      rows={sessions}
      keyOf={({ id }) => id}
      columns={[
        {
          name: 'Session',
          cell: (session) => (
            <span class="entry">
              <strong>
                <bdi>{session.label ?? session.client ?? 'Signed in'}</bdi>{' '}
                {session.id === ownId && <Badge>This one</Badge>}
              </strong>
              <small>
                <Opened {...session} />
              </small>
              <small class="phone-only">
                Active <Time at={session.lastActiveAt} near />
              </small>
            </span>
          ),
        },
        {
          name: 'Last active',
          wide: true,
          cell: ({ lastActiveAt }) => <Time at={lastActiveAt} near />,
        },
        ...(onEnd
          ? [
              {
                ...{ name: 'Actions', end: true, quiet: true },
                cell: (session: LiveSession) => <End session={session} onEnd={onEnd} />,
              },
            ]
          : []),
      ]}
    />
  );
}
