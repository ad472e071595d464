/** One person. */
import { graphql, mutate } from '../../api/graphql.ts';
import { rest } from '../../api/rest.ts';
import { LIVE_SESSION, type LiveSession, type User } from '../../api/types.ts';
import { Badge } from '../../parts/badge.tsx';
import { Form } from '../../parts/form.tsx';
import { Skeleton } from '../../parts/list.tsx';
import { useLoad } from '../../parts/load.ts';
import { quoted, useNotice } from '../../parts/notices.tsx';
import { Facts, Page, Section } from '../../parts/page.tsx';
import { Problem } from '../../parts/problem.tsx';
import { Sessions } from '../../parts/sessions.tsx';
import { alarmWords, LEVELS, ZONES } from '../../parts/words.ts';
import { useLevel, usePerson, useSession } from '../../session.tsx';
import { PersonActions } from './person-actions.tsx';
import { PersonFactors } from './person-factors.tsx';
import { changesOf, PersonFields, personOf } from './person-fields.tsx';
import { PersonStations } from './person-stations.tsx';
import { Standing } from './standing.tsx';

interface PersonProps {
  user: User;
  onChange(): void;
}

function Details({ user, onChange }: PersonProps) {
  const level = useLevel();
  const { refresh } = useSession();
  const me = usePerson();
  const say = useNotice();
  const submit = async (values: FormData) => {
    const changes = changesOf(personOf(values), user);
    if (Object.keys(changes).length === 0) return say('Nothing has changed.');
    await rest(`PATCH /user/${user.id}`, changes);
    say(`${quoted(user.name)} is changed.`);
    if (me.id === String(user.id)) await refresh();
    onChange();
  };
  return (
    <Form onSubmit={submit} submit="Save changes" submitting="Saving …" label="Details">
      <PersonFields user={user} level={level} />
    </Form>
  );
}

const nameOf = (names: readonly (readonly [number, string])[], value: number | null) =>
  names.find(([one]) => one === value)?.[1] ?? '';

/** For those who may not change this person. */
const ReadOnly = ({ user }: { user: User }) => (
  <Facts
    facts={[
      ['Level', nameOf(LEVELS, user.member_level_id)],
      ['Number for SMS', user.sms ?? 'None'],
      ['Phone', user.phone ?? 'None'],
      ['Alarms by', alarmWords(user)],
      ['Time zone', nameOf(ZONES, user.timezone_pref_id)],
    ]}
  />
);

function LiveSessions({ user }: { user: User }) {
  const userIdentifier = { companyUser: { id: String(user.id) } };
  const { value, failure, reload } = useLoad(`sessions ${user.id}`, (signal) =>
    graphql<{ sessions: LiveSession[] }>(
      `query ($userIdentifier: UserIdentifierInput!) {
        sessions(userIdentifier: $userIdentifier) { ${LIVE_SESSION} }
      }`,
      { userIdentifier },
      signal,
    ),
  );
  if (!value)
    return failure ? <Problem failure={failure} onRetry={reload} /> : <Skeleton lines={2} />;
  const end = async ({ id }: LiveSession) => {
    await mutate('removeUserSession', '', { sessionId: id });
    reload();
  };
  return <Sessions sessions={value.sessions} onEnd={end} />;
}

function Parts({ user, onChange }: PersonProps) {
  const level = useLevel();
  const mayChange = level <= (user.member_level_id ?? 4);
  return (
    <>
      <Section title="Details">
        {mayChange ? <Details user={user} onChange={onChange} /> : <ReadOnly user={user} />}
      </Section>
      <PersonStations user={user} mayChange={mayChange} onChange={onChange} />
      {mayChange && <PersonFactors user={user} />}
      {mayChange && (
        <Section title="Sessions" about="Where this person is signed in.">
          <LiveSessions user={user} />
        </Section>
      )}
    </>
  );
}

const TRAIL = [['/console/people', 'People']] as const;

export function PersonPage({ id }: { id: string }) {
  const level = useLevel();
  const me = usePerson();
  const { value, failure, reload } = useLoad(id, (signal) =>
    rest<{ user: User }>(`GET /user/${encodeURIComponent(id)}`, undefined, signal),
  );
  if (!value) {
    return (
      <Page title="Person" trail={TRAIL}>
        {failure ? <Problem failure={failure} onRetry={reload} /> : <Skeleton />}
      </Page>
    );
  }
  const { user } = value;
  return (
    <Page
      title={user.name ?? 'Person'}
      trail={TRAIL}
      badges={
        <>
          <Standing user={user} />
          {me.id === id && <Badge>You</Badge>}
        </>
      }
      about={
        <>
          <bdi>{user.email}</bdi>
          {level === 1 && (
            <>
              {' · '}
              <a href={`/console/activity?by=${user.id}`}>What they did</a>
            </>
          )}
        </>
      }
      actions={
        level <= (user.member_level_id ?? 4) && <PersonActions user={user} onChange={reload} />
      }
    >
      <Parts user={user} onChange={reload} />
    </Page>
  );
}
