/** The member's company: how its people sign in, what support may do, and what it holds. */
import { type Factors, hasFactor, readFactors } from '../../api/factors.ts';
import { type OwnCompany, readOwnCompany } from '../../api/own-company.ts';
import { Skeleton } from '../../parts/list.tsx';
import { useLoad } from '../../parts/load.ts';
import { Page, Section } from '../../parts/page.tsx';
import { Problem } from '../../parts/problem.tsx';
import { Usage } from '../../parts/usage.tsx';
import { RequireFactor } from './require-factor.tsx';
import { SupportSettings } from './support-settings.tsx';

async function read(signal: AbortSignal): Promise<[OwnCompany, Factors]> {
  return Promise.all([readOwnCompany(signal), readFactors(signal)]);
}

export function Screen() {
  const { value, failure, reload } = useLoad('own company', read);
  if (!value) {
    return (
      <Page title="Company">
        {failure ? <Problem failure={failure} onRetry={reload} /> : <Skeleton />}
      </Page>
    );
  }
  const [company, factors] = value;
  return (
    <Page
      title="Company"
      about={
        <>
          <bdi>{company.name}</bdi> · Number <span class="number">{company.id}</span>
        </>
      }
    >
      {failure && <Problem failure={failure} onRetry={reload} />}
      <RequireFactor company={company} hasOwn={hasFactor(factors)} onChange={reload} />
      <SupportSettings company={company} onChange={reload} />
      <Section
        title="Usage and limits"
        about="At a limit, calls that would add more are refused. What ends something always works."
      >
        <Usage of={company} />
      </Section>
    </Page>
  );
}
