/** One company: what it holds of what it may, and how far its removal is. */
import { type Company, readCompany } from '../../api/companies.ts';
import { Failure, SENTENCES } from '../../api/failure.ts';
import { Badge } from '../../parts/badge.tsx';
import { Skeleton } from '../../parts/list.tsx';
import { useLoad } from '../../parts/load.ts';
import { Page } from '../../parts/page.tsx';
import { Problem } from '../../parts/problem.tsx';
import { CompanyActions } from './company-actions.tsx';
import { Limits } from './limits.tsx';
import { Removing } from './removing.tsx';

const TRAIL = [['/console/companies', 'Companies']] as const;

async function find(id: string, signal: AbortSignal): Promise<Company> {
  const company = await readCompany(id, signal);
  if (company) return company;
  throw new Failure('missing', SENTENCES.missing);
}

export function CompanyPage({ id }: { id: string }) {
  const { value: company, failure, reload } = useLoad(id, (signal) => find(id, signal));
  if (!company) {
    return (
      <Page title="Company" trail={TRAIL}>
        {failure ? <Problem failure={failure} onRetry={reload} /> : <Skeleton />}
      </Page>
    );
  }
  return (
    <Page
      title={company.name}
      trail={TRAIL}
      badges={company.removal && <Badge tone="bad">Removed</Badge>}
      about={
        <>
          Number <span class="number">{company.id}</span>
          {' · '}
          <a href={`/console/shipping?status=all&company=${company.id}`}>Its orders</a>
        </>
      }
      actions={!company.removal && <CompanyActions company={company} onChange={reload} />}
    >
      {failure && <Problem failure={failure} onRetry={reload} />}
      {company.removal ? (
        <Removing company={company} removal={company.removal} onTime={reload} />
      ) : (
        <Limits company={company} onChange={reload} />
      )}
    </Page>
  );
}
