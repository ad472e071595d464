/** What an event tells, in a sentence without its subject: "Added Ada". */
import type { ComponentChildren } from 'preact';
import type { AuditAction } from '../../../src/db/events.ts';
import { Time } from '../../parts/time.tsx';
import type { AuditEvent } from './events.ts';
import { KeyName, SomebodyName } from './names.tsx';
import { Thing } from './things.tsx';

type Sentence = (event: AuditEvent) => ComponentChildren;
type Sentences = Partial<Record<AuditAction, Sentence>>;

const LIST = new Intl.ListFormat('en');

/** Long lists say how many more there are. */
const SHOWN = 3;

function listed(items: readonly string[]): string {
  const more = items.length - SHOWN;
  return LIST.format(more > 0 ? [...items.slice(0, SHOWN), `${more} more`] : items);
}

const devices = ({ deviceIds }: AuditEvent) => <bdi>{listed(deviceIds) || 'a device'}</bdi>;

const may = ({ permission }: AuditEvent): string =>
  permission === 'CHARGE' ? 'control charging at' : 'read';

const who = ({ user }: AuditEvent) => <SomebodyName user={user} />;

const sessions = ({ sessionIds: { length }, support }: AuditEvent): string =>
  length === 1 ? `a ${support ? 'support ' : ''}session` : `${length} sessions`;

/** Who acts in a support session, unless it is who did this, and why. */
const reason = ({ support, actor }: AuditEvent) =>
  support && (
    <>
      {' ('}
      {support.user && support.user.id === actor.user?.id ? null : (
        <>{support.user ? <SomebodyName user={support.user} /> : <bdi>{support.actor}</bdi>}: </>
      )}
      <bdi>{support.reason}</bdi>)
    </>
  );

const changed = ({ fields }: AuditEvent): string =>
  fields.length > 0 ? `: ${LIST.format(fields.map((name) => FIELDS[name] ?? name))}` : '';

/** Fields of REST whose names say little to people. */
const FIELDS: Record<string, string> = {
  ...{ alarm_email: 'alarms by e-mail', alarm_sms: 'alarms by SMS', alarm_voice: 'alarms by call' },
  ...{ member_level_id: 'level', timezone_pref_id: 'time zone', station_ids: 'stations' },
  ...{ sms: 'number for SMS', email: 'e-mail', timezone_name: 'time zone', unit_id: 'unit' },
  ...{ ref_logger_id: 'kind of data logger' },
  requireSecondFactor: 'whether a second factor is required',
  supportPermissions: 'what support sessions may do',
};

const station = ({ stationIds: [id] }: AuditEvent) => (
  <Thing noun="station" id={id} href={`/console/stations/${id}`} />
);

const project = ({ projectId: id }: AuditEvent) => (
  <Thing noun="project" id={id} href={`/console/stations/project/${id}`} />
);

const sensor = ({ sensorId }: AuditEvent) => <Thing noun="sensor" id={sensorId} />;

const ORDER_WORDS: Record<string, string> = {
  ...{ PLACED: 'placed', PROCESSING: 'being processed', SHIPPED: 'shipped' },
  ...{ DELIVERED: 'delivered', RETURNED: 'returned', CANCELLED: 'cancelled' },
};

const order = ({ orderId, orderStatus }: AuditEvent) => (
  <>
    Order <bdi>{orderId}</bdi> is {ORDER_WORDS[orderStatus ?? ''] ?? 'changed'}
  </>
);

const key = ({ apiKeyId }: AuditEvent) => <KeyName id={apiKeyId} />;

/** Of members and customers. */
const PEOPLE = {
  'user.add': (e) => <>Added the customer {who(e)}</>,
  'user.update': (e) =>
    e.externalIdChanged ? (
      <>Changed the ID of {who(e)}</>
    ) : (
      <>
        {e.suspended ? 'Suspended' : 'Restored'} {who(e)}
      </>
    ),
  'user.remove': (e) => <>Removed {who(e)}</>,
  'user.export': () => <>Exported all customers</>,
  'member.add': (e) => <>Added {who(e)}</>,
  'member.update': (e) => (
    <>
      Changed {who(e)}
      {changed(e)}
      {e.suspended === true && ' (disabled)'}
    </>
  ),
  'member.updateOwn': (e) => <>Changed their own data{changed(e)}</>,
  'member.remove': (e) => <>Removed {who(e)}</>,
  'member.resetPassword': (e) => <>Made a link for a new password of {who(e)}</>,
  'member.askReset': (e) => <>A link for a new password was asked for and mailed to {who(e)}</>,
  'member.setPassword': (e) => <>Password of {who(e)} set</>,
  'member.signInFailed': (e) => (
    <>
      {e.count === 1 ? 'A sign-in' : `${e.count} sign-ins`} as {who(e)} failed
    </>
  ),
} satisfies Sentences;

/** How members sign in. */
const SIGNING_IN = {
  'member.addFactor': () => <>Added a second factor of their own</>,
  'member.removeFactor': () => <>Removed a second factor of their own</>,
  'member.removeFactors': (e) => <>Removed all second factors of {who(e)}</>,
  'member.renewRecoveryCodes': () => <>Made new recovery codes for themselves</>,
  'member.renamePasskey': () => <>Gave a passkey of their own another name</>,
  'company.update': (e) => <>Changed the rules of your company{changed(e)}</>,
} satisfies Sentences;

const ACCESS = {
  'permission.add': (e) => (
    <>
      Let {who(e)} {may(e)} {devices(e)}
      {e.expiresAt && (
        <>
          {' '}
          until <Time at={e.expiresAt} />
        </>
      )}
    </>
  ),
  'permission.remove': (e) => (
    <>
      No longer lets {who(e)} {may(e)} {devices(e)}
    </>
  ),
  'permission.removeAll': (e) => (
    <>
      Ended all access to {devices(e)}: {who(e)} may no longer {may(e)} it
    </>
  ),
  'permission.end': (e) => (
    <>
      The time ran out in which {who(e)} may {may(e)} {devices(e)}
    </>
  ),
  'session.add': (e) =>
    e.user?.id === e.actor.user?.id ? (
      <>Signed in</>
    ) : (
      <>
        Opened {sessions(e)} for {who(e)}
        {reason(e)}
      </>
    ),
  'session.remove': (e) => (
    <>
      Ended {sessions(e)} of {who(e)}
      {reason(e)}
    </>
  ),
  'session.removeAll': (e) => <>Ended all sessions of {who(e)}</>,
  'session.removeOwn': (e) => (
    <>
      Signed out of {sessions(e)}
      {e.support && <> as {who(e)}</>}
    </>
  ),
  'session.expire': (e) =>
    e.support ? (
      <>The time of a support session as {who(e)} ran out</>
    ) : (
      <>
        Unused for long: {sessions(e)} of {who(e)}
      </>
    ),
} satisfies Sentences;

const THINGS = {
  ...{ 'order.add': order, 'order.cancel': order, 'order.update': order },
  'device.add': (e) => <>Assigned {devices(e)}</>,
  'device.remove': (e) => <>Took back {devices(e)}</>,
  'project.add': (e) => <>Added {project(e)}</>,
  'project.update': (e) => (
    <>
      Changed {project(e)}
      {changed(e)}
    </>
  ),
  'project.remove': () => <>Removed a project</>,
  'station.add': (e) => <>Added {station(e)}</>,
  'station.update': (e) => (
    <>
      Changed {station(e)}
      {changed(e)}
    </>
  ),
  'station.remove': () => <>Removed a station</>,
  'sensor.add': (e) => (
    <>
      Added {sensor(e)} to {station(e)}
    </>
  ),
  'sensor.update': (e) => (
    <>
      Changed {sensor(e)} of {station(e)}
      {changed(e)}
    </>
  ),
  'sensor.remove': (e) => <>Removed a sensor of {station(e)}</>,
  'channel.add': (e) => <>Added a channel at {station(e)}</>,
  'channel.update': (e) => (
    <>
      Changed a channel at {station(e)}
      {changed(e)}
    </>
  ),
  'channel.remove': (e) => <>Removed a channel at {station(e)}</>,
} satisfies Sentences;

const PROGRAMS = {
  'apiKey.add': (e) => <>Added {key(e)}</>,
  'apiKey.rotate': (e) => <>Rotated {key(e)}</>,
  'apiKey.remove': (e) => <>Removed {key(e)}</>,
  'intermediary.add': () => <>Added your company</>,
  'intermediary.update': (e) => <>Changed your company{changed(e)}</>,
  'intermediary.remove': () => <>Removed your company</>,
  'webhook.add': () => <>Added a webhook</>,
  'webhook.update': (e) => <>Changed a webhook{changed(e)}</>,
  'webhook.rotate': () => <>Gave a webhook a new secret</>,
  'webhook.replay': () => <>Sent events to a webhook again</>,
  'webhook.disable': () => <>A webhook is disabled: it did not answer</>,
  'webhook.remove': () => <>Removed a webhook</>,
} satisfies Sentences;

/** The compiler says which is missing. */
const SENTENCES: Record<AuditAction, Sentence> = {
  ...{ ...PEOPLE, ...SIGNING_IN },
  ...{ ...ACCESS, ...THINGS, ...PROGRAMS },
};

/** An action that is newer than this page is shown by its name. */
export const Told = ({ event }: { event: AuditEvent }) => (
  <>{(SENTENCES as Record<string, Sentence | undefined>)[event.action]?.(event) ?? event.action}</>
);
