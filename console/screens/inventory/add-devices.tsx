/** Adding devices from a list: what it would do is shown first. */
import { useEffect, useRef, useState } from 'preact/hooks';
import type { CompanyName } from '../../api/companies.ts';
import { Failure } from '../../api/failure.ts';
import { Progress } from '../../parts/bar.tsx';
import { CompanyChoice } from '../../parts/company-choice.tsx';
import { Form } from '../../parts/form.tsx';
import { Page, Section } from '../../parts/page.tsx';
import { type Outcome, sendLines } from './batches.ts';
import { readList } from './lines.ts';
import { ListField } from './list-field.tsx';
import { Preview, type Previewed } from './preview.tsx';
import { type Target, TargetChoice } from './target-choice.tsx';

const TRAIL = [['/console/inventory', 'Inventory']] as const;

/** More are divided. */
const MOST_LINES = 20_000;

const refuse = (sentence: string) => new Failure('refused', sentence, { list: sentence });

/** The lines of the list. Throws a Failure of the field `list` for one that is none. */
function listIn(text: string) {
  const list = readList(text);
  if (list.lines.length === 0) throw refuse('Give at least one device.');
  if (list.lines.length <= MOST_LINES) return list;
  throw refuse(`These are ${list.lines.length} lines. Give at most ${MOST_LINES} at a time.`);
}

interface EntryProps {
  text: string;
  onText(text: string): void;
  target: Target;
  onTarget(target: Target): void;
  company: CompanyName | undefined;
  onCompany(company: CompanyName | undefined): void;
  onPreview(previewed: Previewed): void;
}

function Entry(props: EntryProps) {
  const { text, onText, target, onTarget, company, onCompany, onPreview } = props;
  const [progress, setProgress] = useState<{ done: number; of: number }>();
  const isHere = useRef(true);
  useEffect(
    () => () => {
      isHere.current = false;
    },
    [],
  );
  const submit = async () => {
    if (target === 'company' && !company) {
      throw new Failure('refused', '', { intermediaryId: 'Choose a company.' });
    }
    const { lines, header, ignored } = listIn(text);
    const outcomes: Outcome[] = [];
    const warnings: string[] = [];
    const to = target === 'company' ? (company ?? null) : null;
    try {
      await sendLines(lines, {
        ...{ companyId: to?.id ?? null, dryRun: true },
        onBatch(some, warned) {
          outcomes.push(...some);
          warnings.push(...warned);
          setProgress({ done: outcomes.length, of: lines.length });
          return isHere.current;
        },
      });
    } finally {
      setProgress(undefined);
    }
    if (isHere.current) onPreview({ company: to, outcomes, warnings, header, ignored });
  };
  return (
    <Section title="List" about="Nothing is changed yet: first you see what would happen.">
      <Form onSubmit={submit} submit="Preview" submitting="Looking …">
        <TargetChoice value={target} onChange={onTarget} />
        {target === 'company' && (
          <CompanyChoice label="Company" chosen={company} onChange={onCompany} />
        )}
        <ListField text={text} onText={onText} />
        {progress && <Progress label="Looked at" {...progress} />}
      </Form>
    </Section>
  );
}

export function AddDevices() {
  const [text, setText] = useState('');
  const [target, setTarget] = useState<Target>('company');
  const [company, setCompany] = useState<CompanyName>();
  const [previewed, setPreviewed] = useState<Previewed>();
  const back = (rest?: string) => {
    if (rest !== undefined) setText(rest);
    setPreviewed(undefined);
  };
  return (
    <Page
      title="Add devices"
      trail={TRAIL}
      about="From a list: for a company, or into stock. A device that is already so stays so."
    >
      {previewed ? (
        <Preview previewed={previewed} onBack={back} />
      ) : (
        <Entry
          {...{ text, target, company }}
          onText={setText}
          onTarget={setTarget}
          onCompany={setCompany}
          onPreview={setPreviewed}
        />
      )}
    </Page>
  );
}
