/** A dialog with a form that saves something and closes. */

import type { ComponentChildren } from 'preact';
import { Cancel } from './cancel.tsx';
import { Dialog } from './dialog.tsx';
import { Form } from './form.tsx';
import { useNotice } from './notices.tsx';

export interface FormDialogProps {
  title: string;
  /** Sends what was entered. The dialog stays open if it throws. */
  save(values: FormData): Promise<unknown>;
  /** What is said when it is saved. */
  said?: string;
  submit?: string;
  onSaved(): void;
  onClose(): void;
  children: ComponentChildren;
}

export function FormDialog(props: FormDialogProps) {
  const { title, save, said, submit = title, onSaved, onClose, children } = props;
  const say = useNotice();
  const send = async (values: FormData) => {
    await save(values);
    if (said) say(said);
    onSaved();
    onClose();
  };
  return (
    <Dialog title={title} onClose={onClose}>
      <Form
        onSubmit={send}
        submit={submit}
        submitting="Saving …"
        buttons={<Cancel onClose={onClose} />}
      >
        {children}
      </Form>
    </Dialog>
  );
}
