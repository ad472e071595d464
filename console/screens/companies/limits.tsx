/** What a company holds of what it may, as bars, and the form that changes what it may. */

import { useState } from 'preact/hooks';
import { type Company, LIMITS, type Limit, limitNames } from '../../api/companies.ts';
import { Failure } from '../../api/failure.ts';
import { mutate } from '../../api/graphql.ts';
import { Cancel } from '../../parts/cancel.tsx';
import { Dialog } from '../../parts/dialog.tsx';
import { Field, Form, textOf } from '../../parts/form.tsx';
import { quoted, useNotice } from '../../parts/notices.tsx';
import { Section } from '../../parts/page.tsx';
import { Usage } from '../../parts/usage.tsx';

interface LimitsProps {
  company: Company;
  onChange(): void;
}

const COUNT = new Intl.NumberFormat();

/** The largest whole number of GraphQL. */
const MOST = 2_147_483_647;

/**
 * The limits that differ from what was shown: null is the service's own. Throws a Failure at each
 * field that is no number.
 */
function changesIn(values: FormData, { limits }: Company): Partial<Record<Limit, number | null>> {
  const wrong: Record<string, string> = {};
  const changes: Partial<Record<Limit, number | null>> = {};
  for (const name of limitNames) {
    const text = textOf(values, name).replace(/[\s\u00A0\u202F]/g, '');
    const figure = text === '' ? null : Number(text);
    if (figure !== null && !(/^\d+$/.test(text) && figure <= MOST)) {
      wrong[name] = `Must be a whole number from 0 to ${COUNT.format(MOST)}, in digits alone.`;
    } else if (figure !== limits[name]) {
      changes[name] = figure;
    }
  }
  if (Object.keys(wrong).length > 0) throw new Failure('refused', '', wrong);
  return changes;
}

function ChangeLimits({ company, onChange, onClose }: LimitsProps & { onClose(): void }) {
  const say = useNotice();
  const submit = async (values: FormData) => {
    const limits = changesIn(values, company);
    if (Object.keys(limits).length > 0) {
      await mutate('updateIntermediary', '', { id: company.id, limits });
      say(`The limits of ${quoted(company.name)} are changed.`);
      onChange();
    }
    onClose();
  };
  return (
    <Dialog title="Change limits" onClose={onClose}>
      <Form
        onSubmit={submit}
        submit="Save limits"
        submitting="Saving …"
        buttons={<Cancel onClose={onClose} />}
      >
        <p class="hint">
          What is over a new limit stays: only nothing is added. An empty field takes the limit that
          this service has for all companies.
        </p>
        <div class="columns">
          {limitNames.map((name) => (
            <Field
              key={name}
              name={name}
              label={name === 'eventsPerDay' ? 'Events a day' : LIMITS[name]}
              inputMode="numeric"
              defaultValue={String(company.limits[name])}
            />
          ))}
        </div>
      </Form>
    </Dialog>
  );
}

export function Limits({ company, onChange }: LimitsProps) {
  const [isChanging, setChanging] = useState(false);
  return (
    <Section
      title="Usage and limits"
      about="At a limit, calls that would add more are refused. What ends something always works."
      actions={
        <button type="button" class="small" onClick={() => setChanging(true)}>
          Change limits
        </button>
      }
    >
      <Usage of={company} />
      {isChanging && (
        <ChangeLimits company={company} onChange={onChange} onClose={() => setChanging(false)} />
      )}
    </Section>
  );
}
