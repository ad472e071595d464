/** The stations that somebody sees. */

import { useState } from 'preact/hooks';
import { rest } from '../../api/rest.ts';
import type { User } from '../../api/types.ts';
import { Cancel } from '../../parts/cancel.tsx';
import { Dialog } from '../../parts/dialog.tsx';
import { Empty } from '../../parts/empty.tsx';
import { Form } from '../../parts/form.tsx';
import { quoted, useNotice } from '../../parts/notices.tsx';
import { Section } from '../../parts/page.tsx';
import { ChosenStations, type StationName } from '../../parts/station-choice.tsx';

interface StationsProps {
  user: User;
  mayChange: boolean;
  onChange(): void;
}

const stationsOf = (user: User): StationName[] =>
  user.user_stations.map(({ station_id, station_name }) => ({
    id: station_id,
    name: station_name,
  }));

interface ChangeProps extends Omit<StationsProps, 'mayChange'> {
  onClose(): void;
}

function Change({ user, onChange, onClose }: ChangeProps) {
  const say = useNotice();
  const [chosen, setChosen] = useState(() => stationsOf(user));
  const submit = async () => {
    await rest(`PATCH /user/${user.id}`, { station_ids: chosen.map(({ id }) => id) });
    say(`The stations of ${quoted(user.name)} are changed.`);
    onChange();
    onClose();
  };
  return (
    <Dialog title="Stations" onClose={onClose}>
      <Form
        onSubmit={submit}
        submit="Save stations"
        submitting="Saving …"
        buttons={<Cancel onClose={onClose} />}
      >
        <ChosenStations chosen={chosen} onChange={setChosen} open />
      </Form>
    </Dialog>
  );
}

export function PersonStations({ user, mayChange, onChange }: StationsProps) {
  const [isChanging, setChanging] = useState(false);
  const seesAll = user.member_level_id === 1;
  const stations = stationsOf(user);
  return (
    <Section
      title="Stations"
      about={seesAll ? 'Level 1 sees all stations.' : 'This person sees only these.'}
      actions={
        mayChange &&
        !seesAll && (
          <button type="button" class="small" onClick={() => setChanging(true)}>
            Change stations
          </button>
        )
      }
    >
      {!seesAll && stations.length === 0 && (
        <Empty title="This person sees no station yet.">
          {mayChange && <p>Choose some with “Change stations”.</p>}
        </Empty>
      )}
      <ul class="chips">
        {stations.map(({ id, name }) => (
          <li key={id} class="link">
            <a href={`/console/stations/${id}`}>
              <bdi>{name}</bdi>
            </a>
          </li>
        ))}
      </ul>
      {isChanging && <Change user={user} onChange={onChange} onClose={() => setChanging(false)} />}
    </Section>
  );
}
