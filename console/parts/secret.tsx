/** A secret that is shown this once, and text to copy. */

import type { ComponentChildren } from 'preact';
import { useState } from 'preact/hooks';

/** About as many characters as fit in a line of the box. */
const LINE = 52;

/** What is said about copying a text, and the function that copies it. */
export function useCopy(text: string): [said: string, copy: () => Promise<void>] {
  const [said, say] = useState('');
  const copy = async () => {
    try {
      await navigator.clipboard.writeText(text);
      say('Copied');
    } catch {
      say('Not copied: select the text and copy it yourself.');
    }
  };
  return [said, copy];
}

interface CopyableProps {
  label: string;
  text: string;
  /** What is copied, if it differs from what is shown. */
  copied?: string;
}

/** Text in a box with a button that copies it. */
export function Copyable({ label, text, copied = text }: CopyableProps) {
  const [said, copy] = useCopy(copied);
  return (
    <div class="copyable">
      <textarea
        readOnly
        aria-label={label}
        rows={text.split('\n').reduce((rows, line) => rows + Math.ceil(line.length / LINE), 0)}
        value={text}
        onFocus={(event) => event.currentTarget.select()}
      />
      <button type="button" onClick={copy} aria-label={`Copy ${label}`}>
        Copy
      </button>
      <span class="said" role="status">
        {said}
      </span>
    </div>
  );
}

interface SecretProps {
  /** What it is: "Link". */
  label: string;
  secret: string;
  onDone(): void;
  /** What stands after it, such as a command that tries it. */
  after?: ComponentChildren;
  children: ComponentChildren;
}

/** For the body of a locked dialog, which is left by a button alone. */
export function SecretOnce({ label, secret, onDone, after, children }: SecretProps) {
  return (
    <>
      <div class="prose">{children}</div>
      <Copyable label={label} text={secret} />
      <p class="warning">It is shown this once. Nobody can see it again.</p>
      {after}
      <div class="form-buttons">
        <button type="button" class="primary" onClick={onDone}>
          Done
        </button>
      </div>
    </>
  );
}
