/** A field that chooses one company by the beginning of its name: there may be thousands. */
import { useId, useState } from 'preact/hooks';
import { type CompanyName, readCompanyNames } from '../api/companies.ts';
import { useField } from './form.tsx';
import { Skeleton } from './list.tsx';
import { usePages } from './pages.ts';
import { Problem } from './problem.tsx';

interface CompanyChoiceProps {
  label: string;
  chosen: CompanyName | undefined;
  onChange(company: CompanyName | undefined): void;
}

/** As many as fit below the search. */
const SHOWN = 6;

function Options({ search, onChange }: { search: string; onChange(company: CompanyName): void }) {
  const pages = usePages(search, (after, signal) =>
    readCompanyNames({ search, after, signal, first: SHOWN }),
  );
  const { rows, failure, reload, hasMore, busy, readMore } = pages;
  if (!rows) {
    return failure ? <Problem failure={failure} onRetry={reload} /> : <Skeleton lines={2} />;
  }
  if (rows.length === 0) return <p class="hint">No company’s name begins with this.</p>;
  return (
    <>
      <ul class="options">
        {rows.map((company) => (
          <li key={company.id}>
            <button type="button" class="plain" onClick={() => onChange(company)}>
              <bdi>{company.name}</bdi> <small class="faint">{company.id}</small>
            </button>
          </li>
        ))}
      </ul>
      {hasMore && (
        <button type="button" class="small" disabled={busy} onClick={readMore}>
          More companies
        </button>
      )}
    </>
  );
}

/** Its name in the form is `intermediaryId`. */
export function CompanyChoice({ label, chosen, onChange }: CompanyChoiceProps) {
  const searchId = useId();
  const [search, setSearch] = useState('');
  const { attributes, notes } = useField('intermediaryId');
  if (chosen) {
    return (
      <div class="field">
        <span class="label">{label}</span>
        <input type="hidden" {...attributes} value={chosen.id} />
        <p class="picked">
          <bdi>{chosen.name}</bdi>
          <button type="button" class="small" onClick={() => onChange(undefined)}>
            Choose another
          </button>
        </p>
        {notes}
      </div>
    );
  }
  return (
    <div class="field">
      <label for={searchId}>{label}</label>
      <div class="choice">
        <input
          {...attributes}
          id={searchId}
          type="search"
          placeholder="Name begins with …"
          autoComplete="off"
          value={search}
          onInput={(event) => setSearch(event.currentTarget.value)}
        />
        <Options search={search.trim()} onChange={onChange} />
      </div>
      {notes}
    </div>
  );
}
