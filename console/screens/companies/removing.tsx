/** How far the removal of a company is. */
import { useEffect } from 'preact/hooks';
import type { Company, Removal } from '../../api/companies.ts';
import { Progress } from '../../parts/bar.tsx';
import { Facts, Section } from '../../parts/page.tsx';
import { Time, TimeOr } from '../../parts/time.tsx';

interface RemovingProps {
  company: Company;
  removal: Removal;
  /** Reads again. */
  onTime(): void;
}

const COUNT = new Intl.NumberFormat();

/** The background works once a minute. */
const PAUSE_MS = 5_000;

export function Removing({ company, removal, onTime }: RemovingProps) {
  const { removedAt, erasedUsers, erasedAt } = removal;
  const { usage } = company;
  const isOver = erasedAt !== null;
  useEffect(() => {
    if (isOver) return;
    const pause = setTimeout(onTime, PAUSE_MS);
    return () => clearTimeout(pause);
  }, [company, isOver]);
  const left = usage.users + usage.members;
  return (
    <Section
      title="Removal"
      about={
        isOver
          ? 'Everything about its people and customers is erased, and its devices are in stock.'
          : 'Nothing of it works any more. The rest is erased in the background, every minute.'
      }
    >
      {!isOver && (
        <div class="progress">
          <Progress label="Erased" done={erasedUsers} of={erasedUsers + left} />
          <p role="status">
            {COUNT.format(erasedUsers)} of {COUNT.format(erasedUsers + left)} people and customers
            are erased.
          </p>
        </div>
      )}
      <Facts
        facts={[
          ['Removed', <Time key="removed" at={removedAt} />],
          ['People and customers erased', COUNT.format(erasedUsers)],
          ['Devices still to go into stock', COUNT.format(usage.devices)],
          ['Finished', <TimeOr key="erased" at={erasedAt} none="Not yet" />],
        ]}
      />
    </Section>
  );
}
