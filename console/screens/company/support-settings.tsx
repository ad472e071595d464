/** What sessions in which staff look at the app as a customer may do. */
import { type OwnCompany, updateCompany } from '../../api/own-company.ts';
import { Check, Form, flagOf } from '../../parts/form.tsx';
import { useNotice } from '../../parts/notices.tsx';
import { Section } from '../../parts/page.tsx';

interface SupportSettingsProps {
  company: OwnCompany;
  onChange(): void;
}

export function SupportSettings({ company, onChange }: SupportSettingsProps) {
  const say = useNotice();
  const submit = async (values: FormData) => {
    const mayCharge = flagOf(values, 'charge') === 1;
    await updateCompany({ supportPermissions: mayCharge ? ['VIEW', 'CHARGE'] : ['VIEW'] });
    say('What support sessions may do is saved.');
    onChange();
  };
  return (
    <Section
      title="Support sessions"
      about="A colleague opens one from a customer’s page, with a reason, for an hour at most."
    >
      <Form onSubmit={submit} submit="Save" submitting="Saving …" label="Support sessions">
        <Check name="view" label="See readings" checked disabled hint="Always." />
        <Check
          name="charge"
          label="Control charging"
          hint="Only on devices where the customer may do so."
          checked={company.supportPermissions.includes('CHARGE')}
        />
      </Form>
    </Section>
  );
}
