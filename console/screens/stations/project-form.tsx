/** The form of a project. */
import type { Project } from '../../api/types.ts';
import { Check, Field, flagOf, textOf } from '../../parts/form.tsx';
import { FormDialog } from '../../parts/form-dialog.tsx';

interface ProjectFormProps {
  title: string;
  project?: Project;
  save(values: object): Promise<unknown>;
  onSaved(): void;
  onClose(): void;
}

export const ProjectForm = ({ project, save, ...dialog }: ProjectFormProps) => (
  <FormDialog
    {...dialog}
    {...(project ? { submit: 'Save changes' } : {})}
    said="The project is saved."
    save={(values) => save({ name: textOf(values, 'name'), status: flagOf(values, 'status') })}
  >
    <Field name="name" label="Name" defaultValue={project?.name ?? ''} dir="auto" required />
    <Check name="status" label="In use" checked={project?.status !== 0} />
  </FormDialog>
);
