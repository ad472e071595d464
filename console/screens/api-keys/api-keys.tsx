/** The credentials of the company's programs. */
import { useState } from 'preact/hooks';
import { type ApiKey, readKeys } from '../../api/keys.ts';
import { Badge } from '../../parts/badge.tsx';
import { Empty } from '../../parts/empty.tsx';
import { type Column, Skeleton, Table } from '../../parts/list.tsx';
import { useLoad } from '../../parts/load.ts';
import { MakerName } from '../../parts/maker.tsx';
import { Page } from '../../parts/page.tsx';
import { Problem } from '../../parts/problem.tsx';
import { Time, TimeOr } from '../../parts/time.tsx';
import { AddKey } from './add-key.tsx';
import { KeyActions, type Rotated, RotatedKey } from './key-actions.tsx';
import { ALL_SCOPES, scopeWords } from './scopes.ts';

const Scopes = ({ scopes }: Pick<ApiKey, 'scopes'>) => {
  if (scopes.length === ALL_SCOPES.length) return <Badge tone="warn">Everything</Badge>;
  return (
    <details class="scopes">
      <summary>{scopes.length === 1 ? '1 thing' : `${scopes.length} things`}</summary>
      <ul>
        {scopes.map((scope) => (
          <li key={scope}>{scopeWords(scope)}</li>
        ))}
      </ul>
    </details>
  );
};

const columnsWith = (
  keys: readonly ApiKey[],
  onChange: () => void,
  onRotated: (rotated: Rotated) => void,
): Column<ApiKey>[] => [
  {
    name: 'Key',
    cell: ({ id, name, lastUsedAt, expiresAt }) => (
      <span class="entry">
        <strong>
          <bdi>{name}</bdi>
        </strong>
        <small>
          <code>{id}</code>
        </small>
        <small class="phone-only">
          Last used: <TimeOr at={lastUsedAt} none="never" near />
        </small>
        <small class="phone-only">
          Expires: <TimeOr at={expiresAt} none="never" near />
        </small>
      </span>
    ),
  },
  { name: 'May do', cell: ({ scopes }) => <Scopes scopes={scopes} /> },
  {
    name: 'Last used',
    wide: true,
    cell: ({ lastUsedAt }) => <TimeOr at={lastUsedAt} none="Never" near />,
  },
  {
    name: 'Expires',
    wide: true,
    cell: ({ expiresAt }) => <TimeOr at={expiresAt} none="Never" near />,
  },
  {
    name: 'Made by',
    wide: true,
    cell: ({ madeBy, createdAt }) => (
      <span class="entry">
        <span>
          <MakerName maker={madeBy} keys={keys} />
        </span>
        <small>
          <Time at={createdAt} near />
        </small>
      </span>
    ),
  },
  {
    ...{ name: 'Actions', end: true, quiet: true },
    cell: (apiKey) => <KeyActions {...{ apiKey, onChange, onRotated }} />,
  },
];

export function Screen() {
  const { value, failure, reload } = useLoad('keys', readKeys);
  const [isAdding, setAdding] = useState(false);
  const [rotated, setRotated] = useState<Rotated>();
  const showRotated = (one: Rotated) => {
    setRotated(one);
    reload();
  };
  return (
    <Page
      title="API keys"
      about="With a key, a program of yours calls Latchkey. Give each program its own."
      actions={
        <button type="button" class="primary" onClick={() => setAdding(true)}>
          Add key
        </button>
      }
    >
      {failure && <Problem failure={failure} onRetry={reload} />}
      {value && value.length > 0 && (
        <Table
          caption="API keys"
          columns={columnsWith(value, reload, showRotated)}
          rows={value}
          keyOf={({ id }) => id}
        />
      )}
      {value?.length === 0 && (
        <Empty title="There are no keys: no program of yours can call Latchkey.">
          <p>Choose “Add key” to make one.</p>
        </Empty>
      )}
      {!value && !failure && <Skeleton />}
      {rotated && <RotatedKey {...rotated} onDone={() => setRotated(undefined)} />}
      {isAdding && <AddKey onAdded={reload} onClose={() => setAdding(false)} />}
    </Page>
  );
}
