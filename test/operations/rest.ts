/** Every route of the company API, by its method and path. */
import type { On, RestOperation } from './operation.ts';

const RENAMED = { name: 'Another name' };
const NEW_PASSWORD = 'a door that nobody painted';
const NUMBER = '+1 555 555 5555';

/** Of what needs a deployment that sends mail: see test/rest/mail.test.ts. */
const BEHIND = 'it only begins once it is answered';

const renamed = () => RENAMED;
const station = ({ label }: On) => ({
  name: 'A station',
  code: label,
  reporting: 900,
  ref_logger_id: 12,
});

/** What every member has, as `POST /user` wants it. */
export const memberFields = ({ tenantId, label }: Pick<On, 'tenantId' | 'label'>) => ({
  alarm_email: 0,
  alarm_sms: 0,
  company_id: Number(tenantId),
  email: `${label}@example.com`,
  member_level_id: 2,
  name: 'UserName',
  station_ids: [] as number[],
  status: 1,
});

export const restOperations: Record<string, RestOperation> = {
  'POST /authenticate': {
    by: ['guest'],
    trips: 2,
    about: 'login',
    body: ({ email, password }) => ({ email, password }),
    again: { makes: 'another session' },
    events: ['session.add'],
    ends: true,
  },
  'POST /password-reset': {
    by: ['guest'],
    trips: 0,
    about: 'login',
    body: ({ email }) => ({ email }),
    again: { makes: 'another token' },
    ends: true,
    without: {
      model: BEHIND,
      faults: BEHIND,
      room: BEHIND,
      scale: BEHIND,
    },
  },
  'POST /password': {
    by: ['guest'],
    trips: 2,
    about: 'reset',
    body: ({ resetToken }) => ({ reset_token: resetToken, password: NEW_PASSWORD }),
    again: { refused: 'a reset token works once' },
    withdraws: true,
    waitsForSweep: true,
    ends: true,
  },

  'GET /user': { query: '?per_page=5' },
  'POST /user': {
    body: (on) => ({
      ...memberFields(on),
      member_level_id: 4,
      station_ids: [on.stationId],
      sms: NUMBER,
    }),
    again: { refused: 'the e-mail address is in use, by whom the first call added' },
  },
  'GET /user/me': {},
  'PATCH /user/me': {
    body: ({ callerPassword }) => ({
      ...RENAMED,
      phone: NUMBER,
      ...(callerPassword && { password: NEW_PASSWORD, old_password: callerPassword }),
    }),
    again: { refused: 'the old password is the old one no longer' },
    withdraws: true,
    waitsForSweep: true,
    ends: true,
  },
  'GET /user/:id': { about: 'member' },
  'PATCH /user/:id': {
    about: 'member',
    body: renamed,
    ways: {
      stations: {
        body: ({ stationId }) => ({ station_ids: [stationId] }),
        withdraws: true,
        waitsForSweep: true,
      },
      'no stations': {
        body: () => ({ station_ids: [] }),
        withdraws: true,
        waitsForSweep: true,
        ends: true,
      },
      raising: { body: () => ({ member_level_id: 3 }) },
      demoted: {
        about: 'officer',
        body: () => ({ member_level_id: 4, station_ids: [] }),
        withdraws: true,
        waitsForSweep: true,
        ends: true,
      },
      address: {
        body: ({ label }) => ({ email: `${label}-moved@example.com` }),
        withdraws: true,
        waitsForSweep: true,
        ends: true,
      },
      disabled: { body: () => ({ status: 0 }), withdraws: true, ends: true },
      end_minted: {
        about: 'maker',
        body: () => ({ status: 0, end_minted: 1 }),
        events: ['member.update', 'member.update'],
        withdraws: true,
        ends: true,
      },
    },
  },
  'DELETE /user/:id': {
    about: 'member',
    again: { refused: 'finds nothing' },
    withdraws: true,
    waitsForSweep: true,
    ends: true,
    ways: {
      end_minted: {
        about: 'maker',
        body: () => ({ end_minted: 1 }),
        again: { refused: 'finds nothing' },
        events: ['member.remove', 'member.update'],
        withdraws: true,
        waitsForSweep: true,
        ends: true,
      },
    },
  },
  'POST /user/:id/password-reset': {
    about: 'member',
    again: { makes: 'another token, and the lost one worthless' },
    ends: true,
  },
  'GET /user/:id/second-factor': { about: 'member' },
  'DELETE /user/:id/second-factor': {
    about: 'member',
    ends: true,
    without: { model: 'second factors have tests of their own: test/front/second-factors.test.ts' },
  },

  'GET /project': { query: '?per_page=5' },
  'POST /project': { body: renamed, again: { makes: 'another project' } },
  'GET /project/:id': { about: 'project' },
  'PATCH /project/:id': { about: 'project', body: renamed },
  'DELETE /project/:id': { about: 'project', again: { refused: 'finds nothing' }, ends: true },
  'GET /project/:id/station': { about: 'project' },
  'POST /project/:id/station': {
    about: 'project',
    body: station,
    again: { refused: 'the code is in use, by what the first call put up' },
  },

  'GET /station/:id': { about: 'station' },
  'PATCH /station/:id': { about: 'station', body: ({ label }) => ({ ...RENAMED, code: label }) },
  'DELETE /station/:id': {
    about: 'station',
    again: { refused: 'finds nothing' },
    withdraws: true,
    waitsForSweep: true,
    ends: true,
  },
  'GET /station/:id/alarm-recipients': { about: 'station' },
  'GET /station/:id/sensor': { about: 'station' },
  'POST /station/:id/sensor': {
    about: 'station',
    body: renamed,
    again: { makes: 'another sensor' },
  },

  'GET /sensor/:id': { about: 'sensor' },
  'PATCH /sensor/:id': { about: 'sensor', body: renamed },
  'DELETE /sensor/:id': { about: 'sensor', again: { refused: 'finds nothing' }, ends: true },
  'GET /sensor/:id/channel': { about: 'sensor' },
  'POST /sensor/:id/channel': {
    about: 'sensor',
    body: () => ({ ...RENAMED, unit_id: 18 }),
    again: { makes: 'another channel' },
  },
  'GET /channel/:id': { about: 'channel' },
  'PATCH /channel/:id': { about: 'channel', body: renamed },
  'DELETE /channel/:id': { about: 'channel', again: { refused: 'finds nothing' }, ends: true },

  'GET /config-packet': {},
};
