/** The field for a list: pasted, dropped as a file, or from a file that is chosen. */
import { useState } from 'preact/hooks';
import { failureOf } from '../../api/failure.ts';
import { useField } from '../../parts/form.tsx';
import { textOfFile } from './read-file.ts';

interface ListFieldProps {
  text: string;
  onText(text: string): void;
}

const EXAMPLE = 'deviceId,meterId\nACME4711,1LOG0065010041\nACME4712,';

export function ListField({ text, onText }: ListFieldProps) {
  const [isOver, setOver] = useState(false);
  const [wrong, setWrong] = useState('');
  const { id, attributes, notes } = useField(
    'list',
    'A device a line, with its meter if it is known. Commas, semicolons or tabs, as spreadsheets ' +
      'copy them; a first line may name the columns.',
  );
  const take = async (file: File | undefined) => {
    setOver(false);
    if (!file) return;
    try {
      const read = await textOfFile(file);
      setWrong('');
      onText(read);
    } catch (thrown) {
      setWrong(`${file.name}: ${failureOf(thrown).message}`);
    }
  };
  return (
    <div class="field">
      <label for={id}>Devices</label>
      {/* biome-ignore lint/a11y/noStaticElementInteractions: a button does it too. */}
      <div
        class={isOver ? 'drop over' : 'drop'}
        onDragOver={(event) => {
          event.preventDefault();
          setOver(true);
        }}
        onDragLeave={() => setOver(false)}
        onDrop={(event) => {
          event.preventDefault();
          take(event.dataTransfer?.files[0]);
        }}
      >
        <textarea
          rows={10}
          {...attributes}
          spellcheck={false}
          placeholder={EXAMPLE}
          value={text}
          onInput={(event) => onText(event.currentTarget.value)}
        />
        <label class="button file">
          Choose a file
          <input
            class="quiet"
            type="file"
            accept=".csv,.txt,.tsv,text/csv,text/plain"
            onChange={({ currentTarget }) => {
              take(currentTarget.files?.[0]);
              // The same file can be chosen again when it was corrected.
              currentTarget.value = '';
            }}
          />
        </label>
      </div>
      {notes}
      {wrong && (
        <small class="error" role="alert">
          {wrong}
        </small>
      )}
    </div>
  );
}
