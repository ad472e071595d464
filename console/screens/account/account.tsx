/** What a member changes of themselves. */

import { useState } from 'preact/hooks';
import { graphql, mutate } from '../../api/graphql.ts';
import { rest } from '../../api/rest.ts';
import { LIVE_SESSION, type LiveSession, type User } from '../../api/types.ts';
import { Confirm } from '../../parts/dialog.tsx';
import { Field, Form, textOf } from '../../parts/form.tsx';
import { Skeleton } from '../../parts/list.tsx';
import { useLoad } from '../../parts/load.ts';
import { NewPassword, passwordOf } from '../../parts/new-password.tsx';
import { useNotice } from '../../parts/notices.tsx';
import { Page, Section } from '../../parts/page.tsx';
import { Problem } from '../../parts/problem.tsx';
import { Sessions } from '../../parts/sessions.tsx';
import { LEVELS } from '../../parts/words.ts';
import { signOut, usePerson, useSession } from '../../session.tsx';
import { changesOf, ReachFields, reachOf } from '../people/person-fields.tsx';
import { OwnFactors } from './factors.tsx';

function OwnData({ user }: { user: User }) {
  const { refresh } = useSession();
  const say = useNotice();
  const submit = async (values: FormData) => {
    const changes = changesOf({ name: textOf(values, 'name'), ...reachOf(values) }, user);
    if (Object.keys(changes).length === 0) return say('Nothing has changed.');
    await rest('PATCH /user/me', changes);
    await refresh();
    say('Your data is changed.');
  };
  return (
    <Form onSubmit={submit} submit="Save changes" submitting="Saving …" label="Your data">
      <Field name="name" label="Name" defaultValue={user.name ?? ''} dir="auto" required />
      <ReachFields user={user} />
    </Form>
  );
}

function OwnPassword() {
  const say = useNotice();
  // A new key makes an empty form.
  const [round, next] = useState(0);
  const submit = async (values: FormData) => {
    await rest('PATCH /user/me', {
      old_password: String(values.get('old_password')),
      password: passwordOf(values),
    });
    say('Your password is changed. Your other sessions have ended.');
    next(round + 1);
  };
  return (
    <Form key={round} onSubmit={submit} submit="Change password" submitting="Changing …">
      <Field
        name="old_password"
        label="Current password"
        type="password"
        autoComplete="current-password"
        required
      />
      <div class="columns">
        <NewPassword />
      </div>
    </Form>
  );
}

interface Viewer {
  viewer: { session: { id: string }; sessions: LiveSession[] };
}

function OwnSessions({ userId }: { userId: number }) {
  const { leave } = useSession();
  const { value, failure, reload } = useLoad('own sessions', (signal) =>
    graphql<Viewer>(
      `{ viewer { session { id }
        sessions { ${LIVE_SESSION} } } }`,
      {},
      signal,
    ),
  );
  if (!value)
    return failure ? <Problem failure={failure} onRetry={reload} /> : <Skeleton lines={2} />;
  const { session, sessions } = value.viewer;
  const end = async ({ id }: LiveSession) => {
    if (id === session.id) {
      await signOut();
      return leave();
    }
    await mutate('removeOwnSessions', '', { sessionId: id });
    reload();
  };
  return <Sessions key={userId} sessions={sessions} ownId={session.id} onEnd={end} />;
}

function Everywhere() {
  const { leave } = useSession();
  const [isAsked, ask] = useState(false);
  const out = async () => {
    await signOut(true);
    leave();
  };
  return (
    <>
      <button type="button" class="small warns" onClick={() => ask(true)}>
        Sign out everywhere
      </button>
      {isAsked && (
        <Confirm
          title="Sign out everywhere?"
          action="Sign out everywhere"
          onConfirm={out}
          onClose={() => ask(false)}
        >
          <p>All your sessions end, this one too. Links for passwords that you made end as well.</p>
        </Confirm>
      )}
    </>
  );
}

export function Screen() {
  const person = usePerson();
  if (person.kind === 'operator') return null;
  const { user } = person;
  const level = LEVELS.find(([one]) => one === user.member_level_id)?.[1];
  return (
    <Page
      title="My account"
      about={
        <>
          <bdi>{user.email}</bdi> · {level}
        </>
      }
    >
      <Section title="Your data">
        <OwnData user={user} />
      </Section>
      <Section title="Password">
        <OwnPassword />
      </Section>
      <OwnFactors account={user.email ?? ''} />
      <Section title="Sessions" about="Where you are signed in." actions={<Everywhere />}>
        <OwnSessions userId={user.id} />
      </Section>
    </Page>
  );
}
