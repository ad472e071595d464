/** Dialogs over a screen: `<dialog>` keeps the focus inside, and gives it back. */
import type { ComponentChildren } from 'preact';
import { useEffect, useId, useRef } from 'preact/hooks';
import { Failure } from '../api/failure.ts';
import { Field, Form, textOf } from './form.tsx';
import { Icon } from './icons.tsx';

interface DialogProps {
  title: ComponentChildren;
  onClose(): void;
  /** A dialog that must not be left by Escape, such as one with a secret. */
  locked?: boolean;
  /** Nothing of the screen is seen behind it: whoever sits there now may be somebody else. */
  covers?: boolean;
  children: ComponentChildren;
}

/** Is open while it is rendered. */
export function Dialog({ title, onClose, locked, covers, children }: DialogProps) {
  const dialog = useRef<HTMLDialogElement>(null);
  const id = useId();
  useEffect(() => {
    const before = document.activeElement;
    dialog.current?.showModal();
    return () => {
      if (before instanceof HTMLElement && before.isConnected) before.focus();
    };
  }, []);
  return (
    <dialog
      ref={dialog}
      class={covers ? 'covers' : undefined}
      aria-labelledby={id}
      onCancel={(event) => {
        event.preventDefault();
        if (!locked) onClose();
      }}
      onClose={() => {
        // A browser asks once, and closes at a second Escape whatever the page says.
        if (locked) dialog.current?.showModal();
        else onClose();
      }}
    >
      <header class="dialog-head">
        <h2 id={id}>{title}</h2>
        {!locked && (
          <button type="button" class="plain icon" aria-label="Close" onClick={onClose}>
            <Icon name="close" />
          </button>
        )}
      </header>
      <div class="dialog-body">{children}</div>
    </dialog>
  );
}

interface ConfirmProps {
  title: ComponentChildren;
  /** What the button says and does: "Remove". */
  action: string;
  /** What has to be typed, where nothing brings back what goes. */
  typed?: string | undefined;
  /** What the button says that does nothing, where "Cancel" could be taken for the action. */
  keep?: string;
  onConfirm(values: FormData): Promise<unknown>;
  onClose(): void;
  children: ComponentChildren;
}

/** Asks before something that cannot be undone. */
export function Confirm({
  title,
  action,
  typed,
  keep = 'Cancel',
  onConfirm,
  onClose,
  children,
}: ConfirmProps) {
  const confirm = async (values: FormData) => {
    if (typed !== undefined && textOf(values, 'typed') !== typed.trim()) {
      throw new Failure('refused', '', { typed: 'This is something else. Type it as shown.' });
    }
    await onConfirm(values);
    onClose();
  };
  return (
    <Dialog title={title} onClose={onClose}>
      <Form
        onSubmit={confirm}
        submit={action}
        danger
        buttons={
          <button type="button" onClick={onClose}>
            {keep}
          </button>
        }
      >
        <div class="prose">{children}</div>
        {typed !== undefined && (
          <Field
            name="typed"
            label="To confirm, type this:"
            hint={<bdi class="typed">{typed}</bdi>}
          />
        )}
      </Form>
    </Dialog>
  );
}
