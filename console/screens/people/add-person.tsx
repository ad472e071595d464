/** Adding a person: the form, then the link with which they set a password. */

import { useState } from 'preact/hooks';
import { rest } from '../../api/rest.ts';
import type { User } from '../../api/types.ts';
import { Cancel } from '../../parts/cancel.tsx';
import { Dialog } from '../../parts/dialog.tsx';
import { Form } from '../../parts/form.tsx';
import { quoted, useNotice } from '../../parts/notices.tsx';
import { ChosenStations, type StationName } from '../../parts/station-choice.tsx';
import { useLevel } from '../../session.tsx';
import { PersonFields, personOf } from './person-fields.tsx';
import { Link, makeLink } from './reset-link.tsx';

interface AddPersonProps {
  onClose(): void;
  onAdded(): void;
}

export function AddPerson({ onClose, onAdded }: AddPersonProps) {
  const own = useLevel();
  const say = useNotice();
  const [level, setLevel] = useState(4);
  const [stations, setStations] = useState<StationName[]>([]);
  const [added, setAdded] = useState<{ user: User; link: string }>();
  const submit = async (values: FormData) => {
    const { user, mailed } = await rest<{ user: User; mailed?: boolean }>('POST /user', {
      ...personOf(values),
      status: 1,
      station_ids: level === 1 ? [] : stations.map(({ id }) => id),
    });
    onAdded();
    if (mailed) {
      say(`${quoted(user.name)} was added. An invitation is on its way.`);
      return onClose();
    }
    const made = await makeLink(user.id).catch(() => null);
    if (made?.link) return setAdded({ user, link: made.link });
    say(`${quoted(user.name)} was added. Make a link for them with “New link”.`);
    onClose();
  };
  if (added) {
    return (
      <Dialog title={<>{quoted(added.user.name)} was added</>} onClose={onClose} locked>
        <Link link={added.link} lasts="7 days" onDone={onClose} />
      </Dialog>
    );
  }
  return (
    <Dialog title="Add person" onClose={onClose}>
      <Form
        onSubmit={submit}
        submit="Add person"
        submitting="Adding …"
        buttons={<Cancel onClose={onClose} />}
      >
        <PersonFields
          user={{ alarm_email: 1, member_level_id: 4 }}
          level={own}
          onLevel={setLevel}
        />
        {level === 1 ? (
          <p class="hint">Level 1 sees all stations.</p>
        ) : (
          <ChosenStations chosen={stations} onChange={setStations} />
        )}
      </Form>
    </Dialog>
  );
}
