/** What can be done with a sensor or a channel: it is changed in a form, or removed. */
import type { ComponentChildren } from 'preact';
import { useState } from 'preact/hooks';
import { rest } from '../../api/rest.ts';
import { Confirm } from '../../parts/dialog.tsx';
import { quoted, useNotice } from '../../parts/notices.tsx';

interface PartButtonsProps {
  /** As its path and its words name it. */
  noun: 'sensor' | 'channel';
  part: { id: number; name: string };
  /** The form that changes it. */
  form(onClose: () => void): ComponentChildren;
  onRemoved(): void;
  /** What removing it takes away. */
  children: ComponentChildren;
}

export function PartButtons({ noun, part, form, onRemoved, children }: PartButtonsProps) {
  const say = useNotice();
  const [asked, ask] = useState<'change' | 'remove'>();
  const close = () => ask(undefined);
  const remove = async () => {
    await rest(`DELETE /${noun}/${part.id}`);
    say(`${quoted(part.name)} is removed.`);
    onRemoved();
  };
  const of = quoted(part.name);
  return (
    <>
      <button type="button" class="small" aria-label={`Change ${of}`} onClick={() => ask('change')}>
        Change
      </button>
      <button
        type="button"
        class="small warns"
        aria-label={`Remove ${of}`}
        onClick={() => ask('remove')}
      >
        Remove
      </button>
      {asked === 'change' && form(close)}
      {asked === 'remove' && (
        <Confirm
          title={`Remove this ${noun}?`}
          action="Remove"
          typed={part.name}
          onConfirm={remove}
          onClose={close}
        >
          <p>{children}</p>
        </Confirm>
      )}
    </>
  );
}
