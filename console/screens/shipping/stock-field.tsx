/** The field for the device in a parcel. It suggests what is in stock. */
import { useEffect, useId, useState } from 'preact/hooks';
import { useField } from '../../parts/form.tsx';
import { readInventory } from '../inventory/devices.ts';

/** After the last key, so that each letter is not a request. */
const PAUSE_MS = 250;
const SUGGESTIONS = 10;

export function StockField() {
  const listId = useId();
  const [text, setText] = useState('');
  const [ids, setIds] = useState<string[]>([]);
  useEffect(() => {
    const aborter = new AbortController();
    const { signal } = aborter;
    const suggest = async () => {
      const filter = { search: text.trim(), assigned: false };
      // Without suggestions, the field takes what is typed.
      const page = await readInventory(filter, null, signal, SUGGESTIONS).catch(() => null);
      if (page && !signal.aborted) setIds(page.rows.map(({ deviceId }) => deviceId));
    };
    const pause = setTimeout(suggest, text === '' ? 0 : PAUSE_MS);
    return () => {
      clearTimeout(pause);
      aborter.abort();
    };
  }, [text]);
  const { id, attributes, notes } = useField(
    'deviceId',
    'The company gets it with this. Suggested: what is in stock.',
  );
  return (
    <div class="field">
      <label for={id}>Device</label>
      <input
        {...attributes}
        type="text"
        list={listId}
        autoComplete="off"
        spellcheck={false}
        required
        onInput={(event) => setText(event.currentTarget.value)}
      />
      <datalist id={listId}>
        {ids.map((one) => (
          <option key={one} value={one} />
        ))}
      </datalist>
      {notes}
    </div>
  );
}
