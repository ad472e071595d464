/** A member's own second factors: the authenticator app, and passkeys. */
import { type Factors, readFactors } from '../../api/factors.ts';
import { Skeleton } from '../../parts/list.tsx';
import { useLoad } from '../../parts/load.ts';
import { Section } from '../../parts/page.tsx';
import { Problem } from '../../parts/problem.tsx';
import { Passkeys } from './passkeys.tsx';
import { SecondFactor } from './second-factor.tsx';

export interface FactorProps {
  factors: Factors;
  /** The member's e-mail address. */
  account: string;
  onChange(): void;
}

export function OwnFactors({ account }: { account: string }) {
  const { value, failure, reload } = useLoad('own factors', readFactors);
  if (!value) {
    return (
      <Section title="Second factor">
        {failure ? <Problem failure={failure} onRetry={reload} /> : <Skeleton lines={2} />}
      </Section>
    );
  }
  const all = { factors: value, account, onChange: reload };
  return (
    <>
      <SecondFactor {...all} />
      <Passkeys {...all} />
    </>
  );
}
